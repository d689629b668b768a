import { injectable } from 'inversify';
import type { PendingBudgetAlerts } from '#application/budgets/pending-budget-alerts';
import type { BudgetAlertId } from '#domain/budgets/budget-alert';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlPendingBudgetAlerts implements PendingBudgetAlerts {
  constructor(private readonly database: TypeOrmTransaction) {}

  async list(limit: number): Promise<readonly BudgetAlertId[]> {
    const rows = await this.database.reader.query<{ id: BudgetAlertId }[]>(
      'select id from budget_alerts where delivered_at is null order by id limit $1',
      [limit],
    );
    return rows.map(({ id }) => id);
  }
}
