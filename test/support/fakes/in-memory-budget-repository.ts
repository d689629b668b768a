import type { User, UserId } from '#domain/accounts/user';
import { UserNotFound } from '#domain/accounts/user-repository';
import { Budget, type BudgetId } from '#domain/budgets/budget';
import type { BudgetDemand, ProviderSpend } from '#domain/budgets/budget-ledger';
import { BudgetPeriod } from '#domain/budgets/budget-period';
import type { BudgetRepository, UserBudget } from '#domain/budgets/budget-repository';
import type { BudgetResetRecord, PastBudgetPeriod } from '#domain/budgets/budget-reset';
import type { BudgetRules } from '#domain/budgets/budget-rules';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import { PlanUnknown } from '#domain/plans/plan-catalog';
import { Money } from '#domain/shared/money';
import type { Page, PageOf } from '#domain/shared/page';
import { InMemoryBudgetLedger } from './in-memory-budget-ledger.js';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

/** Beside InMemoryBudgetLedger, over the same tables. */
export class InMemoryBudgetRepository implements BudgetRepository {
  private readonly budgets: Table<Budget>;
  private readonly users: Table<User>;
  private readonly resets: Table<BudgetResetRecord>;
  private readonly held: Table<BudgetDemand>;
  private readonly spent: Table<ProviderSpend>;

  constructor(
    private readonly transaction: InMemoryTransaction,
    private readonly rules: BudgetRules,
  ) {
    this.budgets = transaction.table('budgets');
    this.users = transaction.table('users');
    this.resets = transaction.table('budget_resets');
    this.held = transaction.table('budget_holds');
    this.spent = transaction.table('provider_spends');
  }

  async get(id: BudgetId): Promise<Budget> {
    return this.budgets.get(id) ?? Budget.unconfigured(id);
  }

  async hold(id: BudgetId): Promise<Budget> {
    this.transaction.hold(`budget ${id}`);
    return this.get(id);
  }

  async save(budget: Budget): Promise<void> {
    this.transaction.mustHold(`budget ${budget.id}`);
    this.budgets.put(budget.id, budget);
  }

  async status(id: BudgetId, now: Date): Promise<BudgetStatus> {
    return this.statusOf(id, now);
  }

  async list({ limit, offset }: Page, now: Date): Promise<PageOf<UserBudget>> {
    const users = this.users
      .all()
      .toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime() || (one.id < other.id ? -1 : 1));
    const items = users
      .slice(offset, offset + limit)
      .map((user) => ({ user, status: this.statusOf(user.id as string as BudgetId, now) }));
    return { items, total: users.length };
  }

  async listHistory(id: BudgetId, { limit, offset }: Page, now: Date): Promise<PageOf<PastBudgetPeriod>> {
    const ended = this.resets.all().filter(({ budgetId }) => budgetId === id);
    const resets = ended.map((record): PastBudgetPeriod => {
      const { cause, actor, reason, at, next, previousLimit: limit } = record;
      const period = BudgetPeriod.of(record.previous.start, next.start);
      return { cause, period, limit, used: this.usedIn(id, period), actor, reason, at, next };
    });
    const past = [...resets, ...this.rollovers(id, resets, now)].toSorted(
      (one, other) => other.at.getTime() - one.at.getTime(),
    );
    return { items: past.slice(offset, offset + limit), total: past.length };
  }

  async appendReset(record: BudgetResetRecord): Promise<void> {
    this.transaction.mustRun();
    this.resets.put(record.id, record);
  }

  /** What the schedule of today says of periods that nobody reset: enough for budgets whose cadence changed at most once. */
  private rollovers(id: BudgetId, resets: readonly PastBudgetPeriod[], now: Date): PastBudgetPeriod[] {
    const { schedule } = this.budgets.get(id) ?? Budget.unconfigured(id);
    const begun = [...this.countedIn(id, this.spent), ...this.countedIn(id, this.held)]
      .map(({ at }) => at)
      .filter((at) => !resets.some(({ period }) => period.contains(at)))
      .map((at) => BudgetPeriod.containing(at, schedule))
      .filter(({ end }) => end <= now);
    const periods = new Map(begun.map((period) => [period.start.getTime(), period]));
    const nothing = { limit: null, actor: null, reason: null, next: null };
    return [...periods.values()].map((period) => {
      return { cause: 'rollover', period, used: this.usedIn(id, period), at: period.end, ...nothing };
    });
  }

  private usedIn(id: BudgetId, period: BudgetPeriod): Money {
    const counted = this.countedIn(id, this.spent).filter(({ at }) => period.contains(at));
    return Money.sum(counted.map(({ cost }) => cost));
  }

  private countedIn<Entry extends { readonly userId: UserId | null }>(id: BudgetId, table: Table<Entry>): Entry[] {
    const { userId } = Budget.unconfigured(id);
    return table.all().filter((entry) => userId === null || entry.userId === userId);
  }

  private statusOf(id: BudgetId, now: Date): BudgetStatus {
    const { userId } = Budget.unconfigured(id);
    if (userId !== null) this.planOf(userId);
    const ledger = new InMemoryBudgetLedger(this.transaction, { now: () => now }, this.rules, (user) =>
      this.planOf(user),
    );
    return ledger.statusOf(id, now);
  }

  private planOf(userId: UserId): string {
    const user = this.users.get(userId);
    if (!user) throw new UserNotFound(userId);
    const isConfigured = this.budgets.get(userId)?.limit != null;
    if (!isConfigured && !(user.plan in this.rules.planLimits)) throw new PlanUnknown(user.plan, 'test');
    return user.plan;
  }
}
