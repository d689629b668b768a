import type { Replay } from '#application/payments/payment-event-replay';
import type { PaymentEvent } from '#domain/payments/payment-event';
import { type Answer, changes, difference, type Facts, table } from '../shared/answer.js';

export function eventsListed(events: readonly PaymentEvent[], total: number, offset: number): Answer {
  const last = offset + events.length;
  const rows = events.map(({ id, type, status, receivedAt, failures, lastError }) => [
    id,
    type,
    status,
    receivedAt.toISOString(),
    String(failures),
    lastError ?? '',
  ]);
  return {
    json: { data: events.map(eventJson), total, has_more: last < total },
    text: rows.length === 0 ? 'No event.' : table(['id', 'type', 'status', 'received', 'failures', 'last error'], rows),
    note: last < total ? `${offset + 1} to ${last} of ${total}; go on with --offset ${last}.` : undefined,
  };
}

export function eventReplayed({ before, after }: Replay, dryRun: boolean): Answer {
  const [was, is] = [replayable(before), replayable(after)];
  const sentence = dryRun
    ? `Event ${after.id} (${after.type}) would be handled again. Nothing was changed.`
    : `Event ${after.id} (${after.type}) is handled again by a worker within seconds.`;
  const lines = difference(was, is);
  return {
    json: { event: eventJson(after), changes: changes(was, is), done: !dryRun },
    text: lines === '' ? sentence : `${sentence}\n${lines}`,
  };
}

function eventJson(event: PaymentEvent): Facts {
  return {
    id: event.id,
    gateway: event.gateway,
    type: event.type,
    status: event.status,
    api_version: event.apiVersion,
    live: event.live,
    payment_id: event.paymentId,
    failures: event.failures,
    last_error: event.lastError,
    created_at: event.createdAt.toISOString(),
    received_at: event.receivedAt.toISOString(),
    closed_at: event.closedAt?.toISOString() ?? null,
  };
}

function replayable({ status, failures, lastError }: PaymentEvent): Facts {
  return { status, failures, last_error: lastError };
}
