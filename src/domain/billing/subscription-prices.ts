import type { PlanName } from '../plans/plan-name.js';
import { DomainException } from '../shared/domain-exception.js';
import type { BillingCycle, SoldPlan } from './billing-cycle.js';

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
