import type { BillingCycle } from '#domain/billing/billing-cycle';
import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { ComparedPlanResponse, PlanResponse } from '#interfaces/http/plans/plan.response';
import { standingOf } from './plan-card-standing';

/** The limits that use is held against, in the order in which they are shown. */
export const USED_LIMITS = ['sessions', 'minutes', 'transcriptions', 'file_size_mb', 'devices'] as const;

/** What can be done with one plan: nothing, begin a subscription, change to it, or only pay in the other rhythm. */
export type PlanChoice = 'none' | 'planned' | 'subscribe' | 'change' | 'cycle';

export function choiceOf(
  { plan, is_current }: Pick<ComparedPlanResponse, 'plan' | 'is_current'>,
  cycle: BillingCycle,
  subscription: SubscriptionResponse | null,
  now: Date,
): PlanChoice {
  if (subscription === null) return 'none';
  const { choice } = standingOf(subscription, null, now);
  const isPaid = priceOf(plan, cycle) > 0;
  if (choice === 'blocked') return 'none';
  if (choice === 'checkout') return isPaid && !is_current ? 'subscribe' : 'none';
  const pending = subscription.pending_change;
  if (pending?.plan_id === plan.name && (pending.billing_cycle === cycle || !isPaid)) return 'planned';
  if (plan.name !== subscription.tier) return 'change';
  return subscription.billing_cycle === cycle || !isPaid ? 'none' : 'cycle';
}

export function isBlocked(subscription: SubscriptionResponse | null, now: Date): boolean {
  return subscription !== null && standingOf(subscription, null, now).choice === 'blocked';
}

export function priceOf(plan: PlanResponse, cycle: BillingCycle): number {
  return cycle === 'year' ? plan.yearly_price_micros : plan.monthly_price_micros;
}

/** By how many percent a year is cheaper than twelve months; 0 when it is not. */
export function yearlySaving({ monthly_price_micros: month, yearly_price_micros: year }: PlanResponse): number {
  return month === 0 ? 0 : Math.max(0, Math.floor((1 - year / (12 * month)) * 100));
}

/** Which of the limits are too small for what was used. */
export function shortOf(compared: ComparedPlanResponse): readonly (typeof USED_LIMITS)[number][] {
  return USED_LIMITS.filter((name) => !compared[name].fits);
}
