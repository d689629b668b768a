import type { UserId } from '../accounts/user.js';
import type { SessionId } from '../sessions/session.js';
import { Duration } from '../shared/duration.js';
import type { Id } from '../shared/id.js';

export type HoldId = Id<'Hold'>;
export type HoldState = 'open' | 'settled' | 'released';

/** Two hours: longer than any transcription we have been told of, short enough that a lost one frees its minutes soon. */
export const HOLD_LIFETIME_MS = 2 * 60 * 60 * 1000;

/**
 * Minutes reserved before paid work begins. It counts while it is open and not expired; expiry needs nobody to act.
 * A free retry holds nothing of the quota and still takes one of the places that run at the same time.
 */
export class Hold {
  constructor(
    readonly id: HoldId,
    readonly userId: UserId,
    readonly sessionId: SessionId,
    readonly attempt: number,
    /** The period that it counts in, and will be settled in, however late; null is the open period. */
    readonly periodStart: Date | null,
    readonly seconds: number,
    /** 1 when the work will count as a transcription, 0 for a free retry. */
    readonly transcriptions: 0 | 1,
    readonly placedAt: Date,
    readonly expiresAt: Date,
    readonly state: HoldState,
    readonly closedAt: Date | null,
  ) {}

  static place(
    of: Pick<Hold, 'id' | 'userId' | 'sessionId' | 'attempt' | 'periodStart'>,
    quota: Duration | null,
    now: Date,
  ): Hold {
    return new Hold(
      of.id,
      of.userId,
      of.sessionId,
      of.attempt,
      of.periodStart,
      quota?.seconds ?? 0,
      quota ? 1 : 0,
      now,
      new Date(now.getTime() + HOLD_LIFETIME_MS),
      'open',
      null,
    );
  }

  get duration(): Duration {
    return Duration.ofSeconds(this.seconds);
  }

  countsAt(now: Date): boolean {
    return this.state === 'open' && now < this.expiresAt;
  }

  settled(now: Date): Hold {
    return this.closed('settled', now);
  }

  released(now: Date): Hold {
    return this.closed('released', now);
  }

  private closed(state: HoldState, closedAt: Date): Hold {
    return Object.assign(Object.create(Hold.prototype) as Hold, this, { state, closedAt });
  }
}
