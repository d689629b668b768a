import { useEffect, useRef } from 'preact/hooks';
import type {
  HealthFindingResponse,
  HealthReportResponse,
  VerificationRunListResponse,
  VerificationRunResponse,
} from '#interfaces/http/admin/operations.response';
import { announce } from '../shared/components/announcer';
import { Badge, type Tone } from '../shared/components/badge';
import { Button } from '../shared/components/button';
import { DataTable } from '../shared/components/data-table';
import { Moment } from '../shared/components/moment';
import { ProblemNote } from '../shared/components/problem';
import { Empty, Section } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { announceChange, useApi, useDeed, useResource } from '../shared/resource';

/** While a verification runs it is asked about this often. */
const ASKED_EVERY_MS = 2000;

const VERDICTS: Readonly<Record<HealthFindingResponse['verdict'], Tone>> = {
  ok: 'good',
  warning: 'warn',
  broken: 'bad',
  unavailable: 'bad',
};

/** Whether the installation is well, and whether every number can still be proved. */
export function Books() {
  return (
    <>
      <Verification />
      <Health />
    </>
  );
}

function Health() {
  const [report, retry] = useResource<HealthReportResponse>('/api/v1/admin/doctor');
  return (
    <Section
      id="doctor"
      title="Installation"
      resource={report}
      retry={retry}
      lines={8}
      aside={<Button onClick={retry}>Look again</Button>}
    >
      {({ findings, checked_at }) => (
        <>
          <p class="quiet">
            {'As of '}
            <Moment at={checked_at} />
          </p>
          <DataTable
            caption="What was looked at"
            hideCaption
            rows={findings}
            keyOf={({ check }) => check}
            columns={[
              { head: 'Check', cell: ({ check }) => check },
              { head: 'Verdict', cell: ({ verdict }) => <Badge tone={VERDICTS[verdict]}>{verdict}</Badge> },
              { head: 'What was seen', cell: ({ summary }) => summary },
              { head: 'What to do', cell: ({ next }) => next ?? 'nothing' },
            ]}
          />
        </>
      )}
    </Section>
  );
}

const PATH = '/api/v1/admin/verification';

function Verification() {
  const api = useApi();
  const [runs, retry] = useResource<VerificationRunListResponse>(`${PATH}?limit=5`);
  const newest = runs.state === 'ready' ? runs.data.data[0] : undefined;
  const isRunning = newest?.status === 'running';
  const wasRunning = useRef(false);
  useEffect(() => {
    if (!isRunning) return;
    const again = setInterval(retry, ASKED_EVERY_MS);
    return () => clearInterval(again);
  }, [isRunning, retry]);
  useEffect(() => {
    if (wasRunning.current && !isRunning) {
      announce('The verification is finished.');
      announceChange();
    }
    wasRunning.current = isRunning;
  }, [isRunning]);
  const begin = useDeed(async () => {
    await api.send('POST', PATH, null);
    retry();
  });
  return (
    <Section
      id="verification"
      title="Verification of the books"
      resource={runs}
      retry={retry}
      lines={6}
      aside={
        <Button kind="primary" busy={begin.isRunning || isRunning} onClick={() => void begin.run()}>
          Verify now
        </Button>
      }
    >
      {({ data }) => (
        <>
          <ProblemNote problem={begin.problem} />
          {data.length === 0 ? (
            <Empty>Never verified. It runs every day, and when you ask for it.</Empty>
          ) : (
            <ol class="timeline">
              {data.map((run) => (
                <Run key={run.id} run={run} />
              ))}
            </ol>
          )}
        </>
      )}
    </Section>
  );
}

function Run({ run }: { readonly run: VerificationRunResponse }) {
  const locale = useLocale();
  const checked = Object.entries(run.checked).map(
    ([what, count]) => `${locale.number(count)} ${what.replaceAll('_', ' ')}`,
  );
  return (
    <li>
      <Moment at={run.started_at} />
      <span class="quiet">{run.requested_by}</span>
      <div class="stack">
        <span>
          <Badge tone={toneOf(run)}>{outcomeOf(run)}</Badge> {checked.join(', ')}
          {run.error}
        </span>
        {run.findings.length > 0 && (
          <details>
            <summary>Differences</summary>
            <pre class="payload">{JSON.stringify(run.findings, null, 2)}</pre>
          </details>
        )}
      </div>
    </li>
  );
}

function toneOf({ status, findings_count: found }: VerificationRunResponse): Tone {
  if (status === 'running') return 'info';
  return status === 'verified' && found === 0 ? 'good' : 'bad';
}

function outcomeOf({ status, findings_count: found, truncated }: VerificationRunResponse): string {
  if (status !== 'verified') return status;
  if (found === 0) return 'no difference';
  return `${found}${truncated ? ' or more' : ''} difference${found === 1 ? '' : 's'}`;
}
