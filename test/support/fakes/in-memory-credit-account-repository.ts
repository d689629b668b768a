import type { UserId } from '#domain/accounts/user';
import { CreditAccount, type CreditCharge, type Occasion } from '#domain/credits/credit-account';
import type { CreditAccountRepository } from '#domain/credits/credit-account-repository';
import type { CreditGrant } from '#domain/credits/credit-grant';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { CreditTransaction } from '#domain/credits/credit-transaction';
import type { Money } from '#domain/shared/money';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

type Standing = Pick<CreditAccount, 'userId' | 'balance' | 'held' | 'debt' | 'sequence' | 'alarmAt'>;

export class InMemoryCreditAccountRepository implements CreditAccountRepository {
  private readonly standings: Table<Standing>;
  private readonly grants: Table<{ readonly userId: UserId; readonly grant: CreditGrant }>;
  private readonly holds: Table<CreditHold>;
  private readonly entries: Table<CreditTransaction>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.standings = transaction.table('credit_accounts');
    this.grants = transaction.table('credit_grants');
    this.holds = transaction.table('credit_holds');
    this.entries = transaction.table('credit_transactions');
  }

  async open(userId: UserId, requestId: string | null, now: Date): Promise<CreditAccount> {
    this.transaction.hold(`credit account ${userId}`);
    if (!this.standings.has(userId)) this.standings.put(userId, CreditAccount.empty(userId));
    const holds = this.holds
      .all()
      .filter((hold) => hold.userId === userId)
      .sort((one, other) => one.expiresAt.getTime() - other.expiresAt.getTime());
    const isLoaded = (hold: CreditHold): boolean => hold.requestId === requestId || hold.isExpiredAt(now);
    const later = holds.find((hold) => hold.state === 'open' && !isLoaded(hold));
    return CreditAccount.of(userId, {
      ...this.standings.get(userId)!,
      grants: this.grantsOf(userId).filter(({ remaining }) => remaining.isPositive),
      holds: holds.filter(isLoaded),
      nextHoldAt: later?.expiresAt ?? null,
    });
  }

  async save(account: CreditAccount): Promise<void> {
    const { userId, balance, held, debt, sequence, alarmAt } = account;
    this.transaction.mustHold(`credit account ${userId}`);
    for (const entry of account.entries) this.append(entry);
    for (const hold of account.holds) this.keep(hold);
    for (const grant of account.grants) this.grants.put(grant.id, { userId, grant });
    this.standings.put(userId, { userId, balance, held, debt, sequence, alarmAt });
  }

  async findTransaction(userId: UserId, key: string): Promise<CreditTransaction | null> {
    return this.entries.all().find((entry) => entry.userId === userId && entry.key === key) ?? null;
  }

  async listTransactions(userId: UserId, keysBegin: string): Promise<readonly CreditTransaction[]> {
    const found = this.entries.all().filter((entry) => entry.userId === userId && entry.key.startsWith(keysBegin));
    return found.sort((one, other) => one.sequence - other.sequence);
  }

  async spendAtOnce(userId: UserId, charge: CreditCharge, at: Occasion): Promise<CreditTransaction | null> {
    const isKnown = async (): Promise<boolean> => (await this.findTransaction(userId, charge.key)) !== null;
    const after = await this.atOnce(userId, charge.amount, at.now, isKnown, (account) => account.spent(charge, at));
    return after?.entries.at(-1) ?? null;
  }

  async holdAtOnce(hold: CreditHold): Promise<CreditHold | null> {
    const { userId, requestId, amount, placedAt: now } = hold;
    const at: Occasion = { now, nextId: noEntry };
    const isKnown = async (): Promise<boolean> => this.findHold(userId, requestId) !== null;
    const after = await this.atOnce(userId, amount, now, isKnown, (account) => account.heldFor(hold, at));
    return after?.holds.at(-1) ?? null;
  }

  async listDue(now: Date, limit: number): Promise<readonly UserId[]> {
    return this.standings
      .all()
      .map(({ userId, alarmAt }) => ({ userId, at: alarmAt?.getTime() ?? Infinity }))
      .filter(({ at }) => at <= now.getTime())
      .sort((one, other) => one.at - other.at)
      .slice(0, limit)
      .map(({ userId }) => userId);
  }

  /** What the functions of the database decide by what the account keeps in mind is decided here by the domain itself. */
  private async atOnce(
    userId: UserId,
    amount: Money,
    now: Date,
    isKnown: () => Promise<boolean>,
    deed: (account: CreditAccount) => CreditAccount,
  ): Promise<CreditAccount | null> {
    if (this.transaction.isRunning || !amount.isPositive) return null;
    return this.transaction.run(async () => {
      if (!this.standings.has(userId) || (await isKnown())) return null;
      const account = await this.open(userId, null, now);
      const { alarmAt, available, front } = account;
      if (alarmAt !== null && alarmAt <= now) return null;
      if (!available.isLessThan(amount) && front!.free.isLessThan(amount)) return null;
      const after = deed(account);
      await this.save(after);
      return after;
    });
  }

  private grantsOf(userId: UserId): readonly CreditGrant[] {
    return this.grants
      .all()
      .filter((row) => row.userId === userId)
      .map(({ grant }) => grant);
  }

  private findHold(userId: UserId, requestId: string): CreditHold | null {
    return this.holds.all().find((hold) => hold.userId === userId && hold.requestId === requestId) ?? null;
  }

  /** As the unique indexes and the trigger of the chain would have it. */
  private append(entry: CreditTransaction): void {
    const { id, userId, sequence, key } = entry;
    const before = this.entries.all().filter((one) => one.userId === userId);
    if (before.some((one) => one.key === key))
      throw new Error(`The key ${key} of user ${userId} has an entry already.`);
    if (sequence !== before.length + 1)
      throw new Error(`Entry ${sequence} of user ${userId} does not continue the one before.`);
    this.entries.put(id, entry);
  }

  private keep(hold: CreditHold): void {
    const known = this.findHold(hold.userId, hold.requestId);
    if (known && known.id !== hold.id) throw new Error(`Request ${hold.requestId} has a hold already.`);
    this.holds.put(hold.id, hold);
  }
}

function noEntry(): never {
  throw new Error('A hold makes no entry.');
}
