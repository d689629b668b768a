import type { UserId } from '../accounts/user.js';
import type { Id } from '../shared/id.js';
import type { Money } from '../shared/money.js';

export type CreditTransactionId = Id<'CreditTransaction'>;

/** Types that bring credit in. Each such entry is a grant, with the entry's id. */
export const CREDIT_TYPES = ['purchase', 'bonus', 'referral_bonus', 'admin_grant', 'reversal'] as const;
/** Types that pay for use. */
export const USAGE_TYPES = ['api_usage', 'transcription'] as const;
/** Types that take money back from the buyer's credit. */
export const CLAWBACK_TYPES = ['refund', 'chargeback'] as const;

export const CREDIT_TRANSACTION_TYPES = [
  ...CREDIT_TYPES,
  ...USAGE_TYPES,
  ...CLAWBACK_TYPES,
  'admin_debit',
  'expiry',
  /** What could not be taken because it was spent or held: it changes what is owed, not the balance. */
  'debt',
  /** Credit that went towards what was owed. */
  'debt_payment',
] as const;

export type CreditType = (typeof CREDIT_TYPES)[number];
export type UsageType = (typeof USAGE_TYPES)[number];
export type ClawbackType = (typeof CLAWBACK_TYPES)[number];
export type CreditTransactionType = (typeof CREDIT_TRANSACTION_TYPES)[number];

/** How much of which grant. */
export interface GrantPart {
  readonly grant: CreditTransactionId;
  readonly micros: bigint;
}

export type Metadata = Readonly<Record<string, string | number | boolean | null>>;

/** One signed entry of the ledger. The sum of a user's entries is the balance, always. */
export interface CreditTransaction {
  readonly id: CreditTransactionId;
  readonly userId: UserId;
  /** The place in the user's chain, from 1, without a gap. */
  readonly sequence: number;
  readonly type: CreditTransactionType;
  /** What it changes of the balance: above zero in, below zero out. */
  readonly amount: Money;
  /** What it changes of what the user owes. */
  readonly debt: Money;
  readonly balanceBefore: Money;
  readonly balanceAfter: Money;
  readonly debtAfter: Money;
  readonly description: string;
  readonly metadata: Metadata;
  /** Which grants paid. Empty for what comes in. */
  readonly sources: readonly GrantPart[];
  /** The business key: one of each user, for ever. */
  readonly key: string;
  /** A user's id, `cli:<name>`, or `system`. */
  readonly actor: string;
  readonly createdAt: Date;
}
