import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { Subscription } from '#domain/billing/subscription';
import type { SubscriptionStep } from '#domain/billing/subscription-repository';

/**
 * What has happened to a subscription between two moments, for its timeline. Where the provider says when, that is the instant: so
 * whoever finds out twice finds out the same. None lies after `now`: what was planned for later has not happened; a period that
 * began by the provider's clock has, also where ours is behind. `paidAt` is when
 * the period that runs was paid for, as far as it followed another; null: it is not. Only who has paid has renewed.
 */
export function stepsBetween(
  before: Subscription | null,
  after: Subscription,
  now: Date,
  paidAt: Date | null,
): readonly SubscriptionStep[] {
  const { userId, externalId } = after;
  const known = after.periodStart > now ? after.periodStart : now;
  const step = (kind: string, planned: Date, facts: SubscriptionStep['facts'] = {}): SubscriptionStep => {
    const at = planned > known ? known : planned;
    return { userId, externalId, kind, at, facts: { plan: after.sold?.plan ?? null, cycle: after.cycle, ...facts } };
  };
  if (before === null) {
    const review = after.review === null ? [] : [step('review', now, { reason: after.review })];
    return [...beginningOf(after, step), ...review, ...endOf(null, after, step)];
  }
  const steps: SubscriptionStep[] = [];
  if (before.status === 'incomplete' && after.isLive) steps.push(step('subscribed', after.startedAt));
  if (before.status === 'trialing' && after.status !== 'trialing' && after.trialEnd !== null) {
    steps.push(step('trial_ended', trialOver(after, after.trialEnd), { status: after.status }));
  } else if (before.periodStart < after.periodStart && !after.isEnded) {
    if (paidAt === null) steps.push(step('period_began', after.periodStart, periodOf(after)));
  }
  // Also of a period that began before: what it costs may be paid later.
  const isFirstPaid = after.trialEnd?.getTime() === after.periodStart.getTime();
  if (paidAt !== null && !isFirstPaid && !after.isEnded) steps.push(step('renewed', paidAt, periodOf(after)));
  if (before.sold && after.sold && (before.sold.plan !== after.sold.plan || before.sold.cycle !== after.sold.cycle)) {
    steps.push(step('plan_changed', now, { from_plan: before.sold.plan, from_cycle: before.sold.cycle }));
  }
  if (before.dunning.state === 'clear' && after.dunning.since !== null) {
    steps.push(
      step('payment_failed', after.dunning.since, { grace_ends_at: after.dunning.graceEndsAt!.toISOString() }),
    );
  }
  if (before.dunning.since !== null && after.dunning.state === 'clear') steps.push(step('recovered', now));
  if (!before.cancelAtPeriodEnd && after.cancelAtPeriodEnd) {
    steps.push(step('cancellation_scheduled', now, { at: (after.cancelAt ?? after.periodEnd).toISOString() }));
  }
  if (before.cancelAtPeriodEnd && !after.cancelAtPeriodEnd && !after.isEnded) steps.push(step('reactivated', now));
  if (after.pending && JSON.stringify(before.pending) !== JSON.stringify(after.pending)) {
    const { plan, cycle, at } = after.pending;
    steps.push(step('change_scheduled', now, { to_plan: plan, to_cycle: cycle, at: at.toISOString() }));
  }
  if (before.review === null && after.review !== null) steps.push(step('review', now, { reason: after.review }));
  return [...steps, ...endOf(before, after, step)];
}

function periodOf({ periodStart, periodEnd }: Subscription): SubscriptionStep['facts'] {
  return { period_start: periodStart.toISOString(), period_end: periodEnd.toISOString() };
}

/** Whoever cancels at once ends the trial before its time. */
function trialOver({ endedAt }: Subscription, trialEnd: Date): Date {
  return endedAt !== null && endedAt < trialEnd ? endedAt : trialEnd;
}

/** However late it is heard of: a trial was given once, and is over by now or runs. */
function beginningOf(
  after: Subscription,
  step: (kind: string, at: Date, facts: SubscriptionStep['facts']) => SubscriptionStep,
): readonly SubscriptionStep[] {
  const { status, startedAt, trialEnd } = after;
  if (status === 'incomplete') return [step('begun', startedAt, { status })];
  if (status === 'trialing') return [step('trial_started', startedAt, { status })];
  if (trialEnd === null) return [step('subscribed', startedAt, { status })];
  const over = trialOver(after, trialEnd);
  return [step('trial_started', startedAt, { status: 'trialing' }), step('trial_ended', over, { status })];
}

function endOf(
  before: Subscription | null,
  after: Subscription,
  step: (kind: string, at: Date) => SubscriptionStep,
): readonly SubscriptionStep[] {
  return after.endedAt !== null && before?.endedAt == null ? [step('canceled', after.endedAt)] : [];
}

/** When the period that runs was paid for, if it followed another one; null when it is not paid for, or was the first. */
export function renewalPaidAt(
  { externalId, periodStart }: Subscription,
  invoices: readonly InvoiceSnapshot[],
): Date | null {
  const invoice = invoices.find(
    (one) =>
      one.subscriptionId === externalId &&
      one.reason === 'subscription_cycle' &&
      one.status === 'paid' &&
      one.periodStart.getTime() === periodStart.getTime(),
  );
  return invoice ? (invoice.paidAt ?? invoice.createdAt) : null;
}
