import { ClockNotMovable, type ClockShift } from '#application/billing/clock-shift';

/** Time is what it is: nobody moves it. */
export class StandingClockShift implements ClockShift {
  readonly isMovable = false;
  readonly offsetMs = 0;
  readonly spreadMs = 0;

  async moveTo(): Promise<void> {
    throw new ClockNotMovable();
  }

  async restore(): Promise<void> {}
}
