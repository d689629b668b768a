import type { UserId } from '#domain/accounts/user';

/** What can be wrong with a book of credit. */
export const CREDIT_FINDING_KINDS = [
  /** The balance or the debt of an account is not what its entries add up to. */
  'balance_differs',
  'debt_differs',
  /** The account does not stand where its last entry left it. */
  'last_entry_differs',
  /** An entry does not continue the one before it: its place, its balance or its debt. */
  'chain_broken',
  /** An entry does not say what it said when it was written, or not after the entry that it was written after. */
  'hash_differs',
  /** What is held of an account is not what its open holds, or its grants, have of it. */
  'held_differs',
  /** What is held of a grant is not what open holds reserve of it. */
  'grant_held_differs',
  /** The balance is not what the grants have left. */
  'grants_differ',
  /** A grant has not left what its payments leave of it. */
  'grant_remaining_differs',
  /** A grant that no entry brought, as it stands. */
  'grant_without_entry',
  /** Credit that came in and is no grant. */
  'entry_without_grant',
  /** What an entry took is not what its sources paid. */
  'sources_differ',
  /** An entry or a hold of one user takes from a grant of another, or of nobody. */
  'foreign_source',
  /** An account keeps in mind another grant as the next one to be spent, or other credit of it, than there is. */
  'front_differs',
  /** An account is looked after later than something of it runs out. */
  'alarm_late',
  /** A purchase that is completed and brought no credit, or not what was bought. */
  'payment_without_entry',
  /** Credit for a purchase that is not completed, or does not exist. */
  'entry_without_payment',
] as const;

export type CreditFindingKind = (typeof CREDIT_FINDING_KINDS)[number];

/** Names and their values as text: sums in micro-USD, places, ids, instants. Null is what does not exist. */
export type CreditFacts = Readonly<Record<string, string | null>>;

/** Something in the book that is not what follows from the rest of it. */
export interface CreditFinding {
  readonly kind: CreditFindingKind;
  readonly userId: UserId;
  /** The entry, grant, hold or payment that it is about; null is the account. */
  readonly id: string | null;
  readonly stored: CreditFacts;
  /** The same, as it follows from the rest of the book. */
  readonly recomputed: CreditFacts;
}

/** Of one user, or of everybody. Each method answers as of one instant, so that work under way makes no difference. */
export abstract class CreditReconciliation {
  abstract size(userId: UserId | null): Promise<{ readonly accounts: number; readonly entries: number }>;
  abstract findings(kind: CreditFindingKind, userId: UserId | null, limit: number): Promise<readonly CreditFinding[]>;
}
