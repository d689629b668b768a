import type { UserId } from '../accounts/user.js';
import type { CreditSettlement, Occasion } from '../credits/credit-account.js';
import type { Metadata } from '../credits/credit-transaction.js';
import type { Id } from '../shared/id.js';
import type { Money } from '../shared/money.js';
import type { AiUsage } from './ai-usage.js';
import type { BasisPoints, Modality, ModelPriceId } from './model-price.js';

export type AiUsageLogId = Id<'AiUsageLog'>;

/**
 * How a request that was held for ended: `completed`; `cut_short`, the provider stopped in mid-answer; `client_gone`;
 * `timed_out`; `failed`, no provider answered; `refused`, the provider refused it for what it says; `lost`, the process that
 * carried it died. Whatever was delivered is charged, and nothing else.
 */
export type AiOutcome = 'completed' | 'cut_short' | 'client_gone' | 'timed_out' | 'failed' | 'refused' | 'lost';

/** One try with one provider. */
export interface AiAttempt {
  readonly provider: string;
  readonly model: string;
  /** `answered`, `refused`, `aborted`, or how the provider failed. */
  readonly result: string;
  readonly ms: number;
}

/** One immutable entry for each request that was held for. */
export interface AiUsageLog {
  readonly id: AiUsageLogId;
  readonly userId: UserId;
  /** That of the hold. */
  readonly requestId: string;
  /** What the answer's X-Request-Id said, for finding it in logs. */
  readonly traceId: string;
  readonly endpoint: string;
  readonly modality: Modality;
  readonly streamed: boolean;
  /** As the caller named it. */
  readonly requestedModel: string;
  /** Who answered, under its own name of the model; null when nobody did. */
  readonly provider: string | null;
  readonly model: string | null;
  readonly usage: AiUsage;
  readonly outcome: AiOutcome;
  readonly attempts: readonly AiAttempt[];
  /** What was reserved. */
  readonly held: Money;
  /** What the caller paid. */
  readonly cost: Money;
  /** What the provider asks for it by its price. */
  readonly providerCost: Money;
  /** The price that the caller pays at most: the one the hold was reckoned by. */
  readonly priceId: ModelPriceId;
  /** The price of who answered; null when nobody did. */
  readonly servedPriceId: ModelPriceId | null;
  readonly markup: BasisPoints;
  readonly startedAt: Date;
  readonly firstByteMs: number | null;
  readonly totalMs: number;
}

export abstract class AiUsageLogRepository {
  /** In the running transaction, with the charge. False when this very entry is there already; throws when the request has another. */
  abstract append(entry: AiUsageLog): Promise<boolean>;

  /**
   * The common case of settling and appending in one round trip, in a transaction of its own or of several users' requests that
   * came together: the hold of the entry's request pays for it. False when it is not so simple: nothing has happened then, and
   * the account must be opened.
   */
  abstract settleAtOnce(entry: AiUsageLog, settlement: CreditSettlement, at: Occasion): Promise<boolean>;

  /** Requests whose hold ran out unsettled before `before`, and of which no entry speaks; those that wait longest first. */
  abstract listLost(before: Date, limit: number): Promise<readonly LostAiRequest[]>;
}

/** What a hold tells of a request whose process died. */
export interface LostAiRequest {
  readonly userId: UserId;
  readonly requestId: string;
  readonly held: Money;
  readonly placedAt: Date;
  readonly closedAt: Date;
  readonly metadata: Metadata;
}
