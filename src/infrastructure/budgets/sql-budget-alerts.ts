import { injectable } from 'inversify';
import type { BudgetId } from '#domain/budgets/budget';
import { type AlertKind, BudgetAlert, type BudgetAlertId } from '#domain/budgets/budget-alert';
import { type BudgetAlertLog, BudgetAlertNotFound, type HeldAlert } from '#domain/budgets/budget-alert-log';
import { BudgetPeriod, type Cadence } from '#domain/budgets/budget-period';
import type { Page, PageOf } from '#domain/shared/page';
import { money } from '../persistence/money.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlBudgetAlerts implements BudgetAlertLog {
  constructor(private readonly database: TypeOrmTransaction) {}

  async hold(id: BudgetAlertId): Promise<HeldAlert> {
    // Whoever sets off an alert holds its budget, so there is one.
    const [row] = await this.database.writer.query<HeldAlertRow[]>(
      `select ${COLUMNS}, a.delivered_at, b.visible,
              exists (select from budget_alerts higher
                       where higher.budget_id = a.budget_id and higher.period_start = a.period_start and higher.at = a.at
                         and a.kind < higher.kind and higher.kind <> 'forecast') as overtaken
         from budget_alerts a join budgets b on b.id = a.budget_id
        where a.id = $1 for no key update of a`,
      [id],
    );
    if (!row) throw new BudgetAlertNotFound(id);
    return { alert: alertOf(row), deliveredAt: row.delivered_at, isVisible: row.visible, isOvertaken: row.overtaken };
  }

  async markDelivered(id: BudgetAlertId, at: Date): Promise<void> {
    await this.database.writer.query(`update budget_alerts set delivered_at = $2 where id = $1`, [id, at]);
  }

  async list(budgetId: BudgetId, { limit, offset }: Page): Promise<PageOf<BudgetAlert>> {
    const rows = await this.database.reader.query<AlertRow[]>(
      `select ${COLUMNS} from budget_alerts a where a.budget_id = $1
        order by a.at desc, a.kind desc limit $2 offset $3`,
      [budgetId, limit, offset],
    );
    const [{ total }] = await this.database.reader.query<[{ total: number }]>(
      `select count(*)::integer as total from budget_alerts where budget_id = $1`,
      [budgetId],
    );
    return { items: rows.map(alertOf), total };
  }
}

const COLUMNS = `a.id, a.budget_id, a.period_start, a.period_end, a.cadence, a.kind, a.limit_micros, a.used_micros,
           a.projected_micros, a.at`;

interface AlertRow {
  readonly id: BudgetAlertId;
  readonly budget_id: BudgetId;
  readonly period_start: Date;
  readonly period_end: Date;
  readonly cadence: Cadence;
  readonly kind: AlertKind;
  readonly limit_micros: string;
  readonly used_micros: string;
  readonly projected_micros: string;
  readonly at: Date;
}

interface HeldAlertRow extends AlertRow {
  readonly delivered_at: Date | null;
  readonly visible: boolean;
  readonly overtaken: boolean;
}

function alertOf(row: AlertRow): BudgetAlert {
  return new BudgetAlert(
    row.id,
    row.budget_id,
    BudgetPeriod.of(row.period_start, row.period_end),
    row.cadence,
    row.kind,
    money(row.limit_micros),
    money(row.used_micros),
    money(row.projected_micros),
    row.at,
  );
}
