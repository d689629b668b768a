import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { BudgetExceeded, BudgetLedger } from '#domain/budgets/budget-ledger';
import { transcriptionRequestId } from '#domain/budgets/provider-spend';
import { Duration } from '#domain/shared/duration';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { ModelNotPriced, RateCards } from '#domain/providers/rate-card';
import type { Session, SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { TranscriptionAttempt, TranscriptionAttemptRepository } from '#domain/sessions/transcription-attempt';
import { DomainException } from '#domain/shared/domain-exception';
import { Hold } from '#domain/usage/hold';
import { HoldRepository } from '#domain/usage/hold-repository';
import { isBillable, type TranscriptionType, transcriptionTypeAfter } from '#domain/usage/transcription-type';
import { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { JobQueue } from '../ports/job-queue.js';
import { Telemetry } from '../ports/telemetry.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import type { Money } from '#domain/shared/money';
import type { Transcriber } from './transcriber.js';
import { Transcribers } from './transcribers.js';

export interface TranscriptionRequest {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  /** What the caller believes it is asking for; refused when the log says otherwise. */
  readonly expects: TranscriptionType;
  /** Another provider than the session's; null keeps it. */
  readonly sttProvider: string | null;
}

export interface StartedTranscription {
  readonly session: Session;
  readonly attempt: TranscriptionAttempt;
  readonly hold: Hold;
}

/**
 * Holds the measured minutes and hands the recording to the worker: both, or neither. The same deed starts the first
 * run, a free retry after a failure and a paid re-transcription; which one it is follows from the usage log.
 */
@UseCase()
export class TranscriptionStart {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly transcribers: Transcribers,
    private readonly rateCards: RateCards,
    private readonly sessions: SessionRepository,
    private readonly attempts: TranscriptionAttemptRepository,
    private readonly holds: HoldRepository,
    private readonly logs: UsageLogRepository,
    private readonly budgets: BudgetLedger,
    private readonly jobs: JobQueue,
    private readonly telemetry: Telemetry,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /** Throws SessionNotFound, InvalidStatusTransition, WrongTranscriptionKind, LimitExceeded, BudgetExceeded, ModelNotPriced. */
  async execute(request: TranscriptionRequest): Promise<StartedTranscription> {
    const started = await this.start(request).catch(async (error: unknown) => {
      const isElseCheapest = error instanceof BudgetExceeded && error.mode === 'fallback';
      const cheaper = isElseCheapest ? await this.findCheaper(request) : null;
      if (cheaper === null) throw error;
      return this.start({ ...request, sttProvider: cheaper });
    });
    this.telemetry.transcriptionStarted(started.attempt.provider, started.attempt.type);
    return started;
  }

  /** The cheapest provider, for somebody who left the choice to us; null when none is cheaper than our own choice. */
  private async findCheaper({ sessionId, userId, sttProvider }: TranscriptionRequest): Promise<string | null> {
    const session = await this.sessions.get(sessionId, userId);
    if ((sttProvider ?? session.sttProvider) !== 'auto') return null;
    const now = this.clock.now();
    const chosen = this.transcribers.get('auto');
    let [best, least]: [string | null, Money | null] = [null, await this.findCost(chosen, session.duration, now)];
    for (const other of this.transcribers.all.filter(({ simulated }) => simulated === chosen.simulated)) {
      const cost = await this.findCost(other, session.duration, now);
      if (cost && least && cost.isLessThan(least)) [best, least] = [other.provider, cost];
    }
    return best;
  }

  /** Null when it has no price, and is not served for that. */
  private async findCost({ provider, model }: Transcriber, duration: Duration, now: Date): Promise<Money | null> {
    try {
      return (await this.rateCards.priceOf(provider, model, now)).costOf(duration);
    } catch (error) {
      if (error instanceof ModelNotPriced) return null;
      throw error;
    }
  }

  private start(request: TranscriptionRequest): Promise<StartedTranscription> {
    return this.transaction.run(async () => {
      const user = await this.users.hold(request.userId);
      user.mustBeActive();
      const session = await this.sessions.hold(request.sessionId, request.userId);
      const now = this.clock.now();
      const processing = session.processing(now);
      const uploadKey = session.uploadKey;
      if (uploadKey === null) throw new RecordingGone(session.id);

      const past = (await this.logs.listOfSession(session.id, user.id)).filter((log) => log.uploadKey === uploadKey);
      const type = transcriptionTypeAfter(past.map(({ outcome }) => outcome));
      if (type !== request.expects) throw new WrongTranscriptionKind(request.expects, type);

      const { provider, model } = this.transcribers.get(request.sttProvider ?? session.sttProvider);
      const price = await this.rateCards.priceOf(provider, model, now);
      const attempt = new TranscriptionAttempt(
        session.id,
        processing.attempts,
        user.id,
        type,
        provider,
        model,
        price.id,
        uploadKey,
        session.duration.seconds,
        null,
        now,
      );
      const hold = await this.hold(user, attempt, session, now);
      await this.attempts.add(attempt);
      await this.sessions.save(processing);
      await this.jobs.add('transcribe', { sessionId: session.id, attempt: attempt.attempt });
      // Last, because all users share what it locks. A free retry costs us as much as any.
      await this.budgets.hold({
        userId: user.id,
        requestId: transcriptionRequestId(session.id, attempt.attempt),
        cost: price.costOf(Duration.ofSeconds(attempt.audioSeconds)),
        at: now,
        expiresAt: hold.expiresAt,
      });
      return { session: processing, attempt, hold };
    });
  }

  private async hold(user: User, { attempt, type }: TranscriptionAttempt, session: Session, now: Date): Promise<Hold> {
    const period = user.billingPeriodAt(now);
    const { limits } = this.plans.get(user.plan);
    const hold = Hold.place(
      { id: this.ids.next(), userId: user.id, sessionId: session.id, attempt, periodStart: period.start },
      isBillable(type) ? session.duration : null,
      now,
    );
    if (await this.holds.placeWithin(hold, period, limits)) return hold;

    // The user is held, so these are the very numbers that the hold was refused by.
    const usage = await this.holds.usageIn(period, user.id, now);
    if (isBillable(type)) limits.admitTranscription(usage, session.duration, period);
    else limits.admitRun(usage);
    throw new Error(`Hold ${hold.id} was refused by numbers that admit it.`);
  }
}

/** Retry is for failures and free; re-transcription is for completed ones and paid: nobody gets one for the other. */
export class WrongTranscriptionKind extends DomainException {
  constructor(asked: TranscriptionType, is: TranscriptionType) {
    const right = {
      original: 'start-transcription',
      retry_failed: 'retry-transcription',
      retry_success: 'retranscribe',
    }[is];
    super(
      'wrong_transcription_kind',
      `By the log of this recording the next run is ${is}: use ${right}.`,
      { asked, is },
      'conflict',
    );
  }
}

export class RecordingGone extends DomainException {
  constructor(sessionId: SessionId) {
    super(
      'recording_gone',
      'The recording is not kept any more, so it cannot be transcribed.',
      { session_id: sessionId },
      'conflict',
    );
  }
}
