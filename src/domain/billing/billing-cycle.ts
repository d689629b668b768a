import { boundary } from '../usage/billing-period.js';

export const BILLING_CYCLES = ['month', 'year'] as const;
export type BillingCycle = (typeof BILLING_CYCLES)[number];

/** What is sold: a plan, paid by the month or by the year. */
export interface SoldPlan<Plan extends string = string> {
  readonly plan: Plan;
  readonly cycle: BillingCycle;
}

/**
 * Boundary `k` of a cycle: computed from the anchor and never from boundary k − 1, so that 31 January is followed by the last of
 * February and by 31 March (https://docs.stripe.com/billing/subscriptions/billing-cycle).
 */
export function cycleBoundary(anchor: Date, cycle: BillingCycle, k: number): Date {
  return boundary(anchor, cycle === 'year' ? 12 * k : k);
}
