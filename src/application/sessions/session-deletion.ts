import type { UserId } from '#domain/accounts/user';
import type { Session, SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { TranscriptRepository } from '#domain/sessions/transcript-repository';
import { Clock } from '../ports/clock.js';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { enqueueRecordingRemoval } from './recording-removal.js';

/**
 * Removes what a session says: title, recording and transcripts. What it counted stays: neither its row nor its usage
 * log goes, and no quota comes back. A transcription under way is paid for and lands all the same; the recording is
 * removed when it has.
 */
@UseCase()
export class SessionDeletion {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly transcripts: TranscriptRepository,
    private readonly jobs: JobQueue,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** The session as it is from now on. Throws SessionNotFound, also when it is deleted already. */
  execute(sessionId: SessionId, userId: UserId): Promise<Session> {
    return this.transaction.run(async () => {
      const session = await this.sessions.hold(sessionId, userId);
      const now = this.clock.now();
      const deleted = session.deleted(now);
      await this.sessions.save(deleted);
      await this.transcripts.removeAll(sessionId, userId);
      if (session.status !== 'processing') await enqueueRecordingRemoval(this.jobs, session, now);
      return deleted;
    });
  }
}
