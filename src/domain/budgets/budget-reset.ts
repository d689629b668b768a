import { InvalidValue } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import type { Money } from '../shared/money.js';
import type { BudgetId } from './budget.js';
import type { BudgetPeriod } from './budget-period.js';
import type { BudgetStatus } from './budget-status.js';

export type BudgetResetId = Id<'BudgetReset'>;

/** Why a period ended before its time: somebody reset it, or configured another cadence. */
export type ResetCause = 'reset' | 'cadence';

/** Whoever began a period early, and how the budget stood then. Kept for ever. */
export interface BudgetResetRecord {
  readonly id: BudgetResetId;
  readonly budgetId: BudgetId;
  readonly cause: ResetCause;
  readonly actor: string;
  readonly reason: string | null;
  readonly previousLimit: Money;
  readonly newLimit: Money;
  readonly previousUsed: Money;
  /** As it was before: its end is the one it would have had. */
  readonly previous: BudgetPeriod;
  /** It starts where the one before was cut. */
  readonly next: BudgetPeriod;
  readonly at: Date;
}

/** A period that is over. */
export interface PastBudgetPeriod {
  /** `rollover`: it came to its own end. */
  readonly cause: ResetCause | 'rollover';
  /** As it was in the end: a reset cuts it. */
  readonly period: BudgetPeriod;
  /** Null after a rollover, which nobody was there to write down. */
  readonly limit: Money | null;
  /** With what its requests came to after it was over. */
  readonly used: Money;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly at: Date;
  /** What a reset began; null after a rollover. */
  readonly next: BudgetPeriod | null;
}

/** What a reset changed: how the budget stood before it, and how it stands now. */
export function resetBetween(
  before: BudgetStatus,
  after: BudgetStatus,
  { id, cause, actor, reason }: Pick<BudgetResetRecord, 'id' | 'cause' | 'actor' | 'reason'>,
): BudgetResetRecord {
  return {
    id,
    budgetId: before.budget.id,
    cause,
    actor,
    reason,
    previousLimit: before.limit,
    newLimit: after.limit,
    previousUsed: before.spend.used,
    previous: before.period,
    next: after.period,
    at: after.asOf,
  };
}

export const MOST_CHARACTERS = 500;

/** Throws InvalidValue for a reason, or notes, of more than 500 characters. */
export function mustBeShort(field: 'reason' | 'notes', text: string | null): void {
  if (text === null || text.length <= MOST_CHARACTERS) return;
  throw new InvalidValue(`${field}_too_long`, `"${field}" has at most ${MOST_CHARACTERS} characters.`, {
    field,
    characters: text.length,
    limit: MOST_CHARACTERS,
  });
}
