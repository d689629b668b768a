import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { ClockShift } from './clock-shift.js';

export interface ClockState {
  readonly now: Date;
  /** Without what an operator moved it by. */
  readonly worldNow: Date;
  readonly offsetMs: number;
  readonly isMovable: boolean;
}

/** What time it is for the product, and what time it is. */
@UseCase()
export class GetClock {
  constructor(
    private readonly clock: Clock,
    private readonly shift: ClockShift,
  ) {}

  execute(): ClockState {
    const now = this.clock.now();
    const { offsetMs, isMovable } = this.shift;
    return { now, worldNow: new Date(now.getTime() - offsetMs), offsetMs, isMovable };
  }
}
