import type { UserId } from '../accounts/user.js';
import { DomainException } from '../shared/domain-exception.js';
import type { CreditAccount, CreditCharge, Occasion } from './credit-account.js';
import type { CreditHold } from './credit-hold.js';
import type { CreditTransaction } from './credit-transaction.js';

export abstract class CreditAccountRepository {
  /**
   * The account, with all that a deed at `now` needs, and nobody else may open it until the running transaction ends. A
   * user without entries has an empty one. `requestId` names the hold that the deed is about, if any.
   */
  abstract open(userId: UserId, requestId: string | null, now: Date): Promise<CreditAccount>;

  /**
   * Keeps what deeds made of an account that the running transaction opened: its new entries, in their order, with the
   * balance, the grants and the holds, in one statement.
   */
  abstract save(account: CreditAccount): Promise<void>;

  /** What has this key has happened already. */
  abstract findTransaction(userId: UserId, key: string): Promise<CreditTransaction | null>;

  /** Every entry whose key begins so, the oldest first. */
  abstract listTransactions(userId: UserId, keysBegin: string): Promise<readonly CreditTransaction[]>;

  /**
   * The common case of `CreditAccount.spent` in one round trip, as a transaction of its own: the amount fits into the grant
   * that is spent next, nothing has run out, and the key is new. Null when it is not so, or when a transaction is running:
   * nothing has happened then, and the account must be opened. Throws InsufficientCredits.
   */
  abstract spendAtOnce(userId: UserId, charge: CreditCharge, at: Occasion): Promise<CreditTransaction | null>;

  /** The same of `CreditAccount.heldFor`. Unless `durable`, a crash of the database can forget it. */
  abstract holdAtOnce(hold: CreditHold, durable: boolean): Promise<CreditHold | null>;

  /** Users whose account has something that ran out by `now`, those that wait longest first. */
  abstract listDue(now: Date, limit: number): Promise<readonly UserId[]>;
}

/** A key names one deed: its type and amount are part of what it says. */
export class CreditKeyReused extends DomainException {
  constructor(key: string, { type, amount }: Pick<CreditTransaction, 'type' | 'amount'>) {
    super(
      'credit_key_reused',
      `The key ${key} belongs to another entry (${type}, ${amount.micros} micro-USD). Use a new key for a new deed.`,
      { key, type, amount_micros: amount.toNumber() },
      'conflict',
    );
  }
}

/** A request id names one hold: its amount is part of what it says. */
export class CreditRequestReused extends DomainException {
  constructor({ requestId, amount }: CreditHold) {
    super(
      'credit_request_reused',
      `Request ${requestId} has a hold of ${amount.micros} micro-USD. Use a new request id for new work.`,
      { request_id: requestId, held_micros: amount.toNumber() },
      'conflict',
    );
  }
}
