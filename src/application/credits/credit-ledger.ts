import type { UserId } from '#domain/accounts/user';
import type {
  CreditAccount,
  CreditCharge,
  CreditClawback,
  CreditSettlement,
  IncomingCredit,
  Occasion,
} from '#domain/credits/credit-account';
import {
  CreditAccountRepository,
  CreditKeyReused,
  CreditRequestReused,
} from '#domain/credits/credit-account-repository';
import { CreditHold, CreditHoldClosed, type CreditHoldId } from '#domain/credits/credit-hold';
import type { CreditTransaction, Metadata } from '#domain/credits/credit-transaction';
import { Money } from '#domain/shared/money';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** What is reserved, for which request, and for how long at most. */
export interface HoldRequest {
  readonly requestId: string;
  readonly amount: Money;
  readonly description: string;
  /** After that the reservation stops counting by the clock alone. */
  readonly lifetimeMs: number;
  /** What the work is, for whoever finds the hold without it. */
  readonly metadata: Metadata;
  /**
   * False does not wait for the disk: a crash of the database can then forget the hold, which is why `settle` must be given it.
   * Every other transaction sees it at once.
   */
  readonly durable: boolean;
}

/** How much there was to take, and how much is owed instead. */
export interface Clawed {
  readonly taken: Money;
  readonly owed: Money;
}

/**
 * Moves credit: the one way to do it, shared by everything that sells, gives, holds, spends and takes back. Every deed
 * happens once for its key or request id, takes part in the running transaction, and answers a repeat with what happened.
 */
@UseCase()
export class CreditLedger {
  constructor(
    private readonly accounts: CreditAccountRepository,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /** Credit in. Throws InvalidValue and CreditKeyReused. */
  grant(userId: UserId, credit: IncomingCredit): Promise<CreditTransaction> {
    return this.once(userId, credit.key, credit.type, credit.amount, (account, at) => account.granted(credit, at));
  }

  /** Credit out, without a hold. Throws InsufficientCredits and CreditKeyReused. */
  async spend(userId: UserId, charge: CreditCharge): Promise<CreditTransaction> {
    const atOnce = await this.accounts.spendAtOnce(userId, charge, this.occasion());
    return (
      atOnce ??
      this.once(userId, charge.key, charge.type, charge.amount.negated(), (account, at) => account.spent(charge, at))
    );
  }

  /** The hold that a request asks for, from now on. */
  wanted(userId: UserId, { requestId, amount, description, lifetimeMs, metadata }: HoldRequest): CreditHold {
    const { now } = this.occasion();
    const [id, expiresAt]: [CreditHoldId, Date] = [this.ids.next(), new Date(now.getTime() + lifetimeMs)];
    return new CreditHold(id, userId, requestId, amount, [], description, 'open', null, now, expiresAt, null, metadata);
  }

  /** Reserves credit before paid work begins. Throws InsufficientCredits, CreditRequestReused and CreditHoldClosed. */
  async hold(userId: UserId, request: HoldRequest): Promise<CreditHold> {
    const { requestId, amount, durable } = request;
    const wanted = this.wanted(userId, request);
    const atOnce = await this.accounts.holdAtOnce(wanted, durable);
    if (atOnce) return atOnce;
    return this.opened(userId, requestId, (open, at) => {
      const account = open.tidied(at);
      const known = account.holds.find((hold) => hold.requestId === requestId);
      if (!known) return account.heldFor(wanted, at);
      if (!known.amount.equals(amount)) throw new CreditRequestReused(known);
      // Work of this request was done, or given up: whoever begins it again must not take the old hold for a new one.
      if (known.state !== 'open') throw new CreditHoldClosed(known);
      return account;
    }).then((account) => holdOf(account, requestId));
  }

  /**
   * Charges what held work cost in the end, whatever it is. `placed` is the hold, when it was not placed durably.
   * Throws CreditHoldNotFound and CreditHoldClosed.
   */
  async settle(userId: UserId, settlement: CreditSettlement, placed: CreditHold | null = null): Promise<CreditHold> {
    const { requestId } = settlement;
    const account = await this.opened(userId, requestId, (open, at) =>
      (placed ? open.remembering(placed, at) : open).settled(settlement, at),
    );
    return holdOf(account, requestId);
  }

  /** Gives held credit back. Throws CreditHoldNotFound, and CreditHoldClosed once it was settled. */
  async release(userId: UserId, requestId: string): Promise<CreditHold> {
    const account = await this.opened(userId, requestId, (open, at) => open.released(requestId, at));
    return holdOf(account, requestId);
  }

  /** Takes credit back that may be spent already. Answers how much there was to take; the rest is owed. Throws CreditKeyReused. */
  async clawBack(userId: UserId, clawback: CreditClawback): Promise<Clawed> {
    const { key } = clawback;
    return this.transaction.run(async () => {
      const at = this.occasion();
      const account = await this.accounts.open(userId, null, at.now);
      const before = [
        await this.accounts.findTransaction(userId, key),
        await this.accounts.findTransaction(userId, `debt:${key}`),
      ];
      const known = before.filter((entry) => entry !== null);
      if (known.length > 0) return repeated(known, clawback);
      const after = account.clawedBack(clawback, at);
      await this.accounts.save(after);
      return clawed(after.entries.filter((entry) => entry.key === key || entry.key === `debt:${key}`));
    });
  }

  /** The entry that has this key, if that has happened. */
  find(userId: UserId, key: string): Promise<CreditTransaction | null> {
    return this.accounts.findTransaction(userId, key);
  }

  /** Every entry whose key begins so, the oldest first. */
  list(userId: UserId, keysBegin: string): Promise<readonly CreditTransaction[]> {
    return this.accounts.listTransactions(userId, keysBegin);
  }

  /** What is left of the credit that this key brought runs out now; what is held of it, when its hold ends. Does nothing twice. */
  async expire(userId: UserId, key: string): Promise<void> {
    const brought = await this.find(userId, key);
    if (brought) await this.opened(userId, null, (account, at) => account.tidied(at).expired(brought.id, at));
  }

  /** Closes what ran out by now: expired holds and grants get their entries. */
  async tidy(userId: UserId): Promise<void> {
    await this.opened(userId, null, (account, at) => account.tidied(at));
  }

  private once(
    userId: UserId,
    key: string,
    type: CreditTransaction['type'],
    amount: Money,
    deed: (account: CreditAccount, at: Occasion) => CreditAccount,
  ): Promise<CreditTransaction> {
    return this.transaction.run(async () => {
      const at = this.occasion();
      const account = await this.accounts.open(userId, null, at.now);
      const known = await this.accounts.findTransaction(userId, key);
      if (known) {
        if (known.type !== type || !known.amount.equals(amount)) throw new CreditKeyReused(key, known);
        return known;
      }
      const after = deed(account, at);
      await this.accounts.save(after);
      return after.entries.find((entry) => entry.key === key)!;
    });
  }

  private opened(
    userId: UserId,
    requestId: string | null,
    deed: (account: CreditAccount, at: Occasion) => CreditAccount,
  ): Promise<CreditAccount> {
    return this.transaction.run(async () => {
      const at = this.occasion();
      const account = deed(await this.accounts.open(userId, requestId, at.now), at);
      await this.accounts.save(account);
      return account;
    });
  }

  private occasion(): Occasion {
    return { now: this.clock.now(), nextId: () => this.ids.next() };
  }
}

function holdOf(account: CreditAccount, requestId: string): CreditHold {
  return account.holds.find((hold) => hold.requestId === requestId)!;
}

function repeated(known: readonly CreditTransaction[], { key, type, amount }: CreditClawback): Clawed {
  const before = clawed(known);
  const other = known.find((entry) => entry.type !== type && entry.type !== 'debt');
  if (other || !before.taken.plus(before.owed).equals(amount)) throw new CreditKeyReused(key, other ?? known[0]!);
  return before;
}

function clawed(entries: readonly CreditTransaction[]): Clawed {
  return {
    taken: Money.sum(entries.map(({ amount }) => amount.negated())),
    owed: Money.sum(entries.map(({ debt }) => debt)),
  };
}
