import { BudgetConfiguration } from '#application/budgets/budget-configuration';
import { BudgetRestart } from '#application/budgets/budget-restart';
import { GetAffordability } from '#application/budgets/get-affordability';
import { GetBudgetStatus } from '#application/budgets/get-budget-status';
import { GetBudgetStrategy } from '#application/budgets/get-budget-strategy';
import { ListBudgetHistory } from '#application/budgets/list-budget-history';
import { ListUserBudgets } from '#application/budgets/list-user-budgets';
import type { User, UserId } from '#domain/accounts/user';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { Money } from '#domain/shared/money';
import { aSpend } from '#test/contracts/budget-life';
import { aUser } from '#test/support/builders/users';
import { InMemoryBudgetLedger } from '#test/support/fakes/in-memory-budget-ledger';
import { InMemoryBudgetRepository } from '#test/support/fakes/in-memory-budget-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { InMemoryUserRepository } from '#test/support/fakes/in-memory-user-repository';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingAuditLog } from '#test/support/fakes/recording-audit-log';
import { SequentialIds } from '#test/support/fakes/sequential-ids';

export const usd = (amount: number): Money => Money.ofMicros(BigInt(Math.round(amount * 1_000_000)));

/** The use cases of budgets over one store in memory, at noon of 10 March 2026: users of the free plan may spend 30 USD. */
export class BudgetDesk {
  readonly clock = new ManualClock();
  readonly transaction = new InMemoryTransaction(true);
  readonly users = new InMemoryUserRepository(this.transaction);
  readonly audit = new RecordingAuditLog(this.transaction);
  readonly budgets: InMemoryBudgetRepository;
  readonly ledger: InMemoryBudgetLedger;
  readonly status: GetBudgetStatus;
  readonly strategy: GetBudgetStrategy;
  readonly affordability: GetAffordability;
  readonly list: ListUserBudgets;
  readonly history: ListBudgetHistory;
  readonly configuration: BudgetConfiguration;
  readonly restart: BudgetRestart;
  private spends = 0;

  constructor({ global = 1000, microAllowance = 0 } = {}) {
    const { transaction, clock, users, audit } = this;
    const ids = new SequentialIds();
    const rules = new BudgetRules(usd(global), { free: usd(30), pro: usd(60) }, usd(microAllowance));
    this.budgets = new InMemoryBudgetRepository(transaction, rules);
    this.ledger = new InMemoryBudgetLedger(transaction, clock, rules, () => 'free');
    this.status = new GetBudgetStatus(this.budgets, clock);
    this.strategy = new GetBudgetStrategy(this.budgets, clock);
    this.affordability = new GetAffordability(this.budgets, rules, clock);
    this.list = new ListUserBudgets(this.budgets, clock);
    this.history = new ListBudgetHistory(this.budgets, clock);
    this.configuration = new BudgetConfiguration(users, this.budgets, this.ledger, audit, transaction, clock, ids);
    this.restart = new BudgetRestart(this.budgets, audit, transaction, clock, ids);
  }

  async user(of: Partial<User> = {}): Promise<User> {
    const user = aUser(of);
    await this.transaction.run(() => this.users.add(user));
    return user;
  }

  /** A second ago, so that a reset of now comes after it. */
  async spent(userId: UserId | null, amount: number): Promise<void> {
    const at = new Date(this.clock.now().getTime() - 1000);
    const requestId = `request-${++this.spends}`;
    await this.transaction.run(() => this.ledger.settle(aSpend({ userId, requestId, cost: usd(amount), at })));
  }

  async held(userId: UserId, amount: number): Promise<void> {
    const at = new Date(this.clock.now().getTime() - 1000);
    const expiresAt = new Date(at.getTime() + 60_000);
    const requestId = `request-${++this.spends}`;
    const demand = { userId, requestId, cost: usd(amount), at, expiresAt };
    await this.transaction.run(() => this.ledger.hold(demand));
  }
}
