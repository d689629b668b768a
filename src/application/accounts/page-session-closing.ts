import { AuditLog } from '#domain/accounts/audit-log';
import { PageSessionRepository } from '#domain/accounts/page-session';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { CallerCache } from './caller-cache.js';
import type { Operator } from './user-change.js';

/** Ends every open session of the page that a user has, opened or not: here at once, in every other process within a second. */
@UseCase()
export class PageSessionClosing {
  constructor(
    private readonly users: UserRepository,
    private readonly sessions: PageSessionRepository,
    private readonly audit: AuditLog,
    private readonly callers: CallerCache,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** How many there were; none is not recorded. Throws UserNotFound. */
  async execute(userId: UserId, operator: Operator): Promise<number> {
    const ended = await this.transaction.run(async () => {
      // Held, so that none begins meanwhile.
      await this.users.hold(userId);
      const count = await this.sessions.endAllOf(userId, this.clock.now());
      if (count > 0) {
        const after = { ended: count };
        await this.audit.append({ ...operator, action: 'page_session.close', userId, before: null, after });
      }
      return count;
    });
    this.callers.clear();
    return ended;
  }
}
