import { injectable } from 'inversify';
import type {
  OverviewFilter,
  OverviewOrder,
  SubscriptionGlance,
  UserOverview,
  UserOverviews,
} from '#application/operations/user-overview';
import type { User } from '#domain/accounts/user';
import { currentOf } from '#domain/billing/running-subscription';
import { isLive } from '#domain/billing/subscription';
import { BudgetPeriod } from '#domain/budgets/budget-period';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { BudgetStatus } from '#domain/budgets/budget-status';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { Duration } from '#domain/shared/duration';
import { Money } from '#domain/shared/money';
import type { Page, PageOf } from '#domain/shared/page';
import { PeriodUsage } from '#domain/usage/period-usage';
import { userOf, type UserRow } from '../accounts/user.table.js';
import { patternOf } from '../accounts/user-search.js';
import { budgetOfStatus, spendOfStatus, type StatusRow } from '../budgets/budget-rows.js';
import { periodKey } from '../persistence/columns.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { STANDINGS, usersPage } from './user-overview-statements.js';

/**
 * Two statements a page, however long it is: the users of the page, and how they stand. Between them the domain says which
 * billing period each is in, so that there is one rule for that and no copy of it in SQL.
 */
@injectable()
export class SqlUserOverviews implements UserOverviews {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly plans: PlanCatalog,
    private readonly rules: BudgetRules,
  ) {}

  async list({ search, order }: OverviewFilter, page: Page, now: Date): Promise<PageOf<UserOverview>> {
    const { users, total } = await this.users(search, order, page, now);
    if (users.length === 0) return { items: [], total };
    const periods = users.map((user) => user.billingPeriodAt(now));
    const rows = await this.database.reader.query<StandingRow[]>(STANDINGS, [
      users.map(({ id }) => id),
      now,
      periods.map(({ start }) => periodKey(start)),
    ]);
    const standings = new Map(rows.map((row) => [row.asked as string, row]));
    const items = users.map((user, index) => this.overviewOf(user, periods[index]!, standings.get(user.id)!, now));
    return { items, total };
  }

  private async users(search: string | null, order: OverviewOrder, { limit, offset }: Page, now: Date) {
    const rows = await this.database.reader.query<(UserRow & { readonly total: number })[]>(usersPage(order), [
      patternOf(search),
      limit,
      offset,
      ...(order === 'spend' ? [now] : []),
    ]);
    // One row without a user tells how many there are where the page is beyond the last.
    const users = rows.filter(({ id }) => id !== null).map(userOf);
    return { users, total: rows[0]!.total };
  }

  private overviewOf(user: User, period: UserOverview['period'], row: StandingRow, now: Date): UserOverview {
    const plan = this.plans.find(user.plan);
    return {
      user,
      plan,
      period,
      usage: new PeriodUsage(
        row.sessions,
        Duration.ofSeconds(Number(row.seconds)),
        row.transcriptions,
        Duration.ofSeconds(row.held_seconds),
        row.held_transcriptions,
        row.running,
      ),
      credit: { balance: money(row.balance), held: money(row.credit_held), debt: money(row.debt) },
      subscription: glanceOf(row.subscriptions),
      budget: this.budgetOf(row, now),
      lastActiveAt: row.last_active_at,
    };
  }

  /** By the limit that the ledger decides by. */
  private budgetOf(row: StandingRow, now: Date): BudgetStatus | null {
    const budget = budgetOfStatus(row);
    const limit = budget.limit ?? this.rules.planLimits[row.plan ?? ''];
    if (!limit) return null;
    return new BudgetStatus(budget, limit, BudgetPeriod.of(row.period_start, row.period_end), spendOfStatus(row), now);
  }
}

interface StandingRow extends StatusRow {
  readonly sessions: number;
  readonly seconds: string;
  readonly transcriptions: number;
  readonly held_seconds: number;
  readonly held_transcriptions: number;
  readonly running: number;
  readonly balance: string;
  readonly credit_held: string;
  readonly debt: string;
  readonly subscriptions: readonly SubscriptionRow[] | null;
  readonly last_active_at: Date | null;
}

interface SubscriptionRow {
  readonly status: SubscriptionGlance['status'];
  readonly dunning: SubscriptionGlance['dunning'];
  readonly plan: string | null;
  readonly review: string | null;
  readonly started_at: string;
  readonly period_end: string;
  readonly ends: boolean;
}

function glanceOf(rows: readonly SubscriptionRow[] | null): SubscriptionGlance | null {
  const current = currentOf(
    (rows ?? []).map((row) => ({ ...row, startedAt: new Date(row.started_at), isLive: isLive(row.status) })),
  );
  if (current === null) return null;
  const { status, dunning, plan, period_end, ends, review } = current;
  return { status, dunning, plan, periodEnd: new Date(period_end), endsWithPeriod: ends, review };
}

function money(micros: string): Money {
  return Money.ofMicros(BigInt(micros));
}
