import type { UserId } from '#domain/accounts/user';
import type { Session, SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { UseCase } from '../use-case.js';

@UseCase()
export class GetSession {
  constructor(private readonly sessions: SessionRepository) {}

  /** Throws SessionNotFound, also for a foreign and for a deleted one. */
  execute(sessionId: SessionId, userId: UserId): Promise<Session> {
    return this.sessions.get(sessionId, userId);
  }
}
