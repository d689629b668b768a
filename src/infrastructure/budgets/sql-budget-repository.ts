import { injectable } from 'inversify';
import { UserNotFound } from '#domain/accounts/user-repository';
import { Budget, type BudgetId, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetPeriod } from '#domain/budgets/budget-period';
import type { BudgetRepository, UserBudget } from '#domain/budgets/budget-repository';
import type { BudgetResetRecord, PastBudgetPeriod } from '#domain/budgets/budget-reset';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { BudgetStatus } from '#domain/budgets/budget-status';
import { PlanCatalog, PlanUnknown } from '#domain/plans/plan-catalog';
import type { Money } from '#domain/shared/money';
import type { Page, PageOf } from '#domain/shared/page';
import { userOf, type UserRow } from '../accounts/user.table.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import {
  BUDGET_COLUMNS,
  budgetOfRow,
  budgetOfStatus,
  type BudgetRow,
  pastOf,
  type PastRow,
  spendOfStatus,
  type StatusRow,
  valuesOfBudget,
} from './budget-rows.js';
import { CUT_PERIOD, END_PERIOD, LOCK_PERIOD, NEXT_PERIOD, PAST_PERIODS, STATUS } from './budget-statements.js';

@injectable()
export class SqlBudgetRepository implements BudgetRepository {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly rules: BudgetRules,
    private readonly plans: PlanCatalog,
  ) {}

  async get(id: BudgetId): Promise<Budget> {
    const [row] = await this.database.reader.query<BudgetRow[]>(`select ${COLUMNS} from budgets where id = $1`, [id]);
    return row ? budgetOfRow(row) : Budget.unconfigured(id);
  }

  async hold(id: BudgetId): Promise<Budget> {
    await this.database.writer.query(`insert into budgets (id) values ($1) on conflict do nothing`, [id]);
    // The lock that look_at_budget takes.
    const [row] = await this.database.writer.query<[BudgetRow]>(
      `select ${COLUMNS} from budgets where id = $1 for update`,
      [id],
    );
    return budgetOfRow(row);
  }

  async save(budget: Budget): Promise<void> {
    const { id } = budget;
    await this.database.writer.query(
      `insert into budgets (${COLUMNS}) values (${BUDGET_COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})
       on conflict (id) do update set ${CHANGED}`,
      [...valuesOfBudget(budget)],
    );
    await this.beginPeriod(budget);
    // Whoever comes next looks anew, in past periods too: work that began there may still come to an end.
    await this.database.writer.query(`update budget_periods set rules = '' where budget_id = $1 and rules <> ''`, [id]);
  }

  async status(id: BudgetId, now: Date): Promise<BudgetStatus> {
    const { rows } = await this.database.prepared<StatusRow>(STATUS, [[id], now]);
    return this.statusOf(rows[0]!, now);
  }

  async list({ limit, offset }: Page, now: Date): Promise<PageOf<UserBudget>> {
    const users = await this.database.reader.query<UserRow[]>(
      `select id, email, name, role, plan, current_month_start, period_anchor, suspended_at, version, created_at
         from users order by created_at desc, id limit $1 offset $2`,
      [limit, offset],
    );
    const [{ total }] = await this.database.reader.query<[{ total: number }]>(
      `select count(*)::integer as total from users`,
    );
    const { rows } = await this.database.prepared<StatusRow>(STATUS, [users.map(({ id }) => id), now]);
    const statuses = new Map<string, StatusRow>(rows.map((row) => [row.asked, row]));
    const items = users.map((row) => ({ user: userOf(row), status: this.statusOf(statuses.get(row.id)!, now) }));
    return { items, total };
  }

  async listHistory(id: BudgetId, { limit, offset }: Page, now: Date): Promise<PageOf<PastBudgetPeriod>> {
    const rows = await this.database.reader.query<PastRow[]>(
      `${PAST_PERIODS} order by period_end desc limit $3 offset $4`,
      [id, now, limit, offset],
    );
    const [{ total }] = await this.database.reader.query<[{ total: number }]>(
      `select count(*)::integer as total from (${PAST_PERIODS}) past`,
      [id, now],
    );
    return { items: rows.map(pastOf), total };
  }

  async appendReset(record: BudgetResetRecord): Promise<void> {
    const { id, budgetId, cause, actor, reason, previousLimit, newLimit, previousUsed, previous, next, at } = record;
    await this.database.writer.query(
      `insert into budget_resets (id, budget_id, cause, actor, reason, previous_limit_micros, new_limit_micros,
                                  previous_used_micros, previous_start, previous_end, new_start, new_end, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        ...[id, budgetId, cause, actor, reason, previousLimit.micros, newLimit.micros, previousUsed.micros],
        ...[previous.start, previous.end, next.start, next.end, at],
      ],
    );
  }

  /** Where the anchor of a schedule lies within a period that was counted in: one ends there, and another begins. */
  private async beginPeriod(budget: Budget): Promise<void> {
    const { id, schedule } = budget;
    const { anchor } = schedule;
    if (anchor === null) return;
    const { writer } = this.database;
    type Bounds = { readonly period_start: Date | null; readonly period_end: Date };
    const [kept] = await writer.query<[Bounds]>(LOCK_PERIOD, [id, anchor]);
    if (kept.period_start === null) return;
    const [{ starts }] = await writer.query<[{ starts: Date | null }]>(NEXT_PERIOD, [id, anchor]);
    const { end } = budget.periodAt(anchor);
    // Beside periods of another cadence, never over them.
    const ends = starts !== null && starts < end ? starts : end;
    if (kept.period_start < anchor) await writer.query(CUT_PERIOD, [id, anchor, kept.period_end, ends]);
    else await writer.query(END_PERIOD, [id, anchor, ends]);
  }

  /** Throws UserNotFound and PlanUnknown. */
  private statusOf(row: StatusRow, now: Date): BudgetStatus {
    const { asked, plan, period_start, period_end } = row;
    if (asked !== GLOBAL_BUDGET && plan === null) throw new UserNotFound(asked);
    const budget = budgetOfStatus(row);
    const limit = budget.limit ?? this.limitOf(plan);
    return new BudgetStatus(budget, limit, BudgetPeriod.of(period_start, period_end), spendOfStatus(row), now);
  }

  /** The same that the ledger decides by. */
  private limitOf(plan: string | null): Money {
    if (plan === null) return this.rules.globalLimit;
    const limit = this.rules.planLimits[plan];
    if (!limit) throw new PlanUnknown(plan, this.plans.version);
    return limit;
  }
}

const COLUMNS = BUDGET_COLUMNS.join(', ');
const CHANGED = BUDGET_COLUMNS.filter((column) => column !== 'id')
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');
