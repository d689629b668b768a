import type { BudgetAlertId } from '#domain/budgets/budget-alert';

/** Alerts of which nobody was told yet. Reads only. */
export abstract class PendingBudgetAlerts {
  /** The oldest first. */
  abstract list(limit: number): Promise<readonly BudgetAlertId[]>;
}
