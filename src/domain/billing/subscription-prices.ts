import type { Plan } from '../plans/plan-catalog.js';
import type { PlanName } from '../plans/plan-name.js';
import { DomainException } from '../shared/domain-exception.js';
import type { Money } from '../shared/money.js';
import type { BillingCycle, SoldPlan } from './billing-cycle.js';

const MICROS_PER_CENT = 10_000n;

/** What the catalogue asks for a cycle of a plan. */
export function listPriceOf({ monthlyPrice, yearlyPrice }: Plan, cycle: BillingCycle): Money {
  return cycle === 'year' ? yearlyPrice : monthlyPrice;
}

/** As providers count US dollars: a part of a cent is not charged. */
export function centsOf({ micros }: Money): number {
  return Number(micros / MICROS_PER_CENT);
}

/** Which price of the provider stands for which plan: the operator's catalogue, held in memory. */
export abstract class SubscriptionPrices {
  /** Throws PlanNotSold. */
  abstract idOf(plan: PlanName, cycle: BillingCycle): string;

  /** Null for a price that is in no plan. */
  abstract find(priceId: string): SoldPlan<PlanName> | null;
}

export class PlanNotSold extends DomainException {
  constructor(plan: string, cycle: string) {
    super(
      'plan_not_sold',
      `The ${plan} plan is not sold by the ${cycle}. GET /api/v1/plans lists those that are.`,
      { plan_id: plan, billing_cycle: cycle },
      'invalid',
    );
  }
}
