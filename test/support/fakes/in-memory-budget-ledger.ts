import type { Clock } from '#application/ports/clock';
import type { UserId } from '#domain/accounts/user';
import { unaffordable, USUAL_BUFFER } from '#domain/budgets/affordability';
import { type AlertLevel, worseOf } from '#domain/budgets/alert-level';
import { Budget, type BudgetId, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { AlertKind } from '#domain/budgets/budget-alert';
import {
  type BudgetDemand,
  BudgetExceeded,
  type BudgetLedger,
  type ProviderSpend,
} from '#domain/budgets/budget-ledger';
import type { BudgetRules } from '#domain/budgets/budget-rules';
import { BudgetStatus } from '#domain/budgets/budget-status';
import { Money } from '#domain/shared/money';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

/** A budget's alert as far as the rules go: which budget, which period, which kind. */
export interface TellingRow {
  readonly budgetId: BudgetId;
  readonly periodStart: Date;
  readonly kind: AlertKind;
}

export class InMemoryBudgetLedger implements BudgetLedger {
  private readonly budgets: Table<Budget>;
  private readonly held: Table<BudgetDemand>;
  private readonly spent: Table<ProviderSpend>;
  private readonly told: Table<TellingRow>;

  constructor(
    private readonly transaction: InMemoryTransaction,
    private readonly clock: Clock,
    private readonly rules: BudgetRules,
    /** Whose limit a user's plan sets. */
    private readonly planOf: (userId: UserId) => string,
  ) {
    this.budgets = transaction.table('budgets');
    this.held = transaction.table('budget_holds');
    this.spent = transaction.table('provider_spends');
    this.told = transaction.table('budget_alerts');
  }

  /** What was committed, for a test to look at. */
  get holds(): readonly BudgetDemand[] {
    return this.held.all();
  }

  get spends(): readonly ProviderSpend[] {
    return this.spent.all();
  }

  get alerts(): readonly TellingRow[] {
    return this.told.all();
  }

  async hold(demand: BudgetDemand): Promise<AlertLevel> {
    this.transaction.mustRun();
    const key = keyOf(demand.userId, demand.requestId);
    const budgets = [budgetOf(demand.userId), GLOBAL_BUDGET];
    const known = this.held.get(key);
    if (known === null || known.expiresAt <= this.clock.now()) {
      for (const id of budgets) this.mustAfford(id, demand);
      if (demand.cost.isPositive) this.held.put(key, demand);
    }
    return budgets.map((id) => this.statusOf(id, demand.at).level).reduce(worseOf);
  }

  async settle(spend: ProviderSpend): Promise<void> {
    this.transaction.mustRun();
    const { userId, requestId, provider, cost } = spend;
    const key = keyOf(userId, requestId);
    const at = this.held.get(key)?.at ?? spend.at;
    this.held.delete(key);
    if (provider === null) return;
    this.spent.put(`${key} ${this.spent.all().length}`, { ...spend, at });
    if (!cost.isPositive) return;
    for (const id of [...(userId === null ? [] : [budgetOf(userId)]), GLOBAL_BUDGET]) this.tell(id, at);
  }

  async reckon(id: BudgetId): Promise<void> {
    this.transaction.mustRun();
    this.tell(id, this.clock.now());
  }

  async release(userId: UserId, requestId: string): Promise<void> {
    this.transaction.mustRun();
    this.held.delete(keyOf(userId, requestId));
  }

  /** As it stands in the period that contains `at`. */
  statusOf(id: BudgetId, at: Date): BudgetStatus {
    const budget = this.budgets.get(id) ?? Budget.unconfigured(id);
    const period = budget.periodAt(at);
    const counts = ({ userId, at: when }: { readonly userId: UserId | null; readonly at: Date }): boolean =>
      (budget.isGlobal || userId === budget.userId) && period.contains(when);
    const spends = this.spent.all().filter(counts);
    const sum = (some: readonly { readonly cost: Money }[]): Money => Money.sum(some.map(({ cost }) => cost));
    const now = this.clock.now();
    const held = sum(this.held.all().filter((one) => counts(one) && one.expiresAt > now));
    const spend = { used: sum(spends), estimated: sum(spends.filter(({ isEstimate }) => isEstimate)), held };
    return new BudgetStatus(budget, this.limitOf(budget), period, spend, now);
  }

  private limitOf({ limit, userId }: Budget): Money {
    if (limit) return limit;
    const { globalLimit, planLimits } = this.rules;
    return userId === null ? globalLimit : planLimits[this.planOf(userId)]!;
  }

  private mustAfford(id: BudgetId, { cost, at }: BudgetDemand): void {
    const { budget, limit, spend, level, period } = this.statusOf(id, at);
    const standing = { limit, used: spend.used, held: spend.held, level, mode: budget.mode };
    const { microAllowance } = this.rules;
    const reason = unaffordable(standing, cost, { buffer: USUAL_BUFFER, microAllowance });
    const isTold = !budget.isGlobal && budget.permissions.visible;
    if (reason) throw new BudgetExceeded(budget.isGlobal ? 'global' : 'user', reason, standing, period, cost, isTold);
  }

  private tell(id: BudgetId, at: Date): void {
    const { level, period, projected, limit } = this.statusOf(id, at);
    const kinds: AlertKind[] = [];
    if (level === 'orange' || level === 'red' || level === 'critical') kinds.push('orange');
    if (level === 'red' || level === 'critical') kinds.push('red');
    if (level === 'critical') kinds.push('critical');
    const now = this.clock.now();
    const isTold = period.days > 3 && period.daysElapsedAt(now) >= 3 && now < period.end;
    if (level !== 'critical' && isTold && limit.isLessThan(projected)) kinds.push('forecast');
    for (const kind of kinds) {
      const row = { budgetId: id, periodStart: period.start, kind };
      const key = `${id} ${period.start.toISOString()} ${kind}`;
      if (!this.told.has(key)) this.told.put(key, row);
    }
  }
}

const keyOf = (userId: UserId | null, requestId: string): string => `${userId ?? GLOBAL_BUDGET} ${requestId}`;
