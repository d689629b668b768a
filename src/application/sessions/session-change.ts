import type { UserId } from '#domain/accounts/user';
import type { Session, SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { InvalidValue } from '#domain/shared/domain-exception';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** What an owner may change of a session; what is null stays as it is. */
export interface SessionChanges {
  readonly title: string | null;
  /** Every other status is the outcome of a deed of its own. */
  readonly status: 'cancelled' | null;
}

/** Renames a session, or cancels one that nothing was transcribed of yet. */
@UseCase()
export class SessionChange {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** Throws SessionNotFound, InvalidStatusTransition, and InvalidValue when nothing is to change. */
  execute(sessionId: SessionId, userId: UserId, { title, status }: SessionChanges): Promise<Session> {
    return this.transaction.run(async () => {
      const session = await this.sessions.hold(sessionId, userId);
      const now = this.clock.now();
      if (title === null && status === null)
        throw new InvalidValue('nothing_to_change', 'Send a title, a status, or both.');
      const renamed = title === null ? session : session.renamed(title, now);
      const changed = status === null ? renamed : renamed.cancelled(now);
      await this.sessions.save(changed);
      return changed;
    });
  }
}
