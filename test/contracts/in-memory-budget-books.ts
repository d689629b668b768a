import type { UserId } from '#domain/accounts/user';
import type { AlertLevel } from '#domain/budgets/alert-level';
import type { Budget, BudgetId } from '#domain/budgets/budget';
import type { BudgetDemand, ProviderSpend } from '#domain/budgets/budget-ledger';
import type { BudgetRules } from '#domain/budgets/budget-rules';
import { InMemoryBudgetLedger } from '#test/support/fakes/in-memory-budget-ledger';
import type { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { alertText, type BudgetBooks, type KeptState } from './budget-books.js';

export class InMemoryBudgetBooks implements BudgetBooks {
  readonly clock = new ManualClock();
  private readonly plans = new Map<UserId, string>();
  private ledger: InMemoryBudgetLedger;

  constructor(
    private readonly transaction: InMemoryTransaction,
    rules: BudgetRules,
  ) {
    this.ledger = this.ledgerBy(rules);
  }

  hold(demand: BudgetDemand): Promise<AlertLevel> {
    return this.transaction.run(() => this.ledger.hold(demand));
  }

  settle(spend: ProviderSpend): Promise<void> {
    return this.transaction.run(() => this.ledger.settle(spend));
  }

  release(userId: UserId, requestId: string): Promise<void> {
    return this.transaction.run(() => this.ledger.release(userId, requestId));
  }

  async configure(budget: Budget): Promise<void> {
    await this.transaction.run(async () => this.transaction.table<Budget>('budgets').put(budget.id, budget));
  }

  async givePlan(userId: UserId, plan: string): Promise<void> {
    this.plans.set(userId, plan);
  }

  obey(rules: BudgetRules): void {
    this.ledger = this.ledgerBy(rules);
  }

  async stateOf(ids: readonly BudgetId[], from: Date): Promise<readonly KeptState[]> {
    return ids.map((id) => {
      const { used, estimated, held } = this.ledger.statusOf(id, this.clock.now()).spend;
      const own = this.ledger.alerts.filter(({ budgetId, periodStart }) => budgetId === id && periodStart >= from);
      const alerts = own.map(({ periodStart, kind }) => alertText(periodStart, kind)).sort();
      return { id, used: used.micros, estimated: estimated.micros, held: held.micros, alerts };
    });
  }

  private ledgerBy(rules: BudgetRules): InMemoryBudgetLedger {
    return new InMemoryBudgetLedger(this.transaction, this.clock, rules, (userId) => this.plans.get(userId) ?? 'free');
  }
}
