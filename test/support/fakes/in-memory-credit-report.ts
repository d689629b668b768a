import type {
  AccountContents,
  AccountStanding,
  CreditReport,
  CreditTotals,
  CreditTransactionRecord,
  TransactionFilter,
  TransactionSpan,
} from '#application/credits/credit-report';
import type { UserId } from '#domain/accounts/user';
import { bySpendingOrder, type CreditGrant } from '#domain/credits/credit-grant';
import type { CreditHold } from '#domain/credits/credit-hold';
import { CREDIT_TRANSACTION_TYPES, type CreditTransaction } from '#domain/credits/credit-transaction';
import { Money } from '#domain/shared/money';
import type { Page, PageOf } from '#domain/shared/page';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

/** Reads what InMemoryCreditAccountRepository of the same transaction wrote. Its hashes are made up. */
export class InMemoryCreditReport implements CreditReport {
  private readonly standings: Table<AccountStanding>;
  private readonly grants: Table<{ readonly userId: UserId; readonly grant: CreditGrant }>;
  private readonly holds: Table<CreditHold>;
  private readonly entries: Table<CreditTransaction>;

  constructor(transaction: InMemoryTransaction) {
    this.standings = transaction.table('credit_accounts');
    this.grants = transaction.table('credit_grants');
    this.holds = transaction.table('credit_holds');
    this.entries = transaction.table('credit_transactions');
  }

  async standingOf(userId: UserId): Promise<AccountStanding> {
    const { zero } = Money;
    const { balance, held, debt, alarmAt } = this.standings.get(userId) ?? {
      ...{ balance: zero, held: zero, debt: zero, alarmAt: null },
    };
    return { balance, held, debt, alarmAt };
  }

  async contentsOf(userId: UserId): Promise<AccountContents> {
    const { grants, holds, entries } = this;
    const live = grants.all().filter((row) => row.userId === userId && row.grant.remaining.isPositive);
    return {
      ...(await this.standingOf(userId)),
      grants: live
        .map(({ grant }) => grant)
        .sort(bySpendingOrder)
        .map(({ id, category, amount, remaining, held, expiresAt, createdAt }) => {
          const { type, description } = entries.get(id)!;
          return { id, type, category, description, amount, remaining, held, expiresAt, createdAt };
        }),
      holds: holds
        .all()
        .filter((hold) => hold.userId === userId && hold.state === 'open')
        .sort((one, other) => one.expiresAt.getTime() - other.expiresAt.getTime() || (one.id < other.id ? -1 : 1)),
    };
  }

  async transactions(
    userId: UserId,
    { type, direction, from, to }: TransactionFilter,
    { limit, offset }: Page,
  ): Promise<PageOf<CreditTransactionRecord>> {
    const found = this.within(userId, { from, to })
      .filter((entry) => type === null || entry.type === type)
      .filter(({ amount }) => direction === null || (direction === 'in' ? amount : amount.negated()).isPositive)
      .reverse();
    const items = found.slice(offset, offset + limit).map((entry) => ({ ...entry, hash: `hash of ${entry.id}` }));
    return { items, total: found.length };
  }

  async totals(userId: UserId, span: TransactionSpan): Promise<CreditTotals> {
    const entries = this.within(userId, span);
    const byType = [...CREDIT_TRANSACTION_TYPES].sort().flatMap((type) => {
      const amounts = entries.filter((entry) => entry.type === type).map(({ amount }) => amount);
      return amounts.length === 0 ? [] : [{ type, entries: amounts.length, amount: Money.sum(amounts) }];
    });
    return { balance: (await this.standingOf(userId)).balance, byType };
  }

  /** Oldest first. */
  private within(userId: UserId, { from, to }: TransactionSpan): CreditTransaction[] {
    return this.entries
      .all()
      .filter((entry) => entry.userId === userId)
      .filter(({ createdAt }) => (from === null || createdAt >= from) && (to === null || createdAt < to))
      .sort((one, other) => one.sequence - other.sequence);
  }
}
