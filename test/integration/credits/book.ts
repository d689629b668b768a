import type { CreditLedger, HoldRequest } from '#application/credits/credit-ledger';
import type { Clock } from '#application/ports/clock';
import type { IdGenerator } from '#application/ports/id-generator';
import type { UserId } from '#domain/accounts/user';
import type {
  CreditAccount,
  CreditCharge,
  CreditClawback,
  IncomingCredit,
  Occasion,
} from '#domain/credits/credit-account';
import { CreditKeyReused, CreditRequestReused } from '#domain/credits/credit-account-repository';
import { CreditHold, CreditHoldClosed } from '#domain/credits/credit-hold';
import type { CreditTransaction, CreditTransactionId } from '#domain/credits/credit-transaction';
import type { AiUsageLogRepository } from '#domain/providers/ai-usage-log';
import { Money } from '#domain/shared/money';
import { entryOf, type LoggedSettlement, type Settling } from './logged-settlement.js';

/** Takes back what came in under the key `from`: ids are each book's own. */
export interface Clawback extends Omit<CreditClawback, 'from'> {
  readonly from: string | null;
}

/** One user's credit, kept in one way or another. */
export interface Book {
  grant(credit: IncomingCredit): Promise<CreditTransaction>;
  spend(charge: CreditCharge): Promise<CreditTransaction>;
  hold(request: HoldRequest): Promise<CreditHold>;
  /** Keeps its entry of the log with it, if it has one. */
  settle(settlement: LoggedSettlement): Promise<CreditHold>;
  release(requestId: string): Promise<CreditHold>;
  clawBack(clawback: Clawback): Promise<{ readonly taken: Money; readonly owed: Money }>;
  tidy(): Promise<void>;
}

/** The grants of a book by the keys that brought them. */
export type GrantIds = Map<string, CreditTransactionId>;

/** As the product keeps it. */
export class LedgerBook implements Book {
  constructor(
    private readonly ledger: CreditLedger,
    private readonly userId: UserId,
    private readonly grantIds: GrantIds,
    private readonly settling: Settling,
  ) {}

  async grant(credit: IncomingCredit): Promise<CreditTransaction> {
    const entry = await this.ledger.grant(this.userId, credit);
    this.grantIds.set(credit.key, entry.id);
    return entry;
  }

  spend(charge: CreditCharge): Promise<CreditTransaction> {
    return this.ledger.spend(this.userId, charge);
  }

  hold(request: HoldRequest): Promise<CreditHold> {
    return this.ledger.hold(this.userId, request);
  }

  settle(settlement: LoggedSettlement): Promise<CreditHold> {
    return this.settling.settle(this.ledger, this.userId, settlement);
  }

  release(requestId: string): Promise<CreditHold> {
    return this.ledger.release(this.userId, requestId);
  }

  clawBack({ from, ...clawback }: Clawback): Promise<{ readonly taken: Money; readonly owed: Money }> {
    return this.ledger.clawBack(this.userId, { ...clawback, from: from === null ? null : this.grantIds.get(from)! });
  }

  tidy(): Promise<void> {
    return this.ledger.tidy(this.userId);
  }
}

/**
 * As one value in memory, by the rules alone: nothing is stored, loaded, locked or decided ahead. Over an account with all
 * its holds it is the model; over one that a transaction opened it makes many deeds of one.
 */
export class PlainBook implements Book {
  constructor(
    public account: CreditAccount,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly grantIds: GrantIds,
    private readonly logs: Pick<AiUsageLogRepository, 'append'>,
  ) {}

  async grant(credit: IncomingCredit): Promise<CreditTransaction> {
    const entry = this.once(credit.key, credit.type, credit.amount, (at) => this.account.granted(credit, at));
    this.grantIds.set(credit.key, entry.id);
    return entry;
  }

  async spend(charge: CreditCharge): Promise<CreditTransaction> {
    return this.once(charge.key, charge.type, charge.amount.negated(), (at) => this.account.spent(charge, at));
  }

  async hold({ requestId, amount, description, lifetimeMs, metadata }: HoldRequest): Promise<CreditHold> {
    const at = this.occasion();
    const account = this.account.tidied(at);
    const known = account.holds.find((hold) => hold.requestId === requestId);
    if (known && !known.amount.equals(amount)) throw new CreditRequestReused(known);
    if (known && known.state !== 'open') throw new CreditHoldClosed(known);
    const { userId } = account;
    const expiresAt = new Date(at.now.getTime() + lifetimeMs);
    const id = this.ids.next<'CreditHold'>();
    const wanted = new CreditHold(
      id,
      userId,
      requestId,
      amount,
      [],
      description,
      'open',
      null,
      at.now,
      expiresAt,
      null,
      metadata,
    );
    this.account = known ? account : account.heldFor(wanted, at);
    return this.holdOf(requestId);
  }

  async settle({ logId, ...settlement }: LoggedSettlement): Promise<CreditHold> {
    this.account = this.account.settled(settlement, this.occasion());
    if (logId !== null) await this.logs.append(entryOf(this.account.userId, settlement, logId));
    return this.holdOf(settlement.requestId);
  }

  async release(requestId: string): Promise<CreditHold> {
    this.account = this.account.released(requestId, this.occasion());
    return this.holdOf(requestId);
  }

  async clawBack({ from, ...clawback }: Clawback): Promise<{ readonly taken: Money; readonly owed: Money }> {
    const { key } = clawback;
    const made = (): CreditTransaction[] =>
      this.account.entries.filter((entry) => entry.key === key || entry.key === `debt:${key}`);
    const before = made();
    if (before.length === 0) {
      this.account = this.account.clawedBack(
        { ...clawback, from: from === null ? null : this.grantIds.get(from)! },
        this.occasion(),
      );
    } else {
      const other = before.find(({ type }) => type !== clawback.type && type !== 'debt');
      const sum = Money.sum(before.map(({ amount, debt }) => debt.minus(amount)));
      if (other || !sum.equals(clawback.amount)) throw new CreditKeyReused(key, other ?? before[0]!);
    }
    return {
      taken: Money.sum(made().map(({ amount }) => amount.negated())),
      owed: Money.sum(made().map(({ debt }) => debt)),
    };
  }

  async tidy(): Promise<void> {
    this.account = this.account.tidied(this.occasion());
  }

  private once(
    key: string,
    type: CreditTransaction['type'],
    amount: Money,
    deed: (at: Occasion) => CreditAccount,
  ): CreditTransaction {
    const entry = (): CreditTransaction | undefined => this.account.entries.find((one) => one.key === key);
    const known = entry();
    if (known && (known.type !== type || !known.amount.equals(amount))) throw new CreditKeyReused(key, known);
    if (!known) this.account = deed(this.occasion());
    return entry()!;
  }

  private holdOf(requestId: string): CreditHold {
    return this.account.holds.find((hold) => hold.requestId === requestId)!;
  }

  private occasion(): Occasion {
    return { now: this.clock.now(), nextId: () => this.ids.next() };
  }
}
