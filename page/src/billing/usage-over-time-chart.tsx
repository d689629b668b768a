import type { UsageBucketResponse } from '#interfaces/http/usage/usage-report.response';
import { Bars } from '../shared/components/bars';
import { DataTable } from '../shared/components/data-table';
import { useLocale } from '../shared/locale';
import { axisEnd, fullestOf, minutesOf, namedPlaces, type Span } from './usage-over-time-reckoning';
import { METERS } from './meters.words';
import { USAGE } from './usage-over-time.words';

interface ChartProps {
  readonly span: Span;
  readonly buckets: readonly UsageBucketResponse[];
}

/** Minutes as bars between named axes, and the same as a table. */
export function UsageChart({ span, buckets }: ChartProps) {
  const locale = useLocale();
  const words = locale.words(USAGE);
  const units = locale.words(METERS);
  const when = ({ start }: UsageBucketResponse): string =>
    span === 'year' ? locale.utcMonth(start) : locale.utcDay(start);
  const most = axisEnd(Math.max(...buckets.map(({ minutes }) => minutes)));
  const fullest = fullestOf(buckets)!;
  const minutes = (count: number): string => locale.unit(count, 'minute');
  return (
    <>
      <figure class="stack">
        <figcaption class="quiet">{units.minutes}</figcaption>
        <div class="usage-chart">
          <div class="usage-scale" aria-hidden="true">
            {[most, most / 2, 0].map((tick) => (
              <span key={tick}>{locale.number(tick)}</span>
            ))}
          </div>
          <Bars
            label={words.chart(minutes(minutesOf(buckets)), minutes(fullest.minutes), when(fullest))}
            most={most}
            bars={buckets.map((bucket) => ({
              key: bucket.start,
              label: `${when(bucket)}: ${minutes(bucket.minutes)}`,
              value: bucket.minutes,
            }))}
          />
          <div class="usage-times" aria-hidden="true">
            {namedPlaces(buckets.length).map((place) => (
              <span key={place}>{when(buckets[place]!)}</span>
            ))}
          </div>
        </div>
      </figure>
      <details>
        <summary>{words.asTable}</summary>
        <DataTable
          caption={units.minutes}
          hideCaption
          keyOf={({ start }) => start}
          rows={buckets}
          columns={[
            { head: words.columns[span], cell: when },
            { head: units.minutes, numeric: true, cell: (row) => locale.number(row.minutes) },
            { head: units.transcriptions, numeric: true, cell: (row) => locale.number(row.transcriptions) },
            { head: words.failed, numeric: true, cell: (row) => locale.number(row.failed) },
          ]}
        />
      </details>
    </>
  );
}
