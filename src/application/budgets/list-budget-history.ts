import type { BudgetId } from '#domain/budgets/budget';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import type { PastBudgetPeriod } from '#domain/budgets/budget-reset';
import type { Page, PageOf } from '#domain/shared/page';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** What the periods of a budget came to that are over, and who ended some of them early; newest first. */
@UseCase()
export class ListBudgetHistory {
  constructor(
    private readonly budgets: BudgetRepository,
    private readonly clock: Clock,
  ) {}

  execute(id: BudgetId, page: Page): Promise<PageOf<PastBudgetPeriod>> {
    return this.budgets.listHistory(id, page, this.clock.now());
  }
}
