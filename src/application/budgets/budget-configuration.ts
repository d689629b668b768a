import { AuditLog } from '#domain/accounts/audit-log';
import { UserRepository } from '#domain/accounts/user-repository';
import type { Budget, BudgetChanges, BudgetId } from '#domain/budgets/budget';
import { BudgetLedger } from '#domain/budgets/budget-ledger';
import { BudgetRepository } from '#domain/budgets/budget-repository';
import { mustBeShort, resetBetween } from '#domain/budgets/budget-reset';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import type { Operator } from '../accounts/user-change.js';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** Changes what a budget allows. It counts at once; another cadence begins a new period, and that is written down as a reset. */
@UseCase()
export class BudgetConfiguration {
  constructor(
    private readonly users: UserRepository,
    private readonly budgets: BudgetRepository,
    private readonly ledger: BudgetLedger,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /** Throws InvalidValue before anything changes, and UserNotFound. A change that changes nothing is not recorded. */
  execute(id: BudgetId, changes: BudgetChanges, by: Operator): Promise<BudgetStatus> {
    mustBeShort('reason', by.reason);
    mustBeShort('notes', changes.notes ?? null);
    return this.transaction.run(async () => {
      const budget = await this.budgets.hold(id);
      if (budget.userId !== null) await this.users.get(budget.userId);
      // Not before it is held: whoever waited for a reset begins a period after that one.
      const now = this.clock.now();
      const changed = budget.changed(changes, by.actor, now);
      const [before, after] = [factsOf(budget), factsOf(changed)];
      if (JSON.stringify(before) === JSON.stringify(after)) return this.budgets.status(id, now);
      const status = await this.saved(budget, changed, by, now);
      await this.audit.append({ ...by, action: 'budget.configure', userId: budget.userId, before, after });
      await this.ledger.reckon(id);
      return status;
    });
  }

  private async saved(budget: Budget, changed: Budget, by: Operator, now: Date): Promise<BudgetStatus> {
    const { id } = budget;
    if (changed.schedule === budget.schedule) {
      await this.budgets.save(changed);
      return this.budgets.status(id, now);
    }
    const before = await this.budgets.status(id, now);
    await this.budgets.save(changed);
    const after = await this.budgets.status(id, now);
    // A period that began in this very millisecond has nothing before it to write down.
    if (before.period.start < now) {
      await this.budgets.appendReset(resetBetween(before, after, { id: this.ids.next(), cause: 'cadence', ...by }));
    }
    return after;
  }
}

/** A budget as the audit log keeps it. */
function factsOf({ limit, schedule, thresholds, mode, permissions, notes }: Budget): Readonly<Record<string, unknown>> {
  return {
    limit_micros: limit?.toNumber() ?? null,
    budget_period: schedule.cadence,
    custom_period_days: schedule.customDays,
    anchor: schedule.anchor?.toISOString() ?? null,
    yellow: thresholds.yellow,
    orange: thresholds.orange,
    red: thresholds.red,
    mode,
    visible: permissions.visible,
    can_modify: permissions.canModify,
    can_reset: permissions.canReset,
    notes,
  };
}
