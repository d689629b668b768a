import { injectable } from 'inversify';
import type { BudgetFinding, BudgetFindingKind, BudgetFindings } from '#application/budgets/budget-findings';
import type { UserId } from '#domain/accounts/user';
import type { BudgetId } from '#domain/budgets/budget';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { NOBODY } from './budget-statements.js';

@injectable()
export class SqlBudgetFindings implements BudgetFindings {
  constructor(private readonly database: TypeOrmTransaction) {}

  async size(userId: UserId | null): Promise<{ readonly periods: number; readonly entries: number }> {
    const [row] = await this.database.reader.query<[{ periods: string; entries: string }]>(
      `select (select count(*) from budget_periods where slot = 0 and ($1::uuid is null or budget_id = $1)) as periods,
              (select count(*) from provider_spend where $1::uuid is null or user_id = $1) as entries`,
      [userId],
    );
    return { periods: Number(row.periods), entries: Number(row.entries) };
  }

  async list(kind: BudgetFindingKind, userId: UserId | null, limit: number): Promise<readonly BudgetFinding[]> {
    const rows = await this.database.reader.query<FindingRow[]>(FINDINGS[kind], [userId, limit]);
    return rows.map(({ budget_id, id, stored, recomputed }) => ({ kind, budgetId: budget_id, id, stored, recomputed }));
  }
}

interface FindingRow {
  readonly budget_id: BudgetId;
  readonly id: string;
  readonly stored: BudgetFinding['stored'];
  readonly recomputed: BudgetFinding['recomputed'];
}

/** An instant as everywhere on the wire. */
const instant = (value: string): string => `to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The periods that are looked at, and where those of each budget begin: what belongs to which is found by halving. */
const PERIODS = `
  periods as (
    select budget_id, period_start, period_end, sum(used_micros) as used, sum(estimated_micros) as estimated, sum(held_micros) as held
      from budget_periods where $1::uuid is null or budget_id = $1 group by 1, 2, 3
  ), starts as (
    select budget_id, array_agg(period_start order by period_start) as list from periods group by 1
  )`;

/** Those sums of `columns` of `rows`, for every period that has some; each row has a budget_id and an at. */
const summed = (rows: string, columns: string): string => `
    select p.budget_id, p.period_start, ${columns}
      from (${rows}) r
      join starts s on s.budget_id = r.budget_id
      join periods p on p.budget_id = r.budget_id and p.period_start = s.list[width_bucket(r.at, s.list)] and r.at < p.period_end
     group by 1, 2`;

const SPEND = `
        select user_id as budget_id, at, cost_micros, is_estimate from provider_spend
         where user_id is not null and ($1::uuid is null or user_id = $1)
        union all
        select ${NOBODY}, at, cost_micros, is_estimate from provider_spend where $1::uuid is null`;

const HOLDS = `
        select user_id as budget_id, at, amount_micros from budget_holds where by_user and ($1::uuid is null or user_id = $1)
        union all
        select ${NOBODY}, at, amount_micros from budget_holds where by_global and $1::uuid is null`;

const FINDINGS: Readonly<Record<BudgetFindingKind, string>> = {
  budget_used_differs: `
    with ${PERIODS}, spent as (
      ${summed(SPEND, 'sum(r.cost_micros) as used, coalesce(sum(r.cost_micros) filter (where r.is_estimate), 0) as estimated')}
    )
    select p.budget_id, ${instant('p.period_start')} as id,
           json_build_object('used_micros', p.used::text, 'estimated_micros', p.estimated::text) as stored,
           json_build_object('used_micros', coalesce(s.used, 0)::text, 'estimated_micros', coalesce(s.estimated, 0)::text) as recomputed
      from periods p left join spent s using (budget_id, period_start)
     where (p.used, p.estimated) is distinct from (coalesce(s.used, 0), coalesce(s.estimated, 0))
     order by p.budget_id, p.period_start limit $2`,

  budget_held_differs: `
    with ${PERIODS}, held as (
      ${summed(HOLDS, 'sum(r.amount_micros) as held')}
    )
    select p.budget_id, ${instant('p.period_start')} as id, json_build_object('held_micros', p.held::text) as stored,
           json_build_object('held_micros', coalesce(h.held, 0)::text) as recomputed
      from periods p left join held h using (budget_id, period_start)
     where p.held <> coalesce(h.held, 0)
     order by p.budget_id, p.period_start limit $2`,

  budget_day_differs: `
    with spent as (
      select coalesce(user_id, ${NOBODY}) as user_id, day, service, provider, model, count(*) as requests, sum(tokens) as tokens,
             sum(cost_micros) as cost, coalesce(sum(cost_micros) filter (where is_estimate), 0) as estimated
        from provider_spend where $1::uuid is null or user_id = $1
       group by 1, 2, 3, 4, 5
    ), days as (
      select * from budget_days where $1::uuid is null or user_id = $1
    )
    select coalesce(d.user_id, s.user_id) as budget_id,
           concat_ws(' ', coalesce(d.day, s.day), coalesce(d.service, s.service), coalesce(d.provider, s.provider), coalesce(d.model, s.model)) as id,
           json_build_object('requests', d.requests::text, 'tokens', d.tokens::text, 'cost_micros', d.cost_micros::text,
                             'estimated_micros', d.estimated_micros::text) as stored,
           json_build_object('requests', s.requests::text, 'tokens', s.tokens::text, 'cost_micros', s.cost::text,
                             'estimated_micros', s.estimated::text) as recomputed
      from days d
      full join spent s on s.user_id = d.user_id and s.day = d.day and s.service = d.service and s.provider = d.provider and s.model = d.model
     where (d.requests, d.tokens, d.cost_micros, d.estimated_micros) is distinct from (s.requests, s.tokens, s.cost, s.estimated)
     order by 1, 2 limit $2`,

  budget_periods_overlap: `
    with periods as (
      select budget_id, period_start, period_end, count(*) as slots from budget_periods
       where $1::uuid is null or budget_id = $1 group by 1, 2, 3
    ), placed as (
      select *, lead(period_start) over (partition by budget_id order by period_start, period_end) as next from periods
    )
    select budget_id, ${instant('period_start')} as id,
           json_build_object('slots', slots::text, 'period_end', ${instant('period_end')}, 'next_period_start', ${instant('next')}) as stored,
           json_build_object('slots', budget_slots(budget_id)::text, 'period_end', ${instant('least(period_end, next)')},
                             'next_period_start', ${instant('greatest(period_end, next)')}) as recomputed
      from placed where slots <> budget_slots(budget_id) or next < period_end
     order by budget_id, period_start limit $2`,

  // By the limits of the last look: they stand in the rules as BudgetRules.version has them. Without rules nobody may spend unseen.
  budget_overpromised: `
    with periods as (
      select budget_id, period_start, max(rules) as rules, max(level) as level, sum(used_micros + held_micros) as taken,
             sum(greatest(free_micros, 0)) as free
        from budget_periods where rules <> '' and ($1::uuid is null or budget_id = $1) group by 1, 2
    ), limited as (
      select p.*,
             coalesce(b.limit_micros,
                      case when p.budget_id = ${NOBODY} then split_part(p.rules, ' ', 1)::bigint
                           else (regexp_match(p.rules, ' ' || u.plan || '=(\\d+)'))[1]::bigint end)
             + case when p.level = 'critical' then split_part(p.rules, ' ', 2)::bigint else 0 end - p.taken as remaining
        from periods p
        join budgets b on b.id = p.budget_id and b.mode <> 'alert_only'
        left join users u on u.id = p.budget_id
    )
    select budget_id, ${instant('period_start')} as id, json_build_object('free_micros', free::text) as stored,
           json_build_object('free_micros', greatest(remaining, 0)::text) as recomputed
      from limited where free > greatest(remaining, 0)
     order by budget_id, period_start limit $2`,
};
