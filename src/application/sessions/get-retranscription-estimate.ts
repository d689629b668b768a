import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { type RateCard, RateCards } from '#domain/providers/rate-card';
import type { SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import type { Duration } from '#domain/shared/duration';
import type { Money } from '#domain/shared/money';
import { HoldRepository } from '#domain/usage/hold-repository';
import { LimitUse } from '#domain/usage/limit-use';
import { transcriptionTypeAfter } from '#domain/usage/transcription-type';
import { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { Transcribers } from './transcribers.js';
import { RecordingGone, WrongTranscriptionKind } from './transcription-start.js';

/** The price is exact, the length is ours: what the provider will report may differ by a little. */
const CONFIDENCE_OF_AN_EXACT_PRICE = 0.9;

export interface RetranscriptionEstimate {
  readonly sessionId: SessionId;
  readonly duration: Duration;
  readonly cost: Money;
  readonly price: RateCard;
  /** From 0 to 1. */
  readonly confidence: number;
  /** Seconds of this period that are neither used nor held. */
  readonly remaining: LimitUse['remaining'];
  readonly fits: boolean;
}

/** What transcribing a completed recording again would cost and take from the plan. Promises nothing, holds nothing. */
@UseCase()
export class GetRetranscriptionEstimate {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly transcribers: Transcribers,
    private readonly rateCards: RateCards,
    private readonly sessions: SessionRepository,
    private readonly logs: UsageLogRepository,
    private readonly usage: HoldRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * `sttProvider` null is the session's own. Refuses what a re-transcription would be refused for, except for the
   * plan's limits: SessionNotFound, InvalidStatusTransition, RecordingGone, WrongTranscriptionKind, ProviderUnknown,
   * ModelNotPriced, UserNotFound and PlanUnknown.
   */
  async execute(sessionId: SessionId, userId: UserId, sttProvider: string | null): Promise<RetranscriptionEstimate> {
    const session = await this.sessions.get(sessionId, userId);
    session.mustMoveTo('processing');
    const { uploadKey, duration } = session;
    if (uploadKey === null) throw new RecordingGone(sessionId);
    const past = (await this.logs.listOfSession(sessionId, userId)).filter((log) => log.uploadKey === uploadKey);
    const type = transcriptionTypeAfter(past.map(({ outcome }) => outcome));
    if (type !== 'retry_success') throw new WrongTranscriptionKind('retry_success', type);

    const now = this.clock.now();
    const { provider, model } = this.transcribers.get(sttProvider ?? session.sttProvider);
    const price = await this.rateCards.priceOf(provider, model, now);
    const user = await this.users.get(userId);
    const { limits } = this.plans.get(user.plan);
    const { used, held } = await this.usage.usageIn(user.billingPeriodAt(now), userId, now);
    return {
      sessionId,
      duration,
      cost: price.costOf(duration),
      price,
      confidence: CONFIDENCE_OF_AN_EXACT_PRICE,
      remaining: new LimitUse(used.seconds, held.seconds, limits.seconds).remaining,
      fits: new LimitUse(used.seconds, held.plus(duration).seconds, limits.seconds).fits,
    };
  }
}
