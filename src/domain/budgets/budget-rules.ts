import type { Money } from '../shared/money.js';

/** The limits of budgets that nobody configured: they come from settings and plans, which stand outside the database. */
export class BudgetRules {
  /** Two sets of rules are the same when their versions are. */
  readonly version: string;

  constructor(
    /** Of the global budget, a month. */
    readonly globalLimit: Money,
    /** Of a user's budget, a month, by plan. */
    readonly planLimits: Readonly<Record<string, Money>>,
    /** What may be spent beyond a budget that is used up, in operations below 0.01 USD: zero unless an operator says otherwise. */
    readonly microAllowance: Money,
  ) {
    const plans = Object.entries(planLimits).map(([plan, { micros }]) => `${plan}=${micros}`);
    this.version = [globalLimit.micros, microAllowance.micros, ...plans.sort()].join(' ');
  }
}
