import { AuditLog } from '#domain/accounts/audit-log';
import type { BudgetId } from '#domain/budgets/budget';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import { type BudgetResetRecord, mustBeShort, resetBetween } from '#domain/budgets/budget-reset';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import type { Operator } from '../accounts/user-change.js';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** Starts a new period of a budget now. Nothing is zeroed: what was spent before stays in the period that ends. */
@UseCase()
export class BudgetRestart {
  constructor(
    private readonly budgets: BudgetRepository,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * Throws UserNotFound, and InvalidValue for a reason that is too long. A period that began in this very millisecond stays
   * as it is: nothing is written then, and the record says what the first reset left.
   */
  execute(id: BudgetId, by: Operator): Promise<BudgetResetRecord> {
    mustBeShort('reason', by.reason);
    return this.transaction.run(async () => {
      const budget = await this.budgets.hold(id);
      // Not before it is held: whoever waited for another reset begins a period after that one.
      const now = this.clock.now();
      const before = await this.budgets.status(id, now);
      const record = { id: this.ids.next<'BudgetReset'>(), cause: 'reset', ...by } as const;
      if (before.period.start >= now) return resetBetween(before, before, record);
      await this.budgets.save(budget.reset(now));
      const after = await this.budgets.status(id, now);
      const reset = resetBetween(before, after, record);
      await this.budgets.appendReset(reset);
      await this.audit.append({
        ...by,
        action: 'budget.reset',
        userId: budget.userId,
        before: factsOf(before),
        after: factsOf(after),
      });
      return reset;
    });
  }
}

function factsOf({ limit, period, spend }: BudgetStatus): Readonly<Record<string, unknown>> {
  return {
    limit_micros: limit.toNumber(),
    used_micros: spend.used.toNumber(),
    held_micros: spend.held.toNumber(),
    period_start: period.start.toISOString(),
    period_end: period.end.toISOString(),
  };
}
