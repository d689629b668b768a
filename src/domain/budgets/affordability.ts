import { Money } from '../shared/money.js';
import type { AlertLevel } from './alert-level.js';
import type { BudgetMode } from './budget.js';

/** What is left of a budget at one moment. */
export interface BudgetStanding {
  readonly limit: Money;
  /** Spent in this period: actual cost where it is known, and estimates until then. */
  readonly used: Money;
  /** Reserved by work that is running. */
  readonly held: Money;
  readonly level: AlertLevel;
  readonly mode: BudgetMode;
}

const WHOLE = 10_000n;

/** A tenth on top of what a thing is expected to cost. */
export const USUAL_BUFFER = 1000;

/** What one operation must stay below, however much is left. */
export const CEILING_AT_RED = Money.ofMicros(50_000n);
export const CEILING_AT_CRITICAL = Money.ofMicros(10_000n);

/** Why something does not fit: too little is left, or it is too dear for what is left. */
export type Unaffordable = 'budget_spent' | 'too_dear_at_red' | 'too_dear_at_critical';

/** The cost and its buffer, in hundredths of a percent, rounded up. */
export function padded(cost: Money, buffer: number): Money {
  return cost.timesRoundedUp(WHOLE + BigInt(buffer), WHOLE);
}

/**
 * Null when it may be spent: what remains and is not held is at least the padded cost (equality passes), and the cost itself
 * is below the ceiling of the level. `microAllowance` is what may be spent beyond a budget that is used up, in operations
 * below the critical ceiling: zero unless an operator says otherwise.
 */
export function unaffordable(
  { limit, used, held, level, mode }: BudgetStanding,
  cost: Money,
  { buffer, microAllowance }: { readonly buffer: number; readonly microAllowance: Money },
): Unaffordable | null {
  if (mode === 'alert_only' || !cost.isPositive) return null;
  if (level === 'critical' && !cost.isLessThan(CEILING_AT_CRITICAL)) return 'too_dear_at_critical';
  if (level === 'red' && !cost.isLessThan(CEILING_AT_RED)) return 'too_dear_at_red';
  const allowed = level === 'critical' ? limit.plus(microAllowance) : limit;
  return allowed.minus(used).minus(held).isLessThan(padded(cost, buffer)) ? 'budget_spent' : null;
}
