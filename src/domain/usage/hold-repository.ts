import type { UserId } from '../accounts/user.js';
import type { PlanLimits } from '../plans/plan-limits.js';
import type { SessionId } from '../sessions/session.js';
import type { BillingPeriod } from './billing-period.js';
import type { Hold } from './hold.js';
import type { PeriodUsage } from './period-usage.js';

export abstract class HoldRepository {
  /**
   * Keeps the hold if the limits admit it beside all that is used and held, or does nothing and answers false.
   * Decides as `limits.admitTranscription` (for a counting hold) or `limits.admitRun` (for a free retry) does.
   * Needs a running transaction that holds the user: so nothing can be held or settled between look and leap.
   */
  abstract placeWithin(hold: Hold, period: BillingPeriod, limits: PlanLimits): Promise<boolean>;

  /** The hold of one attempt, open or closed. Throws a fault when there is none: no work starts without one. */
  abstract ofAttempt(sessionId: SessionId, attempt: number, userId: UserId): Promise<Hold>;

  /** Settled or released. Needs a running transaction. */
  abstract close(hold: Hold): Promise<void>;

  /** Used, held and running, as of `now`, in this period. Nothing used yet is an answer of zeros. */
  abstract usageIn(period: BillingPeriod, userId: UserId, now: Date): Promise<PeriodUsage>;

  /** Attempts whose hold ran out before `instant` and is still open, oldest first: work that was lost. */
  abstract listExpiredBefore(instant: Date, limit: number): Promise<readonly Hold[]>;
}
