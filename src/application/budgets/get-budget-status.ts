import type { BudgetId } from '#domain/budgets/budget';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** How a budget stands now. */
@UseCase()
export class GetBudgetStatus {
  constructor(
    private readonly budgets: BudgetRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound. A store that cannot answer is a fault: nothing is ever "green" because nobody knew. */
  execute(id: BudgetId): Promise<BudgetStatus> {
    return this.budgets.status(id, this.clock.now());
  }
}
