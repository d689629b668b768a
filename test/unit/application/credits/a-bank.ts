import { AdminCreditGrant } from '#application/credits/admin-credit-grant';
import { AuditedCreditChange } from '#application/credits/audited-credit-change';
import { BulkCreditGrant } from '#application/credits/bulk-credit-grant';
import { CreditAdjustment } from '#application/credits/credit-adjustment';
import { CreditExpirySweep } from '#application/credits/credit-expiry-sweep';
import { CreditGrantApproval } from '#application/credits/credit-grant-approval';
import { CreditGrantCaps } from '#application/credits/credit-grant-caps';
import { CreditLedger } from '#application/credits/credit-ledger';
import { GetCreditBalance } from '#application/credits/get-credit-balance';
import { GetCreditStanding } from '#application/credits/get-credit-standing';
import { GetCreditSummary } from '#application/credits/get-credit-summary';
import { ListCreditTransactions } from '#application/credits/list-credit-transactions';
import type { User } from '#domain/accounts/user';
import { moneyOfCredits } from '#domain/credits/credit';
import { aUser } from '#test/support/builders/users';
import { InMemoryCreditAccountRepository } from '#test/support/fakes/in-memory-credit-account-repository';
import { InMemoryCreditAllowances } from '#test/support/fakes/in-memory-credit-allowances';
import { InMemoryCreditReport } from '#test/support/fakes/in-memory-credit-report';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { InMemoryUserRepository } from '#test/support/fakes/in-memory-user-repository';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingAuditLog } from '#test/support/fakes/recording-audit-log';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { SequentialIds } from '#test/support/fakes/sequential-ids';

/** Every use case of credit over fakes that share one transaction. At most 100 credits at once, and 250 a day. */
export class Bank {
  readonly transaction = new InMemoryTransaction(true);
  readonly clock = new ManualClock();
  readonly ids = new SequentialIds();
  readonly log = new RecordingLog();
  readonly users = new InMemoryUserRepository(this.transaction);
  readonly audit = new RecordingAuditLog(this.transaction);
  readonly accounts = new InMemoryCreditAccountRepository(this.transaction);
  readonly report = new InMemoryCreditReport(this.transaction);
  readonly allowances = new InMemoryCreditAllowances(this.transaction);
  readonly caps = new CreditGrantCaps(moneyOfCredits(100), moneyOfCredits(250));

  readonly ledger = new CreditLedger(this.accounts, this.transaction, this.clock, this.ids);
  readonly standing = new GetCreditStanding(this.report, this.ledger, this.clock);
  readonly balance = new GetCreditBalance(this.standing, this.report, this.clock);
  readonly list = new ListCreditTransactions(this.standing, this.report);
  readonly summary = new GetCreditSummary(this.standing, this.report);
  readonly sweep = new CreditExpirySweep(this.accounts, this.ledger, this.clock, this.log);

  readonly approval = new CreditGrantApproval(this.caps, this.allowances, this.clock);
  private readonly change = new AuditedCreditChange(this.users, this.ledger, this.report, this.audit);
  readonly grant = new AdminCreditGrant(this.approval, this.change, this.transaction, this.ids);
  readonly adjustment = new CreditAdjustment(this.approval, this.change, this.transaction, this.ids);
  readonly bulkGrant = new BulkCreditGrant(this.approval, this.change, this.transaction, this.ids);

  async user(of: Partial<User> = {}): Promise<User> {
    const user = aUser(of);
    await this.transaction.run(() => this.users.add(user));
    return user;
  }

  later(seconds: number): Date {
    return new Date(this.clock.now().getTime() + seconds * 1000);
  }

  /** The ledger of a user, oldest first: type and micros. */
  async entries({ id }: User): Promise<readonly (readonly [string, number])[]> {
    const { items } = await this.report.transactions(id, EVERYTHING, { limit: 1000, offset: 0 });
    return items.map(({ type, amount }) => [type, amount.toNumber()] as const).reverse();
  }
}

export const EVERYTHING = { type: null, direction: null, from: null, to: null };
