import type { Subscription } from '#domain/billing/subscription';
import type { SubscriptionStep } from '#domain/billing/subscription-repository';

/**
 * What has happened to a subscription between two moments, for its timeline. Where the provider says when, that is the instant: so
 * whoever finds out twice finds out the same.
 */
export function stepsBetween(before: Subscription | null, after: Subscription, now: Date): readonly SubscriptionStep[] {
  const { userId, externalId } = after;
  const step = (kind: string, at: Date, facts: SubscriptionStep['facts'] = {}): SubscriptionStep => {
    return { userId, externalId, kind, at, facts: { plan: after.sold?.plan ?? null, cycle: after.cycle, ...facts } };
  };
  if (before === null) {
    const review = after.review === null ? [] : [step('review', now, { reason: after.review })];
    return [...beginningOf(after, step), ...review, ...endOf(null, after, step)];
  }
  const steps: SubscriptionStep[] = [];
  if (before.status === 'incomplete' && after.isLive) steps.push(step('subscribed', after.startedAt));
  if (before.status === 'trialing' && after.status !== 'trialing' && after.trialEnd !== null) {
    steps.push(step('trial_ended', after.trialEnd, { status: after.status }));
  } else if (before.periodStart < after.periodStart && !after.isEnded) {
    steps.push(step('renewed', after.periodStart, { period_end: after.periodEnd.toISOString() }));
  }
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

/** However late it is heard of: a trial was given once, and is over by now or runs. */
function beginningOf(
  { status, startedAt, trialEnd }: Subscription,
  step: (kind: string, at: Date, facts: SubscriptionStep['facts']) => SubscriptionStep,
): readonly SubscriptionStep[] {
  if (status === 'incomplete') return [step('begun', startedAt, { status })];
  if (status === 'trialing') return [step('trial_started', startedAt, { status })];
  if (trialEnd === null) return [step('subscribed', startedAt, { status })];
  return [step('trial_started', startedAt, { status: 'trialing' }), step('trial_ended', trialEnd, { status })];
}

function endOf(
  before: Subscription | null,
  after: Subscription,
  step: (kind: string, at: Date) => SubscriptionStep,
): readonly SubscriptionStep[] {
  return after.endedAt !== null && before?.endedAt == null ? [step('canceled', after.endedAt)] : [];
}
