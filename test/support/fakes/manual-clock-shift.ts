import type { ClockShift } from '#application/billing/clock-shift';
import type { ManualClock } from './manual-clock.js';

/** Moves a manual clock, which nobody else moves meanwhile. */
export class ManualClockShift implements ClockShift {
  readonly isMovable = true;
  spreadMs = 0;
  private keptAt: number;
  private readonly beganAt: number;

  constructor(private readonly clock: ManualClock) {
    this.beganAt = clock.now().getTime();
    this.keptAt = this.beganAt;
  }

  get offsetMs(): number {
    return this.clock.now().getTime() - this.beganAt;
  }

  async moveTo(to: Date, kept: boolean): Promise<void> {
    if (!kept) this.keptAt = Math.min(this.keptAt, this.clock.now().getTime());
    if (to > this.clock.now()) this.clock.set(to);
    if (kept) this.keptAt = this.clock.now().getTime();
  }

  async restore(): Promise<void> {
    this.clock.set(new Date(this.keptAt));
  }
}
