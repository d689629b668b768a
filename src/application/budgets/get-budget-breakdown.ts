import { type BudgetId } from '#domain/budgets/budget';
import type { BudgetPeriod } from '#domain/budgets/budget-period';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { BudgetReport, type SpendShares } from './budget-report.js';

export interface BudgetBreakdown extends SpendShares {
  readonly period: BudgetPeriod;
  readonly asOf: Date;
}

/** Where the money of the running period of a budget went. */
@UseCase()
export class GetBudgetBreakdown {
  constructor(
    private readonly budgets: BudgetRepository,
    private readonly report: BudgetReport,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound. */
  async execute(id: BudgetId): Promise<BudgetBreakdown> {
    const asOf = this.clock.now();
    const { period } = await this.budgets.status(id, asOf);
    return { period, asOf, ...(await this.report.sharesOf(id, period)) };
  }
}
