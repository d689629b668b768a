import type { UserId } from '#domain/accounts/user';
import type { AiUsageLog } from '#domain/providers/ai-usage-log';
import type { ModelPrice, ModelPriceId } from '#domain/providers/model-price';

/** What can be wrong with what an AI request used and cost, by its own entry of the log. */
export const ENTRY_FINDING_KINDS = [
  /** An entry is charged by a price that does not exist. */
  'ai_price_missing',
  /** The cost is not that of the quantities, at the price and markup of the entry, or at the price of who answered. */
  'ai_cost_differs',
  /** What the provider asks is not that of the quantities at the price of who answered. */
  'ai_provider_cost_differs',
  /** A request that failed, was refused or was lost, and costs something. */
  'ai_failure_charged',
] as const;

/** What can be wrong between the log, the holds and the ledger. */
export const LINK_FINDING_KINDS = [
  /** The hold of an entry is not settled by what the entry costs; that of a lost request did not run out. */
  'ai_hold_differs',
  /** A hold of the gateway is settled, and nothing is logged. */
  'ai_hold_without_log',
  /** What the ledger charged for a request, and what it wrote down as owed, is not what the request cost. */
  'ai_charge_differs',
] as const;

export type EntryFindingKind = (typeof ENTRY_FINDING_KINDS)[number];
export type LinkFindingKind = (typeof LINK_FINDING_KINDS)[number];
export type AiUsageFindingKind = EntryFindingKind | LinkFindingKind;

/** Names and their values as text: sums in micro-USD, states, ids. Null is what does not exist. */
export type AiUsageFacts = Readonly<Record<string, string | null>>;

/** Something about a request's money that is not what follows from the rest. */
export interface AiUsageFinding {
  readonly kind: AiUsageFindingKind;
  readonly userId: UserId;
  /** The entry of the log; of `ai_hold_without_log`, the hold. */
  readonly id: string;
  readonly stored: AiUsageFacts;
  /** The same, as it follows from the rest. */
  readonly recomputed: AiUsageFacts;
}

/** What of an entry its costs follow from. */
export type LoggedCost = Pick<
  AiUsageLog,
  | 'id'
  | 'userId'
  | 'modality'
  | 'usage'
  | 'outcome'
  | 'held'
  | 'cost'
  | 'providerCost'
  | 'priceId'
  | 'servedPriceId'
  | 'markup'
>;

/** Of one user, or of everybody (null). */
export abstract class AiUsageEvidence {
  /** Every entry once, at most `size` at a time. Entries that are written meanwhile may be among them or not. */
  abstract pages(userId: UserId | null, size: number): AsyncIterable<readonly LoggedCost[]>;
  /** Those of the prices that exist. */
  abstract prices(ids: readonly ModelPriceId[]): Promise<readonly ModelPrice[]>;
  /** As of one instant, so that work under way makes no difference. */
  abstract findings(kind: LinkFindingKind, userId: UserId | null, limit: number): Promise<readonly AiUsageFinding[]>;
}
