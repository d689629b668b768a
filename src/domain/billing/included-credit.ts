import type { Plan } from '../plans/plan-catalog.js';
import type { Money } from '../shared/money.js';
import type { IncomingCredit } from '../credits/credit-account.js';
import type { Subscription } from './subscription.js';

/** What the keys of all credit begin with that an item of a subscription brought. */
export const includedKeys = (itemId: string): string => `included:${itemId}:`;

/**
 * The credit that a plan includes for the monthly period of `subscription` in which `now` is; null for none. Also one that is paid by
 * the year has it by the month. It has one key for an item and a period: a change of plans within the period brings no second one,
 * and a period that nobody looked at brings none later. What is not paid for brings it once it is.
 *
 * `grantedUntil` is when the last credit of the item ends, null when it brought none: where a change of cycle lets periods begin anew,
 * the days that were given for already are not given for again, and the rest of the new period waits for their end.
 *
 * `trialPlan` is the plan that the trial was begun with, null where nobody knows: while the trial runs, it brings no more than that one's.
 */
export function includedCredit(
  subscription: Subscription,
  plan: Plan,
  now: Date,
  grantedUntil: Date | null,
  trialPlan: Plan | null,
): IncomingCredit | null {
  const { itemId, dunning, externalId } = subscription;
  if (subscription.plan !== plan.name || itemId === null || dunning.state !== 'clear') return null;
  const month = monthlyCredit(subscription, plan, trialPlan);
  if (!month.isPositive) return null;
  const { start, end } = includedPeriod(subscription, now);
  if (end <= now || (grantedUntil !== null && grantedUntil > now)) return null;
  const since = Math.max(start.getTime(), grantedUntil?.getTime() ?? 0);
  const whole = BigInt(end.getTime() - start.getTime());
  const amount = month.timesRoundedHalfUp(BigInt(end.getTime() - since), whole);
  if (!amount.isPositive) return null;
  return {
    key: `${includedKeys(itemId)}${start.toISOString()}`,
    type: 'bonus',
    amount,
    category: 'promotional',
    expiresAt: end,
    description: `Included in the ${plan.displayName} plan`,
    metadata: {
      subscription_id: externalId,
      plan: plan.name,
      period_start: start.toISOString(),
      period_end: end.toISOString(),
    },
    actor: 'system',
  };
}

/**
 * When the last of the credit ends that an item brought for the months that begin and end so; null when it brought none. That of a trial
 * ends with the trial, also where that ended before its time.
 */
export function grantedUntil(
  { status, trialEnd }: Subscription,
  months: readonly { readonly start: Date; readonly end: Date }[],
): Date | null {
  const trialOver = status === 'trialing' ? null : trialEnd;
  const ends = months.map(({ start, end }) => (trialOver && start < trialOver && trialOver < end ? trialOver : end));
  return ends.length === 0 ? null : new Date(Math.max(...ends.map(Number)));
}

function monthlyCredit({ status }: Subscription, plan: Plan, trialPlan: Plan | null): Money {
  const own = plan.monthlyIncludedCredit;
  if (status !== 'trialing' || trialPlan === null) return own;
  const begun = trialPlan.monthlyIncludedCredit;
  return begun.isLessThan(own) ? begun : own;
}

/** The month of the subscription in which `now` is. That of a trial ends with the trial: the first paid one begins there. */
function includedPeriod(subscription: Subscription, now: Date): { readonly start: Date; readonly end: Date } {
  const { status, trialEnd } = subscription;
  const { start, end } = subscription.usageMonthAt(now);
  return { start, end: status === 'trialing' && trialEnd !== null && trialEnd < end ? trialEnd : end };
}
