import { useEffect, useState } from 'preact/hooks';
import type {
  PaymentEventDetailResponse,
  PaymentEventResponse,
} from '#interfaces/http/payments/payment-event.response';
import { announce } from '../shared/components/announcer';
import { Badge, type Tone } from '../shared/components/badge';
import { Button } from '../shared/components/button';
import { DataTable } from '../shared/components/data-table';
import { Dialog } from '../shared/components/dialog';
import { Moment } from '../shared/components/moment';
import { ProblemNote } from '../shared/components/problem';
import { Empty, Loaded, Section } from '../shared/components/section';
import { announceChange, useApi, useDeed, useResource } from '../shared/resource';
import { usePaged } from './paged';
import { Pager } from './pager';

const PATH = '/api/v1/admin/webhooks/events';

/** While an event waits for its turn it is asked about this often. */
const ASKED_EVERY_MS = 2000;

const TONES: Readonly<Record<PaymentEventResponse['status'], Tone>> = {
  received: 'info',
  applied: 'good',
  ignored: 'quiet',
  dead: 'bad',
};

/** What payment providers told us, and what became of it. */
export function Webhooks() {
  const [status, setStatus] = useState('');
  const [type, setType] = useState('');
  const [shown, setShown] = useState<string | null>(null);
  const paged = usePaged<PaymentEventResponse>(PATH, { status, type });
  return (
    <Section
      id="webhooks"
      title="Webhook events"
      resource={paged.resource}
      retry={paged.retry}
      lines={8}
      aside={
        <div class="controls">
          <label class="field">
            Status
            <select value={status} onChange={(event) => setStatus(event.currentTarget.value)}>
              <option value="">all</option>
              {Object.keys(TONES).map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Type
            <input
              value={type}
              placeholder="invoice.paid"
              onChange={(event) => setType(event.currentTarget.value.trim())}
            />
          </label>
        </div>
      }
    >
      {(list) => (
        <>
          {list.data.length === 0 ? (
            <Empty>No events like this. They appear as soon as the payment provider tells us something.</Empty>
          ) : (
            <DataTable
              caption="Events, newest first"
              hideCaption
              rows={list.data}
              keyOf={({ id }) => id}
              columns={[
                { head: 'Received', cell: ({ received_at }) => <Moment at={received_at} /> },
                { head: 'Type', cell: (event) => event.type },
                { head: 'Status', cell: (event) => <Badge tone={TONES[event.status]}>{event.status}</Badge> },
                { head: 'Failures', numeric: true, cell: ({ failures }) => failures },
                { head: 'Last error', cell: ({ last_error }) => last_error ?? 'none' },
                {
                  head: 'Event',
                  cell: ({ id }) => (
                    <Button kind="link" onClick={() => setShown(id)}>
                      {id}
                    </Button>
                  ),
                },
              ]}
            />
          )}
          <Pager list={list} paged={paged} />
          {shown !== null && <EventDialog id={shown} onClose={() => setShown(null)} />}
        </>
      )}
    </Section>
  );
}

function EventDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const api = useApi();
  const path = `${PATH}/${encodeURIComponent(id)}`;
  const [resource, retry] = useResource<PaymentEventDetailResponse>(path);
  const [reason, setReason] = useState('');
  const isWaiting = resource.state === 'ready' && resource.data.status === 'received';
  useEffect(() => {
    if (!isWaiting) return;
    const again = setInterval(announceChange, ASKED_EVERY_MS);
    return () => clearInterval(again);
  }, [isWaiting]);
  const replay = useDeed(async () => {
    await api.send('POST', `${path}/replay`, { reason });
    announce('The event is being handled again.');
    announceChange();
  });
  return (
    <Dialog
      title={id}
      onClose={onClose}
      actions={
        <>
          <Button
            kind="primary"
            busy={replay.isRunning}
            disabled={reason.trim() === ''}
            onClick={() => void replay.run()}
          >
            Handle again
          </Button>
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      <Loaded resource={resource} retry={retry} lines={6}>
        {(event) => (
          <>
            <dl class="facts">
              <dt>Type</dt>
              <dd>{event.type}</dd>
              <dt>Status</dt>
              <dd>
                <Badge tone={TONES[event.status]}>{event.status}</Badge>
              </dd>
              <dt>Happened</dt>
              <dd>
                <Moment at={event.created_at} />
              </dd>
              <dt>Failures</dt>
              <dd>{event.failures}</dd>
              <dt>Last error</dt>
              <dd>{event.last_error ?? 'none'}</dd>
            </dl>
            <pre class="payload" tabIndex={0} aria-label="The event as it came">
              {JSON.stringify(event.payload, null, 2)}
            </pre>
          </>
        )}
      </Loaded>
      <label class="field">
        Why it is handled again (kept in the audit log)
        <input value={reason} maxLength={500} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <ProblemNote problem={replay.problem} />
    </Dialog>
  );
}
