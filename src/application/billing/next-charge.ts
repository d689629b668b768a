import type { BillingCycle } from '#domain/billing/billing-cycle';
import { centsOf, listPriceOf } from '#domain/billing/subscription-prices';
import type { PlanCatalog } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';

/** What is charged next if nothing is changed before, and when. */
export interface NextCharge {
  /** In the minor unit of the currency, before tax and discounts. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly at: Date;
}

/** What the catalogue asks for a plan, which it prices in US dollars: null in another currency, where it does not know. */
export function listPrice(plans: PlanCatalog, plan: PlanName, cycle: BillingCycle, currency: string): number | null {
  return currency === 'usd' ? centsOf(listPriceOf(plans.get(plan), cycle)) : null;
}
