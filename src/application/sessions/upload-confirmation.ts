import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { FileTooLarge } from '#domain/plans/plan-limits';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { type Recording, RecordingRefused } from '#domain/sessions/recording';
import type { Session, SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { DomainException } from '#domain/shared/domain-exception';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { RecordingProbe } from './recording-probe.js';
import { UploadStorage } from './upload-storage.js';

/** A recording and the key it was measured under. */
export interface MeasuredUpload {
  readonly uploadKey: string;
  readonly recording: Recording;
}

/** Takes an uploaded recording into its session, by what the server itself measured. */
@UseCase()
export class UploadConfirmation {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly sessions: SessionRepository,
    private readonly uploads: UploadStorage,
    private readonly probe: RecordingProbe,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads the file, outside any transaction. A file that is refused is removed, and the session waits for another.
   * Null when the session has its recording already. Throws SessionNotFound, UploadMissing, FileTooLarge, RecordingRefused.
   */
  async measure(sessionId: SessionId, userId: UserId): Promise<MeasuredUpload | null> {
    const session = await this.sessions.get(sessionId, userId);
    if (session.durationSeconds !== null) return null;
    session.mustMoveTo('pending');
    const { limits } = this.plans.get((await this.users.get(userId)).plan);
    const key = session.uploadKey;
    const bytes = key === null ? null : await this.uploads.size(key);
    if (key === null || bytes === null) throw new UploadMissing(sessionId);
    try {
      if (bytes === 0) throw new RecordingRefused('empty_audio', 'The uploaded file is empty.', { bytes });
      limits.admitFile(bytes);
      return { uploadKey: key, recording: await this.probe.measure(key) };
    } catch (error) {
      if (error instanceof FileTooLarge || error instanceof RecordingRefused) await this.uploads.remove(key);
      throw error;
    }
  }

  /** Throws SessionNotFound, InvalidStatusTransition, and UploadMissing when another upload was begun meanwhile. */
  execute(sessionId: SessionId, userId: UserId, measured: MeasuredUpload | null): Promise<Session> {
    return this.transaction.run(async () => {
      const session = await this.sessions.hold(sessionId, userId);
      if (session.durationSeconds !== null) return session;
      if (measured === null || measured.uploadKey !== session.uploadKey) throw new UploadMissing(sessionId);
      const pending = session.uploaded(measured.recording, this.clock.now());
      await this.sessions.save(pending);
      return pending;
    });
  }
}

export class UploadMissing extends DomainException {
  constructor(sessionId: SessionId) {
    super(
      'upload_missing',
      'Nothing was uploaded yet. Ask for an upload URL, PUT the recording there, then confirm.',
      { session_id: sessionId },
      'conflict',
    );
  }
}
