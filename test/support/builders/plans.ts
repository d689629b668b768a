import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { PlanLimits } from '#domain/plans/plan-limits';
import type { PlanCatalog } from '#domain/plans/plan-catalog';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';

/** The default catalogue, whose free plan has these limits instead of its own. */
export function aCatalogue(free: Partial<PlanLimits> = {}): PlanCatalog {
  const { plans } = DEFAULT_CATALOG;
  const limits = Object.assign(Object.create(PlanLimits.prototype) as PlanLimits, plans.free.limits, free);
  return new FixedPlanCatalog({ version: 'test', plans: { ...plans, free: { ...plans.free, limits } } });
}
