import type { UserId } from '#domain/accounts/user';
import type { CreditCategory } from '#domain/credits/credit-grant';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { CreditTransaction, CreditTransactionId, CreditTransactionType } from '#domain/credits/credit-transaction';
import type { Money } from '#domain/shared/money';
import type { Page, PageOf } from '#domain/shared/page';

/** A user's account as the last deed left it. */
export interface AccountStanding {
  readonly balance: Money;
  readonly held: Money;
  readonly debt: Money;
  /** Until then nothing of it runs out; null never. What is due at `alarmAt` is still part of these numbers. */
  readonly alarmAt: Date | null;
}

/** An entry as it was kept, with its link of the chain. */
export interface CreditTransactionRecord extends CreditTransaction {
  /** SHA-256, as hexadecimal digits. */
  readonly hash: string;
}

/** A grant that has something left. */
export interface LiveGrant {
  readonly id: CreditTransactionId;
  readonly type: CreditTransactionType;
  readonly category: CreditCategory;
  readonly description: string;
  readonly amount: Money;
  readonly remaining: Money;
  readonly held: Money;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** What an account holds and what that is made of, as of one instant: it adds up, whatever is done meanwhile. */
export interface AccountContents extends AccountStanding {
  /** In the order in which they are spent. */
  readonly grants: readonly LiveGrant[];
  /** Those that are open, the next to run out first. */
  readonly holds: readonly CreditHold[];
}

/** When: `from` is in it, `to` is not, and null has no bound. */
export interface TransactionSpan {
  readonly from: Date | null;
  readonly to: Date | null;
}

/** Which entries are wanted; what is null does not matter. */
export interface TransactionFilter extends TransactionSpan {
  readonly type: CreditTransactionType | null;
  readonly direction: 'in' | 'out' | null;
}

/** Sums of entries beside the balance, as of one instant: over all entries they add up to it. */
export interface CreditTotals {
  /** What is there now, whatever the span. */
  readonly balance: Money;
  /** By the name of the type; types without entries are left out. */
  readonly byType: readonly TypeTotal[];
}

export interface TypeTotal {
  readonly type: CreditTransactionType;
  readonly entries: number;
  /** Signed, like the entries. */
  readonly amount: Money;
}

/** The ledger read for people. Reads only, and nothing is ever decided by it. */
export abstract class CreditReport {
  /** Zeros for a user without entries. */
  abstract standingOf(userId: UserId): Promise<AccountStanding>;

  /** Zeros, and nothing, for a user without entries. */
  abstract contentsOf(userId: UserId): Promise<AccountContents>;

  /** Newest first. */
  abstract transactions(
    userId: UserId,
    filter: TransactionFilter,
    page: Page,
  ): Promise<PageOf<CreditTransactionRecord>>;

  abstract totals(userId: UserId, span: TransactionSpan): Promise<CreditTotals>;
}
