import type { UserId } from '#domain/accounts/user';
import { padded, type Unaffordable, unaffordable } from '#domain/budgets/affordability';
import { budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import { BudgetRules } from '#domain/budgets/budget-rules';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import { InvalidValue } from '#domain/shared/domain-exception';
import { Money } from '#domain/shared/money';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** Whether something may be spent now, and whose budget it does not fit. */
export interface Affordability {
  readonly affordable: boolean;
  readonly reason: Unaffordable | null;
  readonly refusedBy: 'user' | 'global' | null;
  /** The cost with its buffer. */
  readonly padded: Money;
  readonly user: BudgetStatus;
  readonly global: BudgetStatus;
}

/** Ten times what it costs: nobody means more. */
export const LARGEST_BUFFER = 100_000;

/** Asks as the ledger decides, and holds nothing: until the work itself is held for, others may spend what is left. */
@UseCase()
export class GetAffordability {
  constructor(
    private readonly budgets: BudgetRepository,
    private readonly rules: BudgetRules,
    private readonly clock: Clock,
  ) {}

  /** `buffer` in hundredths of a percent of the cost: 1000 is a tenth. Throws InvalidValue and UserNotFound. */
  async execute(userId: UserId, cost: Money, buffer: number): Promise<Affordability> {
    mustBeAskable(cost, buffer);
    const now = this.clock.now();
    const user = await this.budgets.status(budgetOf(userId), now);
    const global = await this.budgets.status(GLOBAL_BUDGET, now);
    const byUser = this.reason(user, cost, buffer);
    const byGlobal = this.reason(global, cost, buffer);
    const reason = byUser ?? byGlobal;
    return {
      affordable: reason === null,
      reason,
      refusedBy: byUser ? 'user' : byGlobal ? 'global' : null,
      padded: padded(cost, buffer),
      user,
      global,
    };
  }

  private reason({ limit, spend, level, budget }: BudgetStatus, cost: Money, buffer: number): Unaffordable | null {
    const standing = { limit, used: spend.used, held: spend.held, level, mode: budget.mode };
    return unaffordable(standing, cost, { buffer, microAllowance: this.rules.microAllowance });
  }
}

function mustBeAskable(cost: Money, buffer: number): void {
  if (cost.isLessThan(Money.zero)) {
    throw new InvalidValue('invalid_cost', 'A cost is zero or more.', { cost_micros: cost.micros.toString() });
  }
  if (!Number.isInteger(buffer) || buffer < 0 || buffer > LARGEST_BUFFER) {
    throw new InvalidValue(
      'invalid_buffer',
      `A buffer is 0 to ${LARGEST_BUFFER} whole hundredths of a percent of the cost.`,
      { buffer_bp: buffer },
    );
  }
}
