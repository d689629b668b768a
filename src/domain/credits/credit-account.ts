import type { UserId } from '../accounts/user.js';
import { DomainException, InvalidValue } from '../shared/domain-exception.js';
import { Money } from '../shared/money.js';
import { type CreditCategory, CreditGrant, bySpendingOrder } from './credit-grant.js';
import { CreditHold, CreditHoldClosed, CreditHoldNotFound } from './credit-hold.js';
import { creditsOf } from './credit.js';
import type {
  ClawbackType,
  CreditTransaction,
  CreditTransactionId,
  CreditTransactionType,
  CreditType,
  GrantPart,
  Metadata,
  UsageType,
} from './credit-transaction.js';

/** What every entry has, whatever it does. */
export interface EntryDetails {
  readonly key: string;
  readonly description: string;
  readonly metadata: Metadata;
  readonly actor: string;
}

/** Credit that comes in. */
export interface IncomingCredit extends EntryDetails {
  readonly type: CreditType;
  readonly amount: Money;
  readonly category: CreditCategory;
  readonly expiresAt: Date | null;
}

/** Credit that is spent at once, without a hold. */
export interface CreditCharge extends EntryDetails {
  readonly type: UsageType | 'admin_debit';
  readonly amount: Money;
}

/** What held work cost in the end. Its key is that of the hold. */
export interface CreditSettlement extends Omit<EntryDetails, 'key'> {
  readonly requestId: string;
  readonly type: UsageType;
  readonly amount: Money;
}

export interface CreditClawback extends EntryDetails {
  readonly type: ClawbackType;
  readonly amount: Money;
  /** The grant that is taken from first: that of the purchase which is paid back. */
  readonly from: CreditTransactionId | null;
}

/** Where the clock and the ids of a deed come from. */
export interface Occasion {
  readonly now: Date;
  readonly nextId: () => CreditTransactionId;
}

/** The key of the entry that settles the hold of a request. */
export const settlementKey = (requestId: string): string => `hold:${requestId}`;

interface State {
  readonly balance: Money;
  readonly held: Money;
  readonly debt: Money;
  readonly sequence: number;
  /** Those with anything left, and those that a deed emptied. */
  readonly grants: readonly CreditGrant[];
  /** Those that ran out, and the one that the deed is about. */
  readonly holds: readonly CreditHold[];
  /** When the first of the holds that were not loaded runs out. */
  readonly nextHoldAt: Date | null;
  /** What the deeds since loading added to the ledger, in order. */
  readonly entries: readonly CreditTransaction[];
}

/**
 * A user's credit, and the rules of it. Immutable: a deed answers the account after it, with the entries it made. Every
 * deed first closes what ran out by then. Amounts are above zero; zero and less throw InvalidValue.
 */
export class CreditAccount implements State {
  private constructor(
    readonly userId: UserId,
    readonly balance: Money,
    readonly held: Money,
    readonly debt: Money,
    readonly sequence: number,
    readonly grants: readonly CreditGrant[],
    readonly holds: readonly CreditHold[],
    readonly nextHoldAt: Date | null,
    readonly entries: readonly CreditTransaction[],
  ) {}

  static of(userId: UserId, state: Omit<State, 'entries'>): CreditAccount {
    const { balance, held, debt, sequence, grants, holds, nextHoldAt } = state;
    const ordered = [...grants].sort(bySpendingOrder);
    return new CreditAccount(userId, balance, held, debt, sequence, ordered, holds, nextHoldAt, []);
  }

  static empty(userId: UserId): CreditAccount {
    const [zero, none] = [Money.zero, [] as never[]];
    return new CreditAccount(userId, zero, zero, zero, 0, none, none, null, none);
  }

  get available(): Money {
    return this.balance.minus(this.held);
  }

  /** The grant that is spent next; null when nothing is free. */
  get front(): CreditGrant | null {
    return this.grants.find(({ free }) => free.isPositive) ?? null;
  }

  /** Nothing of this account runs out before; null never. */
  get alarmAt(): Date | null {
    const instants = [
      ...this.holds.filter(({ state }) => state === 'open').map(({ expiresAt }) => expiresAt),
      // What is held of an expired grant lapses when the hold ends, not by the clock.
      ...this.grants.filter(({ free }) => free.isPositive).map(({ expiresAt }) => expiresAt),
      this.nextHoldAt,
    ].filter((instant) => instant !== null);
    return instants.length === 0 ? null : new Date(Math.min(...instants.map((instant) => instant.getTime())));
  }

  /** Closes what ran out by now: holds first, so that what they free of expired grants lapses with the rest. */
  tidied(at: Occasion): CreditAccount {
    const account = this.holds
      .filter((hold) => hold.isExpiredAt(at.now))
      .reduce<CreditAccount>((open, hold) => open.freed(hold).withHold(hold.closed('expired', at.now)), this);
    return account.lapsed(at).debtPaid(at);
  }

  /** Adds a grant, out of which debt is paid first. Throws InvalidValue `credit_expired` for one that is over already. */
  granted(credit: IncomingCredit, at: Occasion): CreditAccount {
    mustBePositive(credit.amount);
    if (credit.expiresAt !== null && credit.expiresAt <= at.now) {
      throw new InvalidValue('credit_expired', 'Credit cannot expire before it is given.', {
        expires_at: credit.expiresAt.toISOString(),
      });
    }
    const account = this.tidied(at).posted(credit.type, credit.amount, Money.zero, [], credit, at);
    const { id } = account.entries.at(-1)!;
    const { amount, category, expiresAt } = credit;
    const grant = new CreditGrant(id, category, amount, amount, Money.zero, expiresAt, at.now);
    return account.with({ grants: [...account.grants, grant].sort(bySpendingOrder) }).debtPaid(at);
  }

  /** Throws InsufficientCredits. */
  spent(charge: CreditCharge, at: Occasion): CreditAccount {
    mustBePositive(charge.amount);
    const account = this.tidied(at);
    account.mustHave(charge.amount);
    return account.paid(charge.type, account.chosen(charge.amount, null), charge, at);
  }

  /** Reserves the hold's amount out of what is spent next. Its parts are decided here. Throws InsufficientCredits. */
  heldFor(hold: CreditHold, at: Occasion): CreditAccount {
    mustBePositive(hold.amount);
    const account = this.tidied(at);
    account.mustHave(hold.amount);
    const parts = account.chosen(hold.amount, null);
    return account
      .changing(parts, (grant, part) => grant.reserve(part))
      .with({ held: account.held.plus(hold.amount) })
      .withHold(hold.reserving(parts));
  }

  /**
   * Charges what the work cost: out of the held parts, then out of what else is free, then as a debt. A settlement that
   * comes after its hold expired has no parts left and is charged all the same. Zero releases everything.
   * Repeated with the same amount it changes nothing. Throws CreditHoldNotFound and CreditHoldClosed.
   */
  settled(settlement: CreditSettlement, at: Occasion): CreditAccount {
    const { requestId, amount, type } = settlement;
    if (amount.micros < 0n) throw negativeAmount(amount);
    const account = this.tidied(at);
    const hold = account.holdOf(requestId);
    if (hold.state === 'settled' && hold.settled!.equals(amount)) return account;
    if (hold.state === 'settled' || hold.state === 'released') throw new CreditHoldClosed(hold);

    const reserved = hold.state === 'open' ? firstOf(hold.parts, amount) : [];
    const freed = hold.state === 'open' ? account.freed(hold) : account;
    const above = Money.least(amount.minus(sumOf(reserved)), freed.available.minus(sumOf(reserved)));
    const parts = [...reserved, ...freed.changing(reserved, (grant, part) => grant.spend(part)).chosen(above, null)];
    const details = { ...settlement, key: settlementKey(requestId) };
    return freed
      .paid(type, merged(parts), details, at)
      .owing(amount.minus(sumOf(parts)), details, at)
      .withHold(hold.closed('settled', at.now, amount))
      .lapsed(at)
      .debtPaid(at);
  }

  /**
   * The account with a hold that a crash of the database forgot: it is over, as if it had expired, and its work can still be
   * settled. A hold that is known stays as it is.
   */
  remembering(hold: CreditHold, at: Occasion): CreditAccount {
    const known = this.holds.some(({ requestId }) => requestId === hold.requestId);
    return known ? this : this.withHold(hold.closed('expired', at.now));
  }

  /** Gives the held credit back. What is released or expired stays so. Throws CreditHoldNotFound and CreditHoldClosed. */
  released(requestId: string, at: Occasion): CreditAccount {
    const account = this.tidied(at);
    const hold = account.holdOf(requestId);
    if (hold.state === 'settled') throw new CreditHoldClosed(hold);
    if (hold.state !== 'open') return account;
    return account.freed(hold).withHold(hold.closed('released', at.now)).lapsed(at).debtPaid(at);
  }

  /** Takes credit back that may be spent already: what is free of the given grant, then what else is free, then as a debt. */
  clawedBack(clawback: CreditClawback, at: Occasion): CreditAccount {
    mustBePositive(clawback.amount);
    const account = this.tidied(at);
    const { amount, type, from } = clawback;
    const parts = account.chosen(Money.least(amount, account.available), from);
    return account.paid(type, parts, clawback, at).owing(amount.minus(sumOf(parts)), clawback, at);
  }

  /** The grant runs out now, unless it has already: what is free of it at once, what is held of it with its hold. */
  expired(grant: CreditTransactionId, at: Occasion): CreditAccount {
    const grants = this.grants.map((one) => (one.id === grant ? one.endedAt(at.now) : one));
    return this.with({ grants: grants.sort(bySpendingOrder) }).lapsed(at);
  }

  private mustHave(amount: Money): void {
    if (this.available.isLessThan(amount)) throw new InsufficientCredits(this, amount);
  }

  private holdOf(requestId: string): CreditHold {
    const hold = this.holds.find((one) => one.requestId === requestId);
    if (!hold) throw new CreditHoldNotFound(requestId);
    return hold;
  }

  /** Expired grants lose what nobody holds of them. */
  private lapsed(at: Occasion): CreditAccount {
    const over = this.grants.filter((grant) => grant.isExpiredAt(at.now) && grant.free.isPositive);
    return over.reduce<CreditAccount>((account, { id, free, expiresAt }) => {
      const part = { grant: id, micros: free.micros };
      const details = {
        // A grant can lapse in several parts, each freed by another hold.
        key: `expiry:${id}:${account.sequence + 1}`,
        description: 'Credit expired',
        metadata: { grant_id: id, expired_at: expiresAt!.toISOString() },
        actor: 'system',
      };
      return account.paid('expiry', [part], details, at);
    }, this);
  }

  /** Whatever is free goes towards what is owed. */
  private debtPaid(at: Occasion): CreditAccount {
    const amount = Money.least(this.debt, this.available);
    if (!amount.isPositive) return this;
    const parts = this.chosen(amount, null);
    const details = {
      key: `debt_payment:${this.sequence + 1}`,
      description: 'Credit applied to what was owed',
      metadata: {},
      actor: 'system',
    };
    return this.changing(parts, (grant, part) => grant.spend(part)).posted(
      'debt_payment',
      amount.negated(),
      amount.negated(),
      parts,
      details,
      at,
    );
  }

  private owing(amount: Money, cause: EntryDetails, at: Occasion): CreditAccount {
    if (!amount.isPositive) return this;
    const details = { ...cause, key: `debt:${cause.key}`, description: `Owed: ${cause.description}` };
    return this.posted('debt', Money.zero, amount, [], details, at);
  }

  /** Spends the parts, with their entry; nothing of nothing. */
  private paid(
    type: CreditTransactionType,
    parts: readonly GrantPart[],
    details: EntryDetails,
    at: Occasion,
  ): CreditAccount {
    if (parts.length === 0) return this;
    return this.changing(parts, (grant, part) => grant.spend(part)).posted(
      type,
      sumOf(parts).negated(),
      Money.zero,
      parts,
      details,
      at,
    );
  }

  /** The free parts of grants that make up `amount`, which must be free. */
  private chosen(amount: Money, preferred: CreditTransactionId | null): readonly GrantPart[] {
    const free = this.grants.filter((grant) => grant.free.isPositive);
    const ordered = [...free.filter(({ id }) => id === preferred), ...free.filter(({ id }) => id !== preferred)];
    return firstOf(
      ordered.map((grant) => ({ grant: grant.id, micros: grant.free.micros })),
      amount,
    );
  }

  private freed(hold: CreditHold): CreditAccount {
    return this.changing(hold.parts, (grant, part) => grant.unreserve(part)).with({
      held: this.held.minus(hold.amount),
    });
  }

  private posted(
    type: CreditTransactionType,
    amount: Money,
    debt: Money,
    sources: readonly GrantPart[],
    { key, description, metadata, actor }: EntryDetails,
    at: Occasion,
  ): CreditAccount {
    const balanceAfter = this.balance.plus(amount);
    const debtAfter = this.debt.plus(debt);
    const sequence = this.sequence + 1;
    const entry: CreditTransaction = {
      id: at.nextId(),
      userId: this.userId,
      sequence,
      type,
      amount,
      debt,
      balanceBefore: this.balance,
      balanceAfter,
      debtAfter,
      description,
      metadata,
      sources,
      key,
      actor,
      createdAt: at.now,
    };
    return this.with({ balance: balanceAfter, debt: debtAfter, sequence, entries: [...this.entries, entry] });
  }

  private changing(
    parts: readonly GrantPart[],
    change: (grant: CreditGrant, amount: Money) => CreditGrant,
  ): CreditAccount {
    const byGrant = new Map(parts.map(({ grant, micros }) => [grant, Money.ofMicros(micros)]));
    return this.with({
      grants: this.grants.map((grant) => (byGrant.has(grant.id) ? change(grant, byGrant.get(grant.id)!) : grant)),
    });
  }

  private withHold(hold: CreditHold): CreditAccount {
    return this.with({ holds: [...this.holds.filter(({ id }) => id !== hold.id), hold] });
  }

  private with(changes: Partial<State>): CreditAccount {
    return Object.assign(Object.create(CreditAccount.prototype) as CreditAccount, this, changes);
  }
}

/** As much of the parts, in their order, as makes up `amount`. */
function firstOf(parts: readonly GrantPart[], amount: Money): readonly GrantPart[] {
  const chosen: GrantPart[] = [];
  let left = amount.micros;
  for (const { grant, micros } of parts) {
    if (left <= 0n) break;
    const part = micros < left ? micros : left;
    chosen.push({ grant, micros: part });
    left -= part;
  }
  return chosen;
}

/** One part for each grant. */
function merged(parts: readonly GrantPart[]): readonly GrantPart[] {
  const sums = new Map<CreditTransactionId, bigint>();
  for (const { grant, micros } of parts) sums.set(grant, (sums.get(grant) ?? 0n) + micros);
  return [...sums].map(([grant, micros]) => ({ grant, micros }));
}

function sumOf(parts: readonly GrantPart[]): Money {
  return Money.ofMicros(parts.reduce((sum, { micros }) => sum + micros, 0n));
}

function mustBePositive(amount: Money): void {
  if (!amount.isPositive) throw negativeAmount(amount);
}

function negativeAmount({ micros }: Money): InvalidValue {
  return new InvalidValue('invalid_amount', 'An amount of credit is above zero.', { amount_micros: micros.toString() });
}

/** Not enough is free: refused before anything is done that costs money. */
export class InsufficientCredits extends DomainException {
  constructor({ balance, held, debt }: Pick<CreditAccount, 'balance' | 'held' | 'debt'>, required: Money) {
    const owing = debt.isPositive ? ` ${creditsOf(debt)} credits are owed and are paid first.` : '';
    super(
      'insufficient_credits',
      `This needs ${creditsOf(required)} credits; the balance is ${creditsOf(balance)}, of which ${creditsOf(held)} are held.${owing} Buy credits, or wait for running work to end.`,
      {
        balance: creditsOf(balance),
        held: creditsOf(held),
        required: creditsOf(required),
        available: creditsOf(balance.minus(held)),
        debt: creditsOf(debt),
        balance_micros: balance.toNumber(),
        held_micros: held.toNumber(),
        required_micros: required.toNumber(),
        debt_micros: debt.toNumber(),
      },
      'payment_required',
    );
  }
}
