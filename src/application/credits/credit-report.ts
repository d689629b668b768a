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

/** Which entries are wanted; what is null does not matter. The span is half-open: `from` is in it, `to` is not. */
export interface TransactionFilter {
  readonly type: CreditTransactionType | null;
  readonly direction: 'in' | 'out' | null;
  readonly from: Date | null;
  readonly to: Date | null;
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

  /** In the order in which they are spent. */
  abstract liveGrants(userId: UserId): Promise<readonly LiveGrant[]>;

  /** Those that are open, the next to run out first. */
  abstract openHolds(userId: UserId): Promise<readonly CreditHold[]>;

  /** Newest first. */
  abstract transactions(
    userId: UserId,
    filter: TransactionFilter,
    page: Page,
  ): Promise<PageOf<CreditTransactionRecord>>;

  /** Over all entries, or those of a span; types without any are left out. */
  abstract totals(
    userId: UserId,
    span: { readonly from: Date | null; readonly to: Date | null },
  ): Promise<readonly TypeTotal[]>;
}
