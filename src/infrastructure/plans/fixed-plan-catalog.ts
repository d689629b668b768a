import { type Plan, type PlanCatalog, PlanUnknown } from '#domain/plans/plan-catalog';
import { PLAN_NAMES, type PlanName } from '#domain/plans/plan-name';

/** The catalogue that the process was started with. */
export class FixedPlanCatalog implements PlanCatalog {
  readonly version: string;
  readonly plans: readonly Plan[];
  private readonly byName: ReadonlyMap<string, Plan>;

  constructor({ version, plans }: { readonly version: string; readonly plans: Readonly<Record<PlanName, Plan>> }) {
    this.version = version;
    this.plans = PLAN_NAMES.map((name) => plans[name]);
    this.byName = new Map(this.plans.map((plan) => [plan.name, plan]));
  }

  get(name: string): Plan {
    const plan = this.find(name);
    if (!plan) throw new PlanUnknown(name, this.version);
    return plan;
  }

  find(name: string): Plan | null {
    return this.byName.get(name) ?? null;
  }
}
