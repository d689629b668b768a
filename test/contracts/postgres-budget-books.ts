import type { DataSource } from 'typeorm';
import type { UserId } from '#domain/accounts/user';
import type { AlertLevel } from '#domain/budgets/alert-level';
import { type Budget, type BudgetId, GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { AlertKind } from '#domain/budgets/budget-alert';
import type { BudgetDemand, ProviderSpend } from '#domain/budgets/budget-ledger';
import type { BudgetRules } from '#domain/budgets/budget-rules';
import { SqlBudgetLedger } from '#infrastructure/budgets/sql-budget-ledger';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { alertText, type BudgetBooks, type KeptState } from './budget-books.js';

export class PostgresBudgetBooks implements BudgetBooks {
  readonly clock = new ManualClock();
  private ledger: SqlBudgetLedger;

  constructor(
    private readonly database: DataSource,
    private readonly transaction: TypeOrmTransaction,
    rules: BudgetRules,
  ) {
    this.ledger = this.ledgerBy(rules);
  }

  hold(demand: BudgetDemand): Promise<AlertLevel> {
    return this.transaction.run(() => this.ledger.hold(demand));
  }

  settle(spend: ProviderSpend): Promise<void> {
    const { userId, requestId, service, provider, model, tokens, cost, isEstimate, at } = spend;
    return this.transaction.run(async () => {
      if (provider !== null) {
        await this.transaction.writer.query(
          `insert into provider_usage_logs (id, user_id, request_id, service, provider, model, operation, tokens,
                                            estimated_micros, actual_micros, succeeded, metadata, actor, at)
             values (gen_random_uuid(), $1, $2, $3, $4, $5, 'test', $6, $7, $8, true, '{}', 'test', $9)`,
          [userId, requestId, service, provider, model, tokens, cost.micros, isEstimate ? null : cost.micros, at],
        );
      }
      await this.ledger.settle(spend);
    });
  }

  release(userId: UserId, requestId: string): Promise<void> {
    return this.transaction.run(() => this.ledger.release(userId, requestId));
  }

  async configure({ id, limit, schedule, thresholds, mode }: Budget): Promise<void> {
    const { cadence, customDays, anchor } = schedule;
    await this.transaction.run(async () => {
      await this.transaction.writer.query(
        `insert into budgets (id, limit_micros, cadence, custom_days, anchor_at, yellow, orange, red, mode)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (id) do update set limit_micros = $2, cadence = $3, custom_days = $4, anchor_at = $5,
             yellow = $6, orange = $7, red = $8, mode = $9`,
        [
          ...[id, limit?.micros ?? null, cadence, customDays, anchor],
          ...[thresholds.yellow, thresholds.orange, thresholds.red, mode],
        ],
      );
      await this.transaction.writer.query(`update budget_periods set rules = '' where budget_id = $1`, [id]);
    });
  }

  async givePlan(userId: UserId, plan: string): Promise<void> {
    await this.database.query('update users set plan = $2 where id = $1', [userId, plan]);
  }

  obey(rules: BudgetRules): void {
    this.ledger = this.ledgerBy(rules);
  }

  async stateOf(ids: readonly BudgetId[], from: Date): Promise<readonly KeptState[]> {
    const rows = await this.database.query<readonly StateRow[]>(
      `select b.id, coalesce(p.used, 0)::text as used, coalesce(p.estimated, 0)::text as estimated,
              (coalesce(p.held, 0)
               - (select coalesce(sum(h.amount_micros), 0) from budget_holds h
                   where h.expires_at <= $2 and h.at >= p.starts and h.at < p.ends
                     and case when b.id = $4 then h.by_global else h.user_id = b.id and h.by_user end))::text as held,
              (select coalesce(json_agg(json_build_array(a.period_start, a.kind)), '[]')
                 from budget_alerts a where a.budget_id = b.id and a.period_start >= $3) as alerts
         from unnest($1::uuid[]) with ordinality as b (id, place)
         cross join lateral (
                select sum(used_micros) as used, sum(estimated_micros) as estimated, sum(held_micros) as held,
                       min(period_start) as starts, min(period_end) as ends
                  from budget_periods where budget_id = b.id and period_start <= $2 and period_end > $2) p
        order by b.place`,
      [ids, this.clock.now(), from, GLOBAL_BUDGET],
    );
    return rows.map(({ id, used, estimated, held, alerts }) => ({
      ...{ id, used: BigInt(used), estimated: BigInt(estimated), held: BigInt(held) },
      alerts: alerts.map(([start, kind]) => alertText(new Date(start), kind)).sort(),
    }));
  }

  private ledgerBy(rules: BudgetRules): SqlBudgetLedger {
    return new SqlBudgetLedger(this.transaction, this.clock, rules);
  }
}

interface StateRow {
  readonly id: BudgetId;
  readonly used: string;
  readonly estimated: string;
  readonly held: string;
  readonly alerts: readonly (readonly [string, AlertKind])[];
}
