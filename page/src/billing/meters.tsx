import { Fragment } from 'preact';
import type {
  CurrentUsageResponse,
  LimitUseResponse,
  MinutesUseResponse,
} from '#interfaces/http/usage/current-usage.response';
import type { UsagePredictionsResponse } from '#interfaces/http/usage/usage-outlook.response';
import { Badge } from '../shared/components/badge';
import { Button } from '../shared/components/button';
import { Meter } from '../shared/components/meter';
import { Moment } from '../shared/components/moment';
import { Section } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { COMMON } from '../shared/words';
import { barOf, levelOf, paceOf, type Pace } from './meters-reckoning';
import { METERS } from './meters.words';
import './meters.css';

const METRICS = ['sessions', 'minutes', 'transcriptions'] as const;

/** What is used of the plan, what running work holds, what is left, and where it goes. */
export function Meters() {
  const locale = useLocale();
  const words = locale.words(METERS);
  const [usage, retry] = useResource<CurrentUsageResponse>('/api/v1/usage/current');
  const [outlook, retryOutlook] = useResource<UsagePredictionsResponse>('/api/v1/usage/predictions');
  return (
    <Section id="meters" title={words.title} resource={usage} retry={retry} lines={16}>
      {(data) => (
        <>
          <Reset usage={data} />
          {METRICS.map((metric) => (
            <LimitUse
              key={metric}
              label={words[metric]}
              use={data[metric]}
              end={data.period_end}
              pace={outlook.state === 'ready' ? paceOf(outlook.data[metric], outlook.data, outlook.at) : null}
            />
          ))}
          {(outlook.state === 'failed' || (outlook.state === 'ready' && outlook.stale)) && (
            <p role="status" class="quiet">
              {words.noPace}{' '}
              <Button kind="link" onClick={retryOutlook}>
                {locale.words(COMMON).retry}
              </Button>
            </p>
          )}
          <OtherLimits usage={data} />
        </>
      )}
    </Section>
  );
}

function Reset({ usage: { period_end: end, days_until_reset: days } }: { readonly usage: CurrentUsageResponse }) {
  const locale = useLocale();
  const words = locale.words(METERS);
  if (end === null) return <p class="quiet">{words.openPeriod}</p>;
  return (
    <p class="quiet meter-facts">
      <span>
        {words.resets} <Moment at={end} />
      </span>
      {days !== null && days > 0 && <span>{locale.inDays(days)}</span>}
    </p>
  );
}

interface LimitUseProps {
  readonly label: string;
  readonly use: LimitUseResponse | MinutesUseResponse;
  readonly end: string | null;
  readonly pace: Pace | null;
}

function LimitUse({ label, use, end, pace }: LimitUseProps) {
  const locale = useLocale();
  const words = locale.words(METERS);
  const { limit, remaining } = use;
  const used = locale.number(use.used);
  const text = limit === 'unlimited' ? words.unlimited(used) : words.of(used, locale.number(limit));
  const held = use.held > 0 ? words.held(locale.number(use.held)) : null;
  const left = remaining === 'unlimited' ? null : words.left(locale.number(remaining));
  const bar = barOf(use);
  const level = limit === 'unlimited' ? 'fine' : levelOf(bar.used + bar.held, limit);
  return (
    <div class="stack">
      <div class="row">
        <h3>{label}</h3>
        {level !== 'fine' && <Badge tone={level === 'near' ? 'warn' : 'bad'}>{words.level[level]}</Badge>}
        <span>{text}</span>
      </div>
      {limit !== 'unlimited' && (
        <Meter label={label} text={[text, held, left].filter(Boolean).join('. ')} {...bar} limit={limit} />
      )}
      {(left !== null || held !== null || pace !== null) && (
        <p class="quiet meter-facts">
          {left !== null && <span>{left}</span>}
          {held !== null && <span>{held}</span>}
          {pace !== null && end !== null && <PaceText pace={pace} end={end} />}
        </p>
      )}
    </div>
  );
}

function PaceText({ pace: { projected, limit, meetsAt }, end }: { readonly pace: Pace; readonly end: string }) {
  const locale = useLocale();
  const words = locale.words(METERS);
  const by = locale.day(end);
  return (
    <>
      <span>
        {limit === 'unlimited'
          ? words.paceUnlimited(locale.number(projected), by)
          : words.pace(locale.number(projected), locale.number(limit), by)}
      </span>
      {meetsAt !== null && <span>{words.meets(locale.day(meetsAt))}</span>}
    </>
  );
}

function OtherLimits({ usage }: { readonly usage: CurrentUsageResponse }) {
  const locale = useLocale();
  const words = locale.words(METERS);
  const { running, limit } = usage.concurrent_transcriptions;
  const facts = [
    [words.running, words.runningOf(locale.number(running), locale.number(limit))],
    [words.fileSize, `${locale.number(usage.file_size_limit_mb)} MB`],
    [words.formats, usage.export_formats.map((format) => format.toUpperCase()).join(', ')],
    [
      words.retention,
      usage.retention_days === 'unlimited' ? locale.words(COMMON).unlimited : locale.unit(usage.retention_days, 'day'),
    ],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
