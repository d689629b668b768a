import { DomainException } from '../shared/domain-exception.js';
import type { Page, PageOf } from '../shared/page.js';
import type { BudgetId } from './budget.js';
import type { BudgetAlert, BudgetAlertId } from './budget-alert.js';

/** An alert on its way to people. */
export interface HeldAlert {
  readonly alert: BudgetAlert;
  /** Null: nobody was told yet. */
  readonly deliveredAt: Date | null;
  /** Whether the user of the budget may see it; of the global one, it says nothing. */
  readonly isVisible: boolean;
  /** Whether a higher level was reached by the same deed: that one is told, and this one only kept. */
  readonly isOvertaken: boolean;
}

/** Every alert that was set off. They are written where money is spent; here they are read, and delivered. */
export abstract class BudgetAlertLog {
  /** Nobody else delivers it until the running transaction ends. Throws BudgetAlertNotFound. */
  abstract hold(id: BudgetAlertId): Promise<HeldAlert>;

  /** Only for one held in the running transaction. */
  abstract markDelivered(id: BudgetAlertId, at: Date): Promise<void>;

  /** Of one budget and all its periods, newest first, whether delivered or not. */
  abstract list(budgetId: BudgetId, page: Page): Promise<PageOf<BudgetAlert>>;
}

export class BudgetAlertNotFound extends DomainException {
  constructor(id: string) {
    super('budget_alert_not_found', `There is no budget alert ${id}.`, { budget_alert: id }, 'not_found');
  }
}
