import type { UserId } from '../accounts/user.js';
import type { SessionId } from '../sessions/session.js';
import type { UsageLog } from './usage-log.js';

export abstract class UsageLogRepository {
  /**
   * Appends the entry and adds what it counts to the counters of its period, in the running transaction.
   * False, and nothing changed, when this attempt of this session is logged already.
   */
  abstract append(log: UsageLog): Promise<boolean>;

  /** All entries of a session of this user, oldest first. */
  abstract listOfSession(sessionId: SessionId, userId: UserId): Promise<readonly UsageLog[]>;
}
