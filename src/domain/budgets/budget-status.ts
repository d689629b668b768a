import { Money } from '../shared/money.js';
import type { AlertLevel } from './alert-level.js';
import type { Budget } from './budget.js';
import type { BudgetPeriod } from './budget-period.js';
import { type BudgetStrategy, strategyAt } from './budget-strategy.js';

/** What a period of a budget came to so far. */
export interface BudgetSpend {
  readonly used: Money;
  /** The part of `used` that is estimated, because no provider reported it. */
  readonly estimated: Money;
  readonly held: Money;
}

/** How a budget stands: every figure from the same moment. */
export class BudgetStatus {
  constructor(
    readonly budget: Budget,
    readonly limit: Money,
    readonly period: BudgetPeriod,
    readonly spend: BudgetSpend,
    readonly asOf: Date,
  ) {}

  /** Never below zero. */
  get remaining(): Money {
    const left = this.limit.minus(this.spend.used);
    return left.isPositive ? left : Money.zero;
  }

  /** What may still be promised: never below zero. */
  get available(): Money {
    const left = this.limit.minus(this.spend.used).minus(this.spend.held);
    return left.isPositive ? left : Money.zero;
  }

  /** In hundredths of a percent, rounded down, and not clamped: 13 333 is 133.33 %. A budget of nothing is 100 % used. */
  get basisPointsUsed(): bigint {
    if (this.limit.isZero) return 10_000n;
    return (this.spend.used.micros * 10_000n) / this.limit.micros;
  }

  get level(): AlertLevel {
    return this.budget.thresholds.levelOf(this.spend.used, this.limit);
  }

  get strategy(): BudgetStrategy {
    return strategyAt(this.level);
  }

  /** Strictly: what is spent to the last cent is critical, and not over. */
  get isOver(): boolean {
    return this.limit.isLessThan(this.spend.used);
  }

  get daysRemaining(): number {
    return this.period.daysRemainingAt(this.asOf);
  }

  /** What the whole period comes to at the pace so far, by its real length, rounded half up. */
  get projected(): Money {
    const { period, asOf, spend } = this;
    return spend.used.timesRoundedHalfUp(BigInt(period.days), BigInt(period.daysElapsedAt(asOf)));
  }
}
