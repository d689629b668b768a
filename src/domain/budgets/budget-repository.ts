import type { User } from '../accounts/user.js';
import type { Page, PageOf } from '../shared/page.js';
import type { Budget, BudgetId } from './budget.js';
import type { BudgetResetRecord, PastBudgetPeriod } from './budget-reset.js';
import type { BudgetStatus } from './budget-status.js';

/** A user and how their budget stands. */
export interface UserBudget {
  readonly user: User;
  readonly status: BudgetStatus;
}

/** What was configured of budgets, and how they stand. What is spent in them is the ledger's: BudgetLedger. */
export abstract class BudgetRepository {
  /** What was configured, or what stands where nobody configured anything: whether there is such a user it does not ask. */
  abstract get(id: BudgetId): Promise<Budget>;

  /**
   * Like get, and until the running transaction ends nobody else may configure or reset the same budget, nor look at it as a
   * whole to spend from it.
   */
  abstract hold(id: BudgetId): Promise<Budget>;

  /**
   * Only for a budget held in the running transaction. Counts at once for whoever spends next. Another anchor ends the period
   * that contains it there, and begins one: what began before the anchor counts in the first, everything since in the second,
   * also what was counted in the first already.
   */
  abstract save(budget: Budget): Promise<void>;

  /**
   * How a budget stands in the period that contains `now`, every figure from the same moment; nothing is written. Throws
   * UserNotFound, and PlanUnknown when the limit is that of a plan nobody knows.
   */
  abstract status(id: BudgetId, now: Date): Promise<BudgetStatus>;

  /** Of all users, the newest first, in a fixed number of round trips. Throws PlanUnknown as `status` does. */
  abstract list(page: Page, now: Date): Promise<PageOf<UserBudget>>;

  /** The periods that were over by `now` and in which something was counted, and those that a reset ended; newest first. */
  abstract listHistory(id: BudgetId, page: Page, now: Date): Promise<PageOf<PastBudgetPeriod>>;

  /** Kept for ever, in the running transaction of the reset itself. */
  abstract appendReset(record: BudgetResetRecord): Promise<void>;
}
