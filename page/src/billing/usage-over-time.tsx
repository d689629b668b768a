import { useState } from 'preact/hooks';
import type {
  ProviderShareResponse,
  UsageSummaryResponse,
  UsageTrendsResponse,
} from '#interfaces/http/usage/usage-report.response';
import { Button } from '../shared/components/button';
import { DataTable } from '../shared/components/data-table';
import { ProblemNote } from '../shared/components/problem';
import { Empty, Loaded, SectionFrame, Skeleton } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useApi, useDeed, useResource } from '../shared/resource';
import { UsageChart } from './usage-over-time-chart';
import { daysOf, isNothing, shareOf, type Span, SPANS, trendsOf } from './usage-over-time-reckoning';
import { METERS } from './meters.words';
import { USAGE } from './usage-over-time.words';
import './usage-over-time.css';

/** What was used when, and of whom; each of the two asked for by itself. */
export function UsageOverTime() {
  const locale = useLocale();
  const words = locale.words(USAGE);
  const [span, setSpan] = useState<Span>('period');
  const [trends, retry] = useResource<UsageTrendsResponse>(trendsOf(span));
  const [summary, retrySummary] = useResource<UsageSummaryResponse>('/api/v1/usage/summary');
  const known = summary.state === 'ready' ? summary.data : null;
  const periodStart = span === 'period' ? (known?.current.period_start ?? null) : null;
  return (
    <SectionFrame
      id="usage-over-time"
      title={words.title}
      busy={trends.state === 'loading'}
      aside={
        <label class="field">
          <span class="unseen">{words.show}</span>
          <select value={span} onChange={(event) => setSpan(event.currentTarget.value as Span)}>
            {SPANS.map((one) => (
              <option key={one} value={one}>
                {words.spans[one]}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <Loaded resource={trends} retry={retry} lines={8}>
        {({ data, group_by: by }) => {
          // Where the period begins is the summary's to say; without it, all the days that were asked for are shown.
          if (span === 'period' && summary.state === 'loading') return <Skeleton lines={8} />;
          const buckets = by === 'day' ? daysOf(data, periodStart) : data;
          return (
            <>
              {isNothing(buckets) ? (
                <Empty>{known?.totals.transcriptions === 0 ? words.first : words.nothing}</Empty>
              ) : (
                <UsageChart span={span} buckets={buckets} />
              )}
              <Download from={span === 'period' ? null : (buckets[0]?.start ?? null)} />
            </>
          );
        }}
      </Loaded>
      <h3>{words.byProvider}</h3>
      <Loaded resource={summary} retry={retrySummary}>
        {({ by_provider: shares }) => <Providers shares={shares} />}
      </Loaded>
    </SectionFrame>
  );
}

function Providers({ shares }: { readonly shares: readonly ProviderShareResponse[] }) {
  const locale = useLocale();
  const words = locale.words(USAGE);
  if (shares.length === 0) return <Empty>{words.first}</Empty>;
  return (
    <DataTable
      caption={words.byProvider}
      hideCaption
      keyOf={({ provider }) => provider}
      rows={shares}
      columns={[
        { head: words.provider, cell: ({ provider }) => provider },
        {
          head: words.share,
          cell: ({ seconds }) => {
            const percent = shareOf(seconds, shares);
            return (
              <span class="usage-share">
                <span class="meter" aria-hidden="true">
                  <span class="meter-used" style={{ inlineSize: `${percent}%` }} />
                </span>
                {locale.percent(percent)}
              </span>
            );
          },
        },
        { head: locale.words(METERS).minutes, numeric: true, cell: (row) => locale.number(row.minutes) },
        { head: words.runs, numeric: true, cell: (row) => locale.number(row.count) },
      ]}
    />
  );
}

/** The entries behind the chart; of the current period where no instant is named. */
function Download({ from }: { readonly from: string | null }) {
  const words = useLocale().words(USAGE);
  const api = useApi();
  const download = useDeed(async () => {
    const query = from === null ? '' : `&from=${encodeURIComponent(from)}`;
    const address = URL.createObjectURL(await api.file(`/api/v1/usage/export?format=csv${query}`));
    const link = Object.assign(document.createElement('a'), {
      href: address,
      download: from === null ? 'usage.csv' : `usage-from-${from.slice(0, 10)}.csv`,
    });
    link.click();
    // The browser has begun to write it by then; at once would be too early for some.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  });
  return (
    <div class="actions">
      <Button onClick={() => void download.run()} busy={download.isRunning}>
        {words.download}
      </Button>
      <ProblemNote problem={download.problem} />
    </div>
  );
}
