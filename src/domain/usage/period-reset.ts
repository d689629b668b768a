import type { UserId } from '../accounts/user.js';
import { DomainException, InvalidValue } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import type { BillingPeriod } from './billing-period.js';

export type PeriodResetId = Id<'PeriodReset'>;

/** One reset of a user's billing period, with all that is needed to undo it. */
export interface PeriodReset {
  readonly id: PeriodResetId;
  readonly userId: UserId;
  readonly previousStart: Date | null;
  readonly previousAnchor: Date | null;
  readonly endedPeriod: BillingPeriod;
  readonly newStart: Date;
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: Date;
}

export abstract class PeriodResetRepository {
  /** Needs a running transaction that holds the user, like every method here. Throws PeriodAlreadyReset. */
  abstract add(reset: PeriodReset): Promise<void>;

  /** The latest reset of the user that was not undone. Throws NothingToUndo. */
  abstract latest(userId: UserId): Promise<PeriodReset>;

  /**
   * Whether somebody else than `actor` has decided, from `since` on, when the user's periods begin: by a reset that stands, or by
   * undoing one of the actor's.
   */
  abstract isOverruled(userId: UserId, actor: string, since: Date): Promise<boolean>;

  /**
   * Lets everything counted or held since the reset count in the period it had ended, and marks the reset undone.
   * What was counted stays readable under the reset's own period.
   */
  abstract undo(
    reset: PeriodReset,
    by: { readonly actor: string; readonly reason: string; readonly at: Date },
  ): Promise<void>;
}

export class NothingToUndo extends DomainException {
  constructor(userId: UserId) {
    super('no_reset_to_undo', `No reset of user ${userId} is left to undo.`, { user_id: userId }, 'conflict');
  }
}

/** Undoing a reset of a period that is over would charge one period with the use of two. */
export class ResetTooOldToUndo extends DomainException {
  constructor(userId: UserId, { newStart, endedPeriod }: PeriodReset) {
    super(
      'reset_too_old_to_undo',
      `The period that the reset of ${newStart.toISOString()} ended would be over by now, so there is nothing to go back to.`,
      {
        user_id: userId,
        reset_at: newStart.toISOString(),
        ended_period_start: endedPeriod.start?.toISOString() ?? null,
        ended_period_end: endedPeriod.end?.toISOString() ?? null,
      },
      'conflict',
    );
  }
}

/** A new period begins within the current one: before it lies what was counted and decided, after now nothing yet. */
export class ResetOutsidePeriod extends InvalidValue {
  constructor(at: Date, period: BillingPeriod, now: Date) {
    super(
      'reset_outside_period',
      `A new period can begin after ${period.start?.toISOString() ?? 'any instant'} and until ${now.toISOString()}, not at ${at.toISOString()}.`,
      { at: at.toISOString(), period_start: period.start?.toISOString() ?? null, now: now.toISOString() },
    );
  }
}

/** A period begins once: a second reset to the same instant would mix the counters of two. */
export class PeriodAlreadyReset extends DomainException {
  constructor(userId: UserId, start: Date) {
    super(
      'period_already_reset',
      `A period of user ${userId} was made to begin at ${start.toISOString()} already.`,
      { user_id: userId, start: start.toISOString() },
      'conflict',
    );
  }
}
