import type { SessionId } from '#domain/sessions/session';
import { type TranscriptionAttempt, TranscriptionAttemptRepository } from '#domain/sessions/transcription-attempt';
import { SessionRepository } from '#domain/sessions/session-repository';
import { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { Clock } from '../ports/clock.js';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { type FinalReport, TranscriberUnavailable, type TranscriptionOrder } from './transcriber.js';
import { Transcribers } from './transcribers.js';
import { UploadStorage } from './upload-storage.js';

/** Longest pause that a provider may ask for before we ask it again. */
const LONGEST_PAUSE_SECONDS = 15 * 60;

/**
 * Hands one attempt to its provider, or asks after it, outside any transaction. Delivered at least once: an attempt
 * that has landed is left alone, one that the provider has accepted is asked after and never handed over again.
 */
@UseCase()
export class TranscriptionDispatch {
  constructor(
    private readonly attempts: TranscriptionAttemptRepository,
    private readonly sessions: SessionRepository,
    private readonly logs: UsageLogRepository,
    private readonly transcribers: Transcribers,
    private readonly uploads: UploadStorage,
    private readonly jobs: JobQueue,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /**
   * The result, to be landed; or null when there is nothing to land: not yet, or not any more. Throws
   * TranscriberUnavailable when the provider could not be asked and did not say when to come back.
   */
  async execute(sessionId: SessionId, attempt: number): Promise<FinalReport | null> {
    const order = await this.attempts.find(sessionId, attempt);
    if (!order) throw new Error(`Session ${sessionId} has no attempt ${attempt}.`);
    const logs = await this.logs.listOfSession(sessionId, order.userId);
    if (logs.some((log) => log.attempt === attempt)) return null;

    try {
      const transcriber = this.transcribers.get(order.provider);
      const paper = await this.orderOf(order);
      const report =
        order.externalId === null ? await transcriber.submit(paper) : await transcriber.poll(order.externalId, paper);
      if (report.state !== 'running') return report;
      await this.askAgain(order.accepted(report.externalId), report.askAgainInSeconds);
      return null;
    } catch (error) {
      if (!(error instanceof TranscriberUnavailable) || error.retryAfterSeconds === null) throw error;
      await this.askAgain(order, error.retryAfterSeconds);
      return null;
    }
  }

  private askAgain(order: TranscriptionAttempt, seconds: number): Promise<void> {
    const pause = Math.min(Math.max(seconds, 0), LONGEST_PAUSE_SECONDS) * 1000;
    return this.transaction.run(async () => {
      await this.attempts.save(order);
      const { sessionId, attempt, key } = order;
      const runAt = new Date(this.clock.now().getTime() + pause);
      // Deliveries that were doubled by a crash become one again here.
      await this.jobs.add('transcribe', { sessionId, attempt }, { runAt, key: `transcribe:${key}` });
    });
  }

  private async orderOf(order: TranscriptionAttempt): Promise<TranscriptionOrder> {
    const session = await this.sessions.getEvenDeleted(order.sessionId, order.userId);
    return {
      attemptKey: order.key,
      model: order.model,
      language: session.language,
      filename: session.filename ?? `recording.${order.uploadKey.split('.').at(-1)}`,
      contentType: session.contentType ?? 'application/octet-stream',
      bytes: session.bytes ?? 0,
      seconds: order.audioSeconds,
      open: () => this.uploads.open(order.uploadKey),
    };
  }
}
