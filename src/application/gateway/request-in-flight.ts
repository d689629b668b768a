import type { UserId } from '#domain/accounts/user';
import type { BudgetStrategy } from '#domain/budgets/budget-strategy';
import type { CreditHold } from '#domain/credits/credit-hold';
import { type AiUsage, inputTokensOf, NO_USAGE, outputTokensOf } from '#domain/providers/ai-usage';
import type { AiAttempt, AiOutcome, AiUsageLog, AiUsageLogId } from '#domain/providers/ai-usage-log';
import type { BasisPoints, ModelPrice } from '#domain/providers/model-price';
import { Money } from '#domain/shared/money';
import type { AiRequestEnd } from '../ports/telemetry.js';
import type { AiAsk } from './ai-ask.js';
import type { ProviderAnswer } from './ai-provider.js';
import type { AnswerHead } from './answer-sink.js';

/** What was decided about a request before it was sent. */
export interface Decided {
  readonly id: AiUsageLogId;
  readonly userId: UserId;
  readonly ask: AiAsk;
  /** Whose price the caller pays at most. */
  readonly price: ModelPrice;
  /** Who is asked, in that order. */
  readonly targets: readonly ModelPrice[];
  /** Why in that order. */
  readonly strategy: BudgetStrategy;
  readonly markup: BasisPoints;
  /** The most it can cost. */
  readonly most: Money;
  readonly startedAt: Date;
}

/** A request that is held for, and how far it has come: all that settling it needs, whatever ends it. */
export class RequestInFlight {
  /** Filled by the failover as it goes. */
  readonly attempts: AiAttempt[] = [];
  /** Whether a provider was asked. */
  isSent = false;
  private served: ModelPrice | null = null;
  private answer: ProviderAnswer | null = null;
  private firstByteAt: Date | null = null;

  constructor(
    readonly decided: Decided,
    /** Null when nothing it can use has a price above zero. */
    readonly hold: CreditHold | null,
  ) {}

  /**
   * One key is one charge, for ever. Without a key every request is its own, and so is one that nothing is held for.
   * `time` counts the requests with a key from 1: those before cost nothing. No key has a space in it.
   */
  static requestId({ id, most, ask: { idempotencyKey } }: Pick<Decided, 'id' | 'most' | 'ask'>, time = 1): string {
    if (idempotencyKey === null || !most.isPositive) return `ai:${id}`;
    return time === 1 ? `ai:key:${idempotencyKey}` : `ai:key:${idempotencyKey} ${time}`;
  }

  /** From now on what `answer` says was delivered, and is charged. */
  answered(served: ModelPrice, answer: ProviderAnswer, at: Date): void {
    this.served = served;
    this.answer = answer;
    this.firstByteAt = at;
  }

  /**
   * Whether the provider is waited for when the caller leaves: what comes whole was ordered, and of a stream that is said to
   * its end only the account is to come.
   */
  get isOrdered(): boolean {
    if (!this.isSent) return false;
    return !this.decided.ask.stream || (this.answer?.kind === 'stream' && this.answer.isFinishing());
  }

  /** Whether the provider reports more than there can be, so that only what there can be is charged. */
  get isCutDown(): boolean {
    const told = this.delivered();
    const { price, ask } = this.decided;
    return told.source === 'provider' && price.chargeable(told, ask.demand).source === 'estimate';
  }

  /** Who answers. Known once it was answered. */
  get target(): ModelPrice {
    return this.served!;
  }

  head(contentType: string, simulated: boolean, cost: Money | null): AnswerHead {
    const { ask, most, price, strategy } = this.decided;
    const { provider, model } = this.target;
    return {
      contentType,
      streamed: this.answer?.kind === 'stream',
      provider,
      model,
      requestedModel: ask.model,
      simulated,
      strategy,
      held: most,
      priceId: price.id,
      cost,
    };
  }

  private delivered(): AiUsage {
    if (this.answer === null) return NO_USAGE;
    return this.answer.kind === 'stream' ? this.answer.usage() : this.answer.usage;
  }

  /** The entry of the log. The caller never pays more than the requested model's own price, whoever answered. */
  entry(outcome: AiOutcome, now: Date): AiUsageLog {
    const { id, userId, ask, price, markup, most, startedAt } = this.decided;
    const { served, firstByteAt } = this;
    const usage = price.chargeable(this.delivered(), ask.demand);
    const atServed = served?.chargeable(usage, ask.demand) ?? usage;
    const reckoned = served ? Money.least(price.costOf(usage, markup), served.costOf(atServed, markup)) : Money.zero;
    // Above the hold goes only what the provider reports, never what we make of a stream that it did not end.
    const cost = usage.source === 'estimate' ? Money.least(reckoned, most) : reckoned;
    return {
      id,
      userId,
      requestId: this.hold?.requestId ?? RequestInFlight.requestId(this.decided),
      traceId: ask.traceId,
      endpoint: ask.endpoint,
      modality: price.modality,
      streamed: ask.stream,
      requestedModel: ask.model,
      provider: served?.provider ?? null,
      model: served?.model ?? null,
      usage,
      outcome,
      attempts: this.attempts,
      held: this.hold ? most : Money.zero,
      cost,
      providerCost: served ? served.costOf(atServed, 0) : Money.zero,
      priceId: price.id,
      servedPriceId: served?.id ?? null,
      markup,
      startedAt,
      firstByteMs: firstByteAt && firstByteAt.getTime() - startedAt.getTime(),
      totalMs: now.getTime() - startedAt.getTime(),
    };
  }
}

export function requestEnd(entry: AiUsageLog): AiRequestEnd {
  const { provider, requestedModel: model, outcome, firstByteMs, totalMs, usage, cost } = entry;
  return {
    provider,
    model,
    outcome,
    firstByteSeconds: firstByteMs === null ? null : firstByteMs / 1000,
    seconds: totalMs / 1000,
    inputTokens: inputTokensOf(usage),
    outputTokens: outputTokensOf(usage),
    costMicros: cost.toNumber(),
  };
}
