import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { BYTES_PER_MB } from '#domain/plans/plan-limits';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { AUDIO_FORMATS } from '#domain/sessions/recording';
import type { Session, SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { DomainException, InvalidValue } from '#domain/shared/domain-exception';
import { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { enqueueRecordingRemoval } from './recording-removal.js';
import { UploadStorage, type UploadTicket } from './upload-storage.js';

const TICKET_LIFETIME_MS = 15 * 60 * 1000;

/** Lets a client upload one recording into a session: one key, one method, no larger than the plan allows. */
@UseCase()
export class UploadAuthorization {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly sessions: SessionRepository,
    private readonly logs: UsageLogRepository,
    private readonly uploads: UploadStorage,
    private readonly jobs: JobQueue,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * `claimedMb` is what the client says; it is checked to refuse early, and measured again at confirmation.
   * Throws SessionNotFound, InvalidStatusTransition, SessionHasRecording, FileTooLarge and InvalidValue.
   */
  execute(request: {
    readonly sessionId: SessionId;
    readonly userId: UserId;
    readonly filename: string;
    readonly claimedMb: number;
  }): Promise<{ readonly session: Session; readonly ticket: UploadTicket; readonly maxBytes: number }> {
    return this.transaction.run(async () => {
      const session = await this.sessions.hold(request.sessionId, request.userId);
      const { limits } = this.plans.get((await this.users.get(request.userId)).plan);
      limits.admitFile(Math.round(request.claimedMb * BYTES_PER_MB));

      const now = this.clock.now();
      const key = `${session.userId}/${session.id}/${this.ids.next<'Upload'>()}.${extensionOf(request.filename)}`;
      const waiting = session.awaitUpload(key, request.filename, now);
      const past = await this.logs.listOfSession(session.id, session.userId);
      if (past.some(({ outcome }) => outcome === 'completed')) throw new SessionHasRecording(session.id);
      await this.sessions.save(waiting);
      await enqueueRecordingRemoval(this.jobs, session, now);

      const ticket = this.uploads.authorize(key, limits.fileSizeBytes, new Date(now.getTime() + TICKET_LIFETIME_MS));
      return { session: waiting, ticket, maxBytes: limits.fileSizeBytes };
    });
  }
}

/** A session is one recording's life: another recording is another session, and counted as one. */
export class SessionHasRecording extends DomainException {
  constructor(sessionId: SessionId) {
    super(
      'session_has_recording',
      'The recording of this session was transcribed already. Create another session for another recording.',
      { session_id: sessionId },
      'conflict',
    );
  }
}

function extensionOf(filename: string): string {
  const extension = filename.split('.').at(-1)!.toLowerCase();
  if (!AUDIO_FORMATS.some((format) => format === extension)) {
    throw new InvalidValue('unsupported_file_type', `A recording is ${AUDIO_FORMATS.join(', ')}, not ${extension}.`, {
      extension,
      supported: AUDIO_FORMATS,
    });
  }
  return extension;
}
