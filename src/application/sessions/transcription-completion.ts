import type { User } from '#domain/accounts/user';
import { BudgetLedger } from '#domain/budgets/budget-ledger';
import { spendOfTranscription } from '#domain/budgets/provider-spend';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { UserRepository } from '#domain/accounts/user-repository';
import { type RateCard, RateCards } from '#domain/providers/rate-card';
import { LONGEST_RECORDING_SECONDS } from '#domain/sessions/recording';
import type { Session, SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { Transcript } from '#domain/sessions/transcript';
import { TranscriptRepository } from '#domain/sessions/transcript-repository';
import { type TranscriptionAttempt, TranscriptionAttemptRepository } from '#domain/sessions/transcription-attempt';
import { Duration } from '#domain/shared/duration';
import { Money } from '#domain/shared/money';
import type { Hold } from '#domain/usage/hold';
import { HoldRepository } from '#domain/usage/hold-repository';
import { isBillable, type Outcome } from '#domain/usage/transcription-type';
import { billingReason, UsageLog } from '#domain/usage/usage-log';
import { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { JobQueue } from '../ports/job-queue.js';
import { Telemetry } from '../ports/telemetry.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import type { FinalReport } from './transcriber.js';

/**
 * Lands the result of one attempt: log, counters, hold, transcript and session in one transaction, once, however often
 * and however late it is delivered. A result that comes after its hold expired is settled all the same: the provider
 * did the work. A result for a deleted session is counted, and its transcript is not kept.
 */
@UseCase()
export class TranscriptionCompletion {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly rateCards: RateCards,
    private readonly sessions: SessionRepository,
    private readonly attempts: TranscriptionAttemptRepository,
    private readonly transcripts: TranscriptRepository,
    private readonly holds: HoldRepository,
    private readonly logs: UsageLogRepository,
    private readonly budgets: BudgetLedger,
    private readonly jobs: JobQueue,
    private readonly telemetry: Telemetry,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /** `duplicate` when this attempt has landed already. Throws when there is no such attempt: that is a fault. */
  async execute(sessionId: SessionId, attempt: number, report: FinalReport): Promise<'landed' | 'duplicate'> {
    const order = await this.attempts.find(sessionId, attempt);
    if (!order) throw new Error(`Session ${sessionId} has no attempt ${attempt}.`);

    const landed = await this.transaction.run(async () => {
      const user = await this.users.hold(order.userId);
      const session = await this.sessions.holdEvenDeleted(sessionId, order.userId);
      const hold = await this.holds.ofAttempt(sessionId, attempt, order.userId);
      const past = await this.logs.listOfSession(sessionId, order.userId);
      const price = await this.rateCards.get(order.rateCardId);
      const now = this.clock.now();

      const log = this.entry(order, report, session, hold, past[0] ?? null, user, price, now);
      if (!(await this.logs.append(log))) return null;
      const closed = report.state === 'done' ? hold.settled(now) : hold.released(now);
      await this.holds.close(closed);
      await this.finish(session, order, report, now);
      await this.budgets.settle(spendOfTranscription(log));
      return { log, closed };
    });
    if (!landed) return 'duplicate';
    this.telemetry.transcriptionFinished(order.provider, landed.log.outcome, landed.log.audioSeconds);
    this.telemetry.holdClosed(
      landed.closed.state,
      (landed.log.completedAt.getTime() - landed.closed.placedAt.getTime()) / 1000,
    );
    return 'landed';
  }

  private async finish(session: Session, order: TranscriptionAttempt, report: FinalReport, now: Date): Promise<void> {
    // The worker needed the recording until now, although its session was deleted meanwhile.
    if (session.deletedAt) await this.jobs.add('remove_recording', { uploadKey: order.uploadKey });
    if (report.state === 'failed') {
      await this.sessions.save(session.failed(report.reason, now));
      return;
    }
    await this.sessions.save(session.completed(now));
    if (session.deletedAt) return;
    const transcript = Transcript.ofSpeech(
      {
        sessionId: session.id,
        attempt: order.attempt,
        language: report.language ?? session.language,
        segments: report.segments,
      },
      () => this.ids.next(),
    );
    await this.transcripts.add(transcript, session.userId, now);
  }

  private entry(
    order: TranscriptionAttempt,
    report: FinalReport,
    session: Session,
    hold: Hold,
    first: UsageLog | null,
    user: User,
    price: RateCard,
    now: Date,
  ): UsageLog {
    const outcome: Outcome = report.state === 'done' ? 'completed' : 'failed';
    const billable = outcome === 'completed' && isBillable(order.type);
    const reported = report.state === 'done' ? plausible(report.reportedSeconds) : null;
    const audio = reported ?? Duration.ofSeconds(order.audioSeconds);
    const counted = billable ? audio : Duration.zero;
    return new UsageLog(
      this.ids.next(),
      order.userId,
      order.sessionId,
      order.attempt,
      hold.periodStart,
      order.type,
      outcome,
      order.type === 'original' ? null : (first?.id ?? null),
      order.uploadKey,
      audio.seconds,
      counted.seconds,
      billable ? 1 : 0,
      billable,
      billingReason(order.type, outcome),
      price.costOf(counted).micros,
      // Providers do not charge for what failed.
      outcome === 'completed' ? price.costOf(audio).micros : Money.zero.micros,
      order.provider,
      order.model,
      order.rateCardId,
      user.plan,
      this.plans.version,
      // A plan that has left the catalogue admits nothing new, and still settles what it admitted.
      { ...this.plans.find(user.plan)?.limits },
      session.language,
      session.filename,
      session.bytes,
      {
        ...report.metadata,
        duration_source: reported ? 'provider' : 'measured',
        ...(report.state === 'failed' && { reason: report.reason }),
      },
      order.startedAt,
      now,
    );
  }
}

/** A provider's own figure counts when it can be one: more than zero, and no longer than the longest recording. */
function plausible(reportedSeconds: number | null): Duration | null {
  if (reportedSeconds === null || !Number.isFinite(reportedSeconds)) return null;
  if (reportedSeconds <= 0 || reportedSeconds > LONGEST_RECORDING_SECONDS) return null;
  return Duration.ofStartedSeconds(reportedSeconds);
}
