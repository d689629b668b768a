import { injectable } from 'inversify';
import { BudgetAlertDelivery } from '#application/budgets/budget-alert-delivery';
import type { JobHandler } from '#application/ports/job-handler';
import { findId } from '#domain/shared/id';

/** Brings alerts of budgets to people. */
@injectable()
export class BudgetAlertHandler implements JobHandler {
  readonly task = 'deliver_budget_alert';
  readonly schedule = null;

  constructor(private readonly delivery: BudgetAlertDelivery) {}

  async handle(payload: unknown): Promise<void> {
    const id = findId<'BudgetAlert'>((payload as { readonly alertId?: unknown } | null)?.alertId);
    if (id === null) throw new Error('A job to deliver a budget alert names none.');
    await this.delivery.execute(id);
  }
}
