import { InvalidValue } from '../shared/domain-exception.js';
import { Money } from '../shared/money.js';

/** How near a budget is to its end, from calm to spent. */
export const ALERT_LEVELS = ['green', 'yellow', 'orange', 'red', 'critical'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** Whole percents of the budget, from which on a level holds. Critical is always 100. */
export class Thresholds {
  private constructor(
    readonly yellow: number,
    readonly orange: number,
    readonly red: number,
  ) {}

  static readonly usual = new Thresholds(50, 75, 90);

  /** Throws InvalidValue unless 0 < yellow < orange < red ≤ 100, all whole. */
  static of(yellow: number, orange: number, red: number): Thresholds {
    const ascend = 0 < yellow && yellow < orange && orange < red && red <= 100;
    if (!ascend || ![yellow, orange, red].every(Number.isInteger)) {
      throw new InvalidValue(
        'invalid_thresholds',
        `Thresholds are whole percents with 0 < yellow < orange < red ≤ 100, not ${yellow}, ${orange}, ${red}.`,
        { yellow, orange, red },
      );
    }
    return new Thresholds(yellow, orange, red);
  }

  /** Every comparison is ≥: half of it spent is yellow already, and all of it critical. */
  levelOf(used: Money, limit: Money): AlertLevel {
    const reached = (percent: number): boolean => used.micros * 100n >= limit.micros * BigInt(percent);
    if (reached(100)) return 'critical';
    if (reached(this.red)) return 'red';
    if (reached(this.orange)) return 'orange';
    return reached(this.yellow) ? 'yellow' : 'green';
  }

  percentOf(level: Exclude<AlertLevel, 'green'>): number {
    return level === 'critical' ? 100 : this[level];
  }
}

export function worseOf(one: AlertLevel, other: AlertLevel): AlertLevel {
  return ALERT_LEVELS.indexOf(one) < ALERT_LEVELS.indexOf(other) ? other : one;
}
