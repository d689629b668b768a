import { BILLING_CYCLES, type BillingCycle, type SoldPlan } from '#domain/billing/billing-cycle';
import { PlanNotSold, type SubscriptionPrices } from '#domain/billing/subscription-prices';
import { PLAN_NAMES, type PlanName } from '#domain/plans/plan-name';

/** One line of the setting, in its words. */
export interface ConfiguredPrice {
  readonly plan: string;
  readonly cycle: string;
  readonly priceId: string;
}

/** Everything that is wrong with a list of prices. */
export class PricesInvalid extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('; '));
  }
}

const SOLD_PLANS = PLAN_NAMES.filter((plan) => plan !== 'free');

/**
 * The prices that the operator made at the provider. Of several for one plan and cycle the first is sold; the others were sold
 * before, and whoever pays one of them has the plan still.
 */
export class ConfiguredSubscriptionPrices implements SubscriptionPrices {
  private readonly sold: ReadonlyMap<string, string>;
  private readonly known: ReadonlyMap<string, SoldPlan<PlanName>>;

  /** Throws PricesInvalid. */
  constructor(prices: readonly ConfiguredPrice[]) {
    const [sold, known] = [new Map<string, string>(), new Map<string, SoldPlan<PlanName>>()];
    const faults: string[] = [];
    for (const { plan: planText, cycle: cycleText, priceId } of prices) {
      const plan = SOLD_PLANS.find((one) => one === planText);
      const cycle = BILLING_CYCLES.find((one) => one === cycleText);
      if (!plan) faults.push(`"${planText}" is no plan that is sold; those are ${SOLD_PLANS.join(', ')}`);
      if (!cycle) faults.push(`"${cycleText}" is no billing cycle; those are ${BILLING_CYCLES.join(', ')}`);
      const before = known.get(priceId);
      if (before) faults.push(`${priceId} is there twice, first for ${nameOf(before.plan, before.cycle)}`);
      if (!plan || !cycle || before) continue;
      known.set(priceId, { plan, cycle });
      if (!sold.has(nameOf(plan, cycle))) sold.set(nameOf(plan, cycle), priceId);
    }
    if (faults.length > 0) throw new PricesInvalid(faults);
    this.sold = sold;
    this.known = known;
  }

  idOf(plan: PlanName, cycle: BillingCycle): string {
    const priceId = this.sold.get(nameOf(plan, cycle));
    if (priceId === undefined) throw new PlanNotSold(plan, cycle);
    return priceId;
  }

  find(priceId: string): SoldPlan<PlanName> | null {
    return this.known.get(priceId) ?? null;
  }
}

function nameOf(plan: PlanName, cycle: BillingCycle): string {
  return `${plan}:${cycle}`;
}
