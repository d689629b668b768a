import type { PaymentReconciliationRun } from '../payments/payment-reconciliation-log.js';
import { count, type Finding, ok } from './finding.js';
import type { PaymentsState, ScheduleState } from './system-state.js';

/** So long an event may wait before it is called late: it is handled within seconds, and retried within minutes. */
export const EVENTS_PATIENCE_MS = 15 * 60_000;

/** The reconciler runs every hour; after three of them it is called asleep. */
export const PAYMENTS_PATIENCE_MS = 3 * 60 * 60_000;

/** Since when the reconciler should have looked at payments, and what is known of its schedule. */
export interface ReconcilerClock {
  readonly stale: Date;
  readonly schedule: ScheduleState | null;
  /** The product's time was moved ahead of the world's, by which workers go. */
  readonly isShifted: boolean;
}

/** What there is to say of payments. */
export function paymentFindings(
  state: PaymentsState,
  latest: PaymentReconciliationRun | null,
  clock: ReconcilerClock,
): readonly Finding[] {
  return [deadEvents(state), lateEvents(state), reviews(state), overdue(state), reconciler(state, latest, clock)];
}

function deadEvents({ deadEvents: dead }: PaymentsState): Finding {
  if (dead === 0) return ok('dead_webhooks', 'No event of a payment provider was given up.');
  return {
    check: 'dead_webhooks',
    verdict: 'broken',
    summary: `Given up, after failing as often as it may: ${count(dead, 'event')} of the payment provider.`,
    next: 'See why with "minutebook webhooks list --status dead"; mend the cause, then "minutebook webhooks replay <event>".',
  };
}

function lateEvents({ lateEvents: late, oldestLateAt }: PaymentsState): Finding {
  if (late === 0 || oldestLateAt === null) {
    return ok('late_webhooks', 'No event of a payment provider waits for long.');
  }
  return {
    check: 'late_webhooks',
    verdict: 'warning',
    summary: `Received and not applied: ${count(late, 'event')}, the oldest since ${oldestLateAt.toISOString()}.`,
    next: 'See why with "minutebook webhooks list --status received"; without an error there, look whether a worker runs.',
  };
}

function reviews({ inReview }: PaymentsState): Finding {
  if (inReview === 0) return ok('reviews', 'No payment waits for a decision.');
  return {
    check: 'reviews',
    verdict: 'broken',
    summary: `Not what was ordered, by what the provider says: ${count(inReview, 'payment')}. No credit was given for that.`,
    next: 'Read problem in payments where status = \'review\'; refund it at the provider, or grant the credit with "minutebook credits grant".',
  };
}

function overdue({ overdue: payments }: PaymentsState): Finding {
  if (payments === 0) return ok('checkouts', 'No payment is pending beyond its end.');
  return {
    check: 'checkouts',
    verdict: 'warning',
    summary: `Pending although the time to pay has passed: ${count(payments, 'payment')}.`,
    next: 'Run "minutebook payments reconcile --dry-run", then without --dry-run; a worker does so every hour.',
  };
}

function reconciler(
  { hasPayments }: PaymentsState,
  latest: PaymentReconciliationRun | null,
  { stale, schedule, isShifted }: ReconcilerClock,
): Finding {
  if (latest === null) {
    if (!hasPayments) return ok('reconciler', 'There is nothing to reconcile yet.');
    // Payments may be older than the installation, or than a clock that was moved: it is the worker whose turn it is.
    if (schedule !== null && schedule.knownForMs < PAYMENTS_PATIENCE_MS) {
      return ok(
        'reconciler',
        'Payments are compared with what the provider says of them for the first time within the hour.',
      );
    }
    return {
      check: 'reconciler',
      verdict: 'warning',
      summary: 'Payments were never compared with what the provider says of them.',
      next: remedyOf(schedule),
    };
  }
  const { endedAt, examined, repairs, failed } = latest;
  const summary = `Compared with the provider at ${endedAt.toISOString()}: ${count(examined, 'payment')}, ${repairs.length} repaired, ${failed} failed.`;
  const warning = { check: 'reconciler', verdict: 'warning', summary } as const;
  if (failed > 0) {
    return { ...warning, next: 'Look for "a payment could not be reconciled" in the log of the worker.' };
  }
  if (endedAt < stale && !(isShifted && ranLately(schedule))) return { ...warning, next: remedyOf(schedule) };
  if (repairs.length > 0) {
    return {
      ...warning,
      next: "What was repaired is in repairs of payment_reconciliations. No message told of it in time: look at the webhook's deliveries at the provider.",
    };
  }
  return ok('reconciler', summary);
}

function ranLately(schedule: ScheduleState | null): boolean {
  return schedule?.ranMsAgo != null && schedule.ranMsAgo < PAYMENTS_PATIENCE_MS;
}

/** Where a worker sets it going, and it does not come to its end, another worker is of no use. */
function remedyOf(schedule: ScheduleState | null): string {
  return ranLately(schedule)
    ? 'A worker tries every hour: look for "job failed" of reconcile_payments in its log, or run "minutebook payments reconcile" to see why.'
    : 'Start a worker, which does so every hour, or run "minutebook payments reconcile".';
}
