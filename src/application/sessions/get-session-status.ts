import type { UserId } from '#domain/accounts/user';
import type { Session, SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { TranscriptionAttemptRepository } from '#domain/sessions/transcription-attempt';
import { progressOf, type TranscriptionProgress } from '#domain/sessions/transcription-progress';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

export interface SessionState {
  readonly session: Session;
  readonly progress: TranscriptionProgress;
  /** When the latest attempt began; null when there was none. */
  readonly startedAt: Date | null;
}

@UseCase()
export class GetSessionStatus {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly attempts: TranscriptionAttemptRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws SessionNotFound. */
  async execute(sessionId: SessionId, userId: UserId): Promise<SessionState> {
    const session = await this.sessions.get(sessionId, userId);
    const attempt = session.attempts === 0 ? null : await this.attempts.find(session.id, session.attempts);
    const startedAt = attempt?.startedAt ?? null;
    return { session, startedAt, progress: progressOf(session, startedAt, this.clock.now()) };
  }
}
