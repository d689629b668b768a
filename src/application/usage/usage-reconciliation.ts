import type { UserId } from '#domain/accounts/user';
import type { SessionId } from '#domain/sessions/session';
import type { HoldId } from '#domain/usage/hold';
import type { UsageLogId } from '#domain/usage/usage-log';

export const COUNTERS = ['sessions', 'seconds', 'transcriptions'] as const;

/** A counter that is not what its evidence adds up to. */
export interface CounterDifference {
  readonly kind: 'counter_differs';
  readonly userId: UserId;
  /** Null is the open period. */
  readonly periodStart: Date | null;
  readonly counter: (typeof COUNTERS)[number];
  /** Null when the period has no counters at all. */
  readonly stored: bigint | null;
  readonly recomputed: bigint;
}

/** One of two things that belong together is missing, or still open. */
export interface LooseEnd {
  readonly kind: 'open_hold_without_attempt' | 'log_with_open_hold' | 'completed_session_without_log';
  readonly userId: UserId;
  readonly sessionId: SessionId;
  readonly attempt: number;
  readonly holdId: HoldId | null;
  readonly logId: UsageLogId | null;
}

/** Of one user, or of everybody. Each method answers as of one instant, so that work under way makes no difference. */
export abstract class UsageReconciliation {
  abstract countersOf(userId: UserId | null): Promise<number>;
  abstract differences(userId: UserId | null, limit: number): Promise<readonly CounterDifference[]>;
  abstract looseEnds(kind: LooseEnd['kind'], userId: UserId | null, limit: number): Promise<readonly LooseEnd[]>;
}
