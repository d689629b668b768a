import type { BudgetId } from '#domain/budgets/budget';
import type { BudgetAlert } from '#domain/budgets/budget-alert';
import { BudgetAlertLog } from '#domain/budgets/budget-alert-log';
import type { Page, PageOf } from '#domain/shared/page';
import { UseCase } from '../use-case.js';

/** The alerts of one budget, newest first. */
@UseCase()
export class ListBudgetAlerts {
  constructor(private readonly alerts: BudgetAlertLog) {}

  execute(id: BudgetId, page: Page): Promise<PageOf<BudgetAlert>> {
    return this.alerts.list(id, page);
  }
}
