import type { UserId } from '#domain/accounts/user';
import type { BudgetId } from '#domain/budgets/budget';

/** What can be wrong with the books of budgets. */
export const BUDGET_FINDING_KINDS = [
  /** A period has not counted what was spent in it, or not the part of it that is estimated. */
  'budget_used_differs',
  /** A period has not counted what is held in it. */
  'budget_held_differs',
  /** A day of a user is not what its entries add up to. */
  'budget_day_differs',
  /** Two periods of a budget have time in common, or the parts of one period are not whole. */
  'budget_periods_overlap',
  /** A budget gives out, without looking, more than it has left. */
  'budget_overpromised',
] as const;

export type BudgetFindingKind = (typeof BUDGET_FINDING_KINDS)[number];

/** Names and their values as text: sums in micro-USD, counts, instants. Null is what does not exist. */
export type BudgetFacts = Readonly<Record<string, string | null>>;

/** Something in the books that is not what follows from the logs and the holds. */
export interface BudgetFinding {
  readonly kind: BudgetFindingKind;
  /** Of a user, or the global one. The days of nobody are the global one's. */
  readonly budgetId: BudgetId;
  /** The instant that its period begins at; of a day that day, as YYYY-MM-DD, service, provider and model. */
  readonly id: string;
  readonly stored: BudgetFacts;
  /** The same, as it follows from the entries. */
  readonly recomputed: BudgetFacts;
}

/** Of one user, or of everybody and the global budget (null). Each answers as of one instant, so that work under way makes no difference. */
export abstract class BudgetFindings {
  abstract size(userId: UserId | null): Promise<{ readonly periods: number; readonly entries: number }>;
  abstract list(kind: BudgetFindingKind, userId: UserId | null, limit: number): Promise<readonly BudgetFinding[]>;
}
