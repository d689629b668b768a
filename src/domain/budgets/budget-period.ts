import { InvalidValue } from '../shared/domain-exception.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A Monday, 00:00 UTC: where weeks and spans of days are counted from until a budget is configured or reset. */
const EPOCH = new Date('2024-01-01T00:00:00Z');

export const CADENCES = ['monthly', 'weekly', 'daily', 'custom'] as const;
export type Cadence = (typeof CADENCES)[number];

/** When a budget starts anew. */
export interface BudgetSchedule {
  readonly cadence: Cadence;
  /** Of a `custom` cadence, 1 to 365; null for every other. */
  readonly customDays: number | null;
  /** When it was last reset, or given another cadence: a period began then. Null: never. */
  readonly anchor: Date | null;
}

/**
 * Half-open `[start, end)` in UTC. Months and days are those of the calendar, and weeks and custom spans are counted from the
 * anchor; an anchor within a month or a day begins a period of its own, so what was spent before it does not count in it.
 */
export class BudgetPeriod {
  private constructor(
    readonly start: Date,
    readonly end: Date,
  ) {}

  /** For a period that is known, as it was kept. */
  static of(start: Date, end: Date): BudgetPeriod {
    if (start >= end) throw new InvalidValue('invalid_budget_period', 'A budget period ends after it starts.');
    return new BudgetPeriod(start, end);
  }

  /** The period that contains `at`, however many were missed: derived from the schedule, never from another period. */
  static containing(at: Date, schedule: BudgetSchedule): BudgetPeriod {
    const { start, end } = natural(at, schedule);
    const { anchor } = schedule;
    if (anchor === null || anchor <= start || anchor >= end) return new BudgetPeriod(start, end);
    return at >= anchor ? new BudgetPeriod(anchor, end) : new BudgetPeriod(start, anchor);
  }

  contains(at: Date): boolean {
    return this.start <= at && at < this.end;
  }

  /** Started days; the last one of a period that a reset cut short counts whole. */
  get days(): number {
    return Math.ceil((this.end.getTime() - this.start.getTime()) / DAY_MS);
  }

  /** Today counts: 1 from the first moment on, `days` on the last day. */
  daysElapsedAt(now: Date): number {
    const elapsed = Math.floor((now.getTime() - this.start.getTime()) / DAY_MS) + 1;
    return Math.min(this.days, Math.max(1, elapsed));
  }

  /** Today counts: 12 on 20 December, 17 on 15 March. */
  daysRemainingAt(now: Date): number {
    return Math.max(0, Math.ceil((this.end.getTime() - now.getTime()) / DAY_MS));
  }
}

function natural(at: Date, { cadence, customDays, anchor }: BudgetSchedule): { start: Date; end: Date } {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (cadence === 'monthly') {
    return { start: new Date(Date.UTC(year, month, 1)), end: new Date(Date.UTC(year, month + 1, 1)) };
  }
  if (cadence === 'daily') {
    return { start: new Date(Date.UTC(year, month, day)), end: new Date(Date.UTC(year, month, day + 1)) };
  }
  const length = (cadence === 'weekly' ? 7 : customDays!) * DAY_MS;
  const from = (anchor ?? EPOCH).getTime();
  const start = from + Math.floor((at.getTime() - from) / length) * length;
  return { start: new Date(start), end: new Date(start + length) };
}
