import { injectable } from 'inversify';
import { BILLING_CYCLES, type BillingCycle, type SoldPlan } from '#domain/billing/billing-cycle';
import { centsOf, listPriceOf, PlanNotSold, SubscriptionPrices } from '#domain/billing/subscription-prices';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import type { SandboxPrice } from './sandbox-subscription.js';

/** Every plan of the catalogue that has a price, under a name that says what it stands for. */
@injectable()
export class SandboxPrices implements SubscriptionPrices {
  constructor(private readonly plans: PlanCatalog) {}

  idOf(plan: PlanName, cycle: BillingCycle): string {
    const id = `price_sandbox_${plan}_${cycle}`;
    if (this.findPrice(id) === null) throw new PlanNotSold(plan, cycle);
    return id;
  }

  find(priceId: string): SoldPlan<PlanName> | null {
    const [, plan, cycle] = /^price_sandbox_(.+)_(month|year)$/.exec(priceId) ?? [];
    const known = plan === undefined ? null : this.plans.find(plan);
    return known && isCycle(cycle) ? { plan: known.name, cycle } : null;
  }

  findPrice(priceId: string): SandboxPrice | null {
    const sold = this.find(priceId);
    if (!sold) return null;
    const plan = this.plans.get(sold.plan);
    const price = listPriceOf(plan, sold.cycle);
    if (!price.isPositive) return null;
    const name = `${plan.displayName} by the ${sold.cycle}`;
    return { id: priceId, name, cycle: sold.cycle, amountMinor: centsOf(price), currency: 'usd' };
  }
}

function isCycle(text: string | undefined): text is BillingCycle {
  return BILLING_CYCLES.some((cycle) => cycle === text);
}
