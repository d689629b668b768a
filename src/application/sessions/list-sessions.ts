import type { UserId } from '#domain/accounts/user';
import type { Page, PageOf } from '#domain/shared/page';
import type { Session, SessionStatus } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { UseCase } from '../use-case.js';

@UseCase()
export class ListSessions {
  constructor(private readonly sessions: SessionRepository) {}

  /** Newest first, without deleted ones; `status` null means any. */
  execute(
    userId: UserId,
    filter: { readonly status: SessionStatus | null; readonly page: Page },
  ): Promise<PageOf<Session>> {
    return this.sessions.list(userId, filter);
  }
}
