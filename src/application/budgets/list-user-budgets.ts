import { BudgetRepository, type UserBudget } from '#domain/budgets/budget-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** All users and how their budgets stand, the newest user first, for the operator. */
@UseCase()
export class ListUserBudgets {
  constructor(
    private readonly budgets: BudgetRepository,
    private readonly clock: Clock,
  ) {}

  execute(page: Page): Promise<PageOf<UserBudget>> {
    return this.budgets.list(page, this.clock.now());
  }
}
