import { DomainException } from '../shared/domain-exception.js';
import type { Money } from '../shared/money.js';
import type { PlanLimits } from './plan-limits.js';
import type { PlanName } from './plan-name.js';

/** A plan as it is sold. */
export interface Plan {
  readonly name: PlanName;
  readonly displayName: string;
  readonly limits: PlanLimits;
  readonly monthlyPrice: Money;
  readonly yearlyPrice: Money;
  readonly trialDays: number;
  /** How much provider money one user of this plan may spend in a month. */
  readonly monthlyProviderBudget: Money;
  /** Credit that a subscription of this plan brings for each of its months, and that runs out with the month. */
  readonly monthlyIncludedCredit: Money;
}

/** The plans this installation sells, validated at start-up and held in memory. */
export abstract class PlanCatalog {
  /** Stored with every usage log, so that it stays known which catalogue a decision was made by. */
  abstract readonly version: string;

  /** From the smallest to the largest. */
  abstract readonly plans: readonly Plan[];

  /** Throws PlanUnknown: a user whose plan is not in the catalogue is refused, never let through. */
  abstract get(plan: string): Plan;

  /** For settling what was admitted before: null when the catalogue does not know the plan any more. */
  abstract find(plan: string): Plan | null;
}

export class PlanUnknown extends DomainException {
  constructor(plan: string, version: string) {
    super(
      'plan_unknown',
      `Plan "${plan}" is not in catalogue ${version}, so nothing can be admitted. Set the user to a plan of the catalogue.`,
      { plan, catalogue: version },
      'unavailable',
    );
  }
}
