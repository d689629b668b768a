import type { UserId } from '../accounts/user.js';
import { DomainException } from '../shared/domain-exception.js';
import type { SessionId } from './session.js';
import type { Transcript } from './transcript.js';

export abstract class TranscriptRepository {
  /** Needs a running transaction. */
  abstract add(transcript: Transcript, userId: UserId, now: Date): Promise<void>;

  /** The transcript of the latest completed attempt. Throws TranscriptNotFound, also for a foreign session. */
  abstract latest(sessionId: SessionId, userId: UserId): Promise<Transcript>;

  /** Keeps changed roles and texts; segments neither come nor go. Needs a running transaction. */
  abstract save(transcript: Transcript, userId: UserId): Promise<void>;

  /** Removes every transcript of the session; none is no error. Needs a running transaction. */
  abstract removeAll(sessionId: SessionId, userId: UserId): Promise<void>;
}

export class TranscriptNotFound extends DomainException {
  constructor(sessionId: SessionId) {
    super(
      'transcript_not_found',
      'This session has no transcript: it is not completed, or its transcript was deleted.',
      { session_id: sessionId },
      'not_found',
    );
  }
}
