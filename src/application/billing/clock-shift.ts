import { DomainException, InvalidValue } from '#domain/shared/domain-exception';

/** The product's time, as something that an operator of a sandbox can move. Clock reads it. */
export abstract class ClockShift {
  /** False where payments are real, and in production: there time is what it is. */
  abstract readonly isMovable: boolean;

  /** How far the product's time is ahead of the world's. */
  abstract readonly offsetMs: number;

  /** How long it takes at most until every process follows what was kept. */
  abstract readonly spreadMs: number;

  /**
   * It is `to` now, or later if it is so already, and time goes on from there: in every process within `spreadMs` when it is `kept`, and
   * in this one alone when it is not. Throws ClockNotMovable.
   */
  abstract moveTo(to: Date, kept: boolean): Promise<void>;

  /** Back to what was kept. */
  abstract restore(): Promise<void>;
}

export class ClockNotMovable extends DomainException {
  constructor() {
    super(
      'clock_not_movable',
      'The clock can be moved only where payments are a sandbox: without STRIPE_SECRET_KEY, and not in production.',
    );
  }
}

export class ClockMovesForward extends InvalidValue {
  constructor(now: Date, to: Date) {
    super(
      'clock_moves_forward',
      `The clock stands at ${now.toISOString()}, and moves forward only: ${to.toISOString()} is not later. What has happened is not undone.`,
      { now: now.toISOString(), to: to.toISOString() },
    );
  }
}

export class ClockMovesTooFar extends InvalidValue {
  constructor(now: Date, to: Date, mostDays: number) {
    super(
      'clock_moves_too_far',
      `From ${now.toISOString()} to ${to.toISOString()} are more than ${mostDays} days. Move the clock in several parts.`,
      { now: now.toISOString(), to: to.toISOString(), limit_days: mostDays },
    );
  }
}
