import type { User } from '../accounts/user.js';
import { BillingPeriod } from './billing-period.js';
import type { PeriodReset } from './period-reset.js';

/** A reset that was not undone, as far as the course of periods depends on it. */
export type StandingReset = Pick<PeriodReset, 'previousAnchor' | 'newStart'>;

/** A stretch of time in which one anchor held; the last one goes on. */
interface Stretch {
  readonly from: Date;
  readonly anchor: Date | null;
  readonly until: Date | null;
}

/**
 * All billing periods that a user has been in, from registration on: those of each anchor in turn, the last of each cut
 * short by the reset that gave the next one. They follow each other without gap or overlap.
 */
export class PeriodTimeline {
  private constructor(private readonly stretches: readonly Stretch[]) {}

  /** `resets` are those that stand, oldest first. */
  static of(user: Pick<User, 'createdAt' | 'periodAnchor'>, resets: readonly StandingReset[]): PeriodTimeline {
    const begins = [user.createdAt, ...resets.map(({ newStart }) => newStart)];
    const anchors = [...resets.map(({ previousAnchor }) => previousAnchor), user.periodAnchor];
    return new PeriodTimeline(
      begins.map((from, index) => ({ from, anchor: anchors[index] ?? null, until: begins[index + 1] ?? null })),
    );
  }

  /** Newest first, from the one that contains `now` back to the one of registration. */
  *backFrom(now: Date): Generator<BillingPeriod> {
    for (const stretch of this.stretches.toReversed()) yield* periodsOf(stretch, now);
  }

  latest(count: number, now: Date): readonly BillingPeriod[] {
    const periods: BillingPeriod[] = [];
    for (const period of this.backFrom(now)) {
      if (periods.push(period) === count) break;
    }
    return periods;
  }

  /** The period that begins exactly at `start` (null: the open one), or null when the user has never been in it. */
  find(start: Date | null, now: Date): BillingPeriod | null {
    for (const period of this.backFrom(now)) if (period.start?.getTime() === start?.getTime()) return period;
    return null;
  }
}

function* periodsOf({ from, anchor, until }: Stretch, now: Date): Generator<BillingPeriod> {
  if (anchor === null) {
    yield until ? BillingPeriod.open.cutAt(until) : BillingPeriod.open;
    return;
  }
  const first = from < anchor ? anchor : from;
  const last = until ? before(until) : now;
  let period = BillingPeriod.containing(last < first ? first : last, anchor);
  for (;;) {
    yield until ? period.cutAt(until) : period;
    if (period.start === null || period.start <= first) return;
    period = BillingPeriod.containing(before(period.start), anchor);
  }
}

/** Instants are whole milliseconds here, as JavaScript's are. */
function before(instant: Date): Date {
  return new Date(instant.getTime() - 1);
}
