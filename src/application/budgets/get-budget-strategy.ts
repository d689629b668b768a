import type { UserId } from '#domain/accounts/user';
import { type AlertLevel, worseOf } from '#domain/budgets/alert-level';
import { budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import { type BudgetStrategy, strategyAt } from '#domain/budgets/budget-strategy';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** In which order providers are asked for a user now, and whose budget says so. */
export interface BudgetAdvice {
  readonly strategy: BudgetStrategy;
  /** The worse of the two. */
  readonly level: AlertLevel;
  /** Where both are at the same level: the user's. */
  readonly decidedBy: 'user' | 'global';
  readonly user: BudgetStatus;
  readonly global: BudgetStatus;
}

@UseCase()
export class GetBudgetStrategy {
  constructor(
    private readonly budgets: BudgetRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound. */
  async execute(userId: UserId): Promise<BudgetAdvice> {
    const now = this.clock.now();
    const user = await this.budgets.status(budgetOf(userId), now);
    const global = await this.budgets.status(GLOBAL_BUDGET, now);
    const level = worseOf(user.level, global.level);
    return { strategy: strategyAt(level), level, decidedBy: level === user.level ? 'user' : 'global', user, global };
  }
}
