import { PlanCatalog } from '#domain/plans/plan-catalog';
import type { Session } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { TranscriptRepository } from '#domain/sessions/transcript-repository';
import { Clock } from '../ports/clock.js';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { enqueueRecordingRemoval } from './recording-removal.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const BATCH = 100;

/** The error of a session whose recording was removed before anything was transcribed of it. */
export const RECORDING_EXPIRED = 'recording_expired';

/**
 * Removes recordings and transcripts that are older than the owner's plan keeps them, counted from the last change of
 * their session. Sessions and usage stay. A session that was never transcribed fails, so that its owner can upload again.
 */
@UseCase()
export class RetentionSweep {
  constructor(
    private readonly plans: PlanCatalog,
    private readonly sessions: SessionRepository,
    private readonly transcripts: TranscriptRepository,
    private readonly jobs: JobQueue,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** How many sessions were relieved of what they kept. Each is a transaction, so an interruption loses nothing. */
  async execute(): Promise<number> {
    const keptSince = this.keptSince();
    for (let swept = 0; ;) {
      const batch = await this.sessions.listBeyondRetention(keptSince, BATCH);
      let done = 0;
      for (const session of batch) if (await this.sweep(session)) done++;
      swept += done;
      // A batch of nothing but sessions that changed meanwhile would come again and again.
      if (batch.length < BATCH || done === 0) return swept;
    }
  }

  /** For each plan that does not keep everything, the instant before which a session must have been changed last. */
  private keptSince(): ReadonlyMap<string, Date> {
    const now = this.clock.now().getTime();
    return new Map(
      this.plans.plans.flatMap(({ name, limits: { retentionDays } }) =>
        retentionDays === 'unlimited' ? [] : [[name, new Date(now - retentionDays * DAY_MS)] as const],
      ),
    );
  }

  private sweep({ id, userId, updatedAt }: Session): Promise<boolean> {
    return this.transaction.run(async () => {
      const session = await this.sessions.holdEvenDeleted(id, userId);
      if (session.updatedAt.getTime() !== updatedAt.getTime()) return false;
      const now = this.clock.now();
      const neverTranscribed = session.status === 'uploading' || session.status === 'pending';
      const next = neverTranscribed ? session.failed(RECORDING_EXPIRED, now) : session;
      await this.sessions.save(next.withoutRecording(now));
      await this.transcripts.removeAll(id, userId);
      await enqueueRecordingRemoval(this.jobs, session, now);
      return true;
    });
  }
}
