import { AuditLog } from '#domain/accounts/audit-log';
import type { Operator } from '../accounts/user-change.js';
import { Clock } from '../ports/clock.js';
import { Pauses } from '../ports/pauses.js';
import { Transaction } from '../ports/transaction.js';
import { rehearsed } from '../rehearsal.js';
import { UseCase } from '../use-case.js';
import { ClockMovesForward, ClockMovesTooFar, ClockNotMovable, ClockShift } from './clock-shift.js';
import { type ClockEvent, ClockTimeline } from './clock-timeline.js';
import { NOTHING_PASSED, type Passed, TimePassing, together } from './time-passing.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Each day is a step of its own. */
const MOST_DAYS = 1_830;
const MOST_EVENTS = 1_000;

export type ClockTarget = { readonly to: Date } | { readonly byMs: number };

export interface ClockAdvanced {
  readonly from: Date;
  readonly to: Date;
  readonly steps: number;
  readonly passed: Passed;
  /** In order; no more than a thousand steps and a thousand notifications. */
  readonly events: readonly ClockEvent[];
}

/**
 * Moves the clock of a sandbox forward, a day at a time and to every instant at which something becomes due, and lets
 * happen at each what is due: a month passes in a second, as it would have passed.
 */
@UseCase()
export class ClockAdvance {
  constructor(
    private readonly shift: ClockShift,
    private readonly passing: TimePassing,
    private readonly timeline: ClockTimeline,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly pauses: Pauses,
  ) {}

  /**
   * A dry run happens in one transaction that is undone, on a clock that only this process sees. Throws ClockNotMovable,
   * ClockMovesForward and ClockMovesTooFar. What fails on the way ends it there, and it can be asked for again.
   */
  async execute(target: ClockTarget, operator: Operator, dryRun: boolean): Promise<ClockAdvanced> {
    if (!this.shift.isMovable) throw new ClockNotMovable();
    const from = this.clock.now();
    const to = 'to' in target ? target.to : new Date(from.getTime() + target.byMs);
    if (to <= from) throw new ClockMovesForward(from, to);
    if (to.getTime() - from.getTime() > MOST_DAYS * DAY_MS) throw new ClockMovesTooFar(from, to, MOST_DAYS);
    if (!dryRun) {
      const advanced = await this.advance(from, to, operator, true);
      // Whoever asks another process next is answered by the same time.
      await this.pauses.wait(this.shift.spreadMs);
      return advanced;
    }
    try {
      return await rehearsed(this.transaction, () => this.advance(from, to, operator, false));
    } finally {
      await this.shift.restore();
    }
  }

  private async advance(from: Date, to: Date, { actor, reason }: Operator, kept: boolean): Promise<ClockAdvanced> {
    const mark = await this.timeline.mark(from);
    let passed = together(NOTHING_PASSED, await this.passing.execute());
    let steps = 0;
    for (let at = from; at < to; steps++) {
      at = await this.nextStop(at, to);
      await this.shift.moveTo(at, kept);
      passed = together(passed, await this.passing.execute());
    }
    await this.transaction.run(() =>
      this.audit.append({
        actor,
        action: 'clock.advance',
        userId: null,
        reason,
        before: { now: from.toISOString() },
        after: { now: to.toISOString() },
      }),
    );
    return { from, to, steps, passed, events: await this.timeline.since(mark, MOST_EVENTS) };
  }

  /** The next midnight, or what comes before it. */
  private async nextStop(at: Date, to: Date): Promise<Date> {
    const midnight = new Date((Math.floor(at.getTime() / DAY_MS) + 1) * DAY_MS);
    const due = await this.passing.nextDue();
    const stops = [midnight, to, ...(due !== null && due > at ? [due] : [])];
    return new Date(Math.min(...stops.map((stop) => stop.getTime())));
  }
}
