import type { BillingCycle } from '#domain/billing/billing-cycle';
import type { PlanCatalog } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';

const MICROS_PER_CENT = 10_000n;

/** What is charged next if nothing is changed before, and when. */
export interface NextCharge {
  /** In the minor unit of the currency, before tax and discounts. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly at: Date;
}

/** What the catalogue asks for a plan, which it prices in US dollars: null in another currency, where it does not know. */
export function listPrice(plans: PlanCatalog, plan: PlanName, cycle: BillingCycle, currency: string): number | null {
  if (currency !== 'usd') return null;
  const { monthlyPrice, yearlyPrice } = plans.get(plan);
  const price = cycle === 'year' ? yearlyPrice : monthlyPrice;
  return Number(price.micros / MICROS_PER_CENT);
}
