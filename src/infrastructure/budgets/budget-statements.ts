import { GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { PreparedStatement } from '../persistence/typeorm-transaction.js';
import { BUDGET_COLUMNS } from './budget-rows.js';

/** The global budget, and whose money is nobody's. */
export const NOBODY = `'${GLOBAL_BUDGET}'::uuid`;

/** As Budget.unconfigured. */
const UNCONFIGURED = `row(asked.id, null, 'monthly', null, null, 50, 75, 90, 'block', true, false, false, null, null)::budgets`;

/**
 * How the budgets $1 stand at $2, in one snapshot: what was counted in the period, or else, where nobody counted in it yet,
 * what look_at_budget would begin with.
 */
export const STATUS: PreparedStatement = {
  name: 'budget_status',
  text: `
    select asked.id as asked, ${BUDGET_COLUMNS.map((column) => `b.${column}`).join(', ')}, u.plan,
           coalesce(kept.period_start, begun.period_start) as period_start, coalesce(kept.period_end, begun.period_end) as period_end,
           coalesce(kept.used, logged.used) as used_micros, coalesce(kept.estimated, logged.estimated) as estimated_micros,
           coalesce(kept.held, 0) - coalesce(gone.amount, 0) as held_micros
      from unnest($1::uuid[]) asked (id)
      left join budgets b on b.id = asked.id
      left join users u on u.id = asked.id
      left join lateral (
        select p.period_start, p.period_end, sum(p.used_micros) as used, sum(p.estimated_micros) as estimated, sum(p.held_micros) as held
          from budget_periods p
         where p.budget_id = asked.id and p.period_end > $2 and p.period_start <= $2
         group by 1, 2
      ) kept on true
      left join lateral (
        -- Held no longer, and not tidied away yet.
        select sum(h.amount_micros) as amount
          from budget_holds h
         where h.expires_at <= $2 and h.at >= kept.period_start and h.at < kept.period_end
           and case when asked.id = ${NOBODY} then h.by_global else h.user_id = asked.id and h.by_user end
      ) gone on true
      left join lateral (
        select greatest(d.starts, (select max(p.period_end) from budget_periods p
                                    where p.budget_id = asked.id and p.slot = 0 and p.period_end <= $2)) as period_start,
               least(d.ends, (select p.period_start from budget_periods p
                               where p.budget_id = asked.id and p.slot = 0 and p.period_end > $2 order by p.period_end limit 1)) as period_end
          from budget_period(coalesce(b, ${UNCONFIGURED}), $2) d
         where kept.period_start is null
      ) begun on true
      left join lateral (
        select coalesce(sum(cost_micros), 0) as used, coalesce(sum(cost_micros) filter (where is_estimate), 0) as estimated
          from (select s.cost_micros, s.is_estimate from provider_spend s
                 where asked.id = ${NOBODY} and s.at >= begun.period_start and s.at < begun.period_end
                union all
                select s.cost_micros, s.is_estimate from provider_spend s
                 where s.user_id = asked.id and s.at >= begun.period_start and s.at < begun.period_end) spend
         where kept.period_start is null
      ) logged on true`,
};

/** Whoever spends meanwhile waits here. */
export const LOCK_PERIOD = `
  select min(p.period_start) as period_start, min(p.period_end) as period_end
    from (select * from budget_periods where budget_id = $1 and period_start <= $2 and period_end > $2 order by slot for update) p`;

/**
 * Ends the period of $1 that ends at $3 at the anchor $2 already, and begins the one that ends at $4. What was counted in the
 * first and began since the anchor moves to the second: its writers were there before whoever cuts.
 */
export const CUT_PERIOD = `
  with spent as (
    select ${slotOf('s.user_id')} as slot, sum(s.cost_micros) as used, sum(s.cost_micros) filter (where s.is_estimate) as estimated
      from provider_spend s
     where ($1 = ${NOBODY} or s.user_id = $1) and s.at >= $2 and s.at < $3
     group by 1
  ), held as (
    select ${slotOf('h.user_id')} as slot, sum(h.amount_micros) as amount
      from budget_holds h
     where case when $1 = ${NOBODY} then h.by_global else h.user_id = $1 and h.by_user end and h.at >= $2 and h.at < $3
     group by 1
  ), moved as (
    select p.slot, coalesce(s.used, 0) as used, coalesce(s.estimated, 0) as estimated, coalesce(h.amount, 0) as held
      from budget_periods p left join spent s on s.slot = p.slot left join held h on h.slot = p.slot
     where p.budget_id = $1 and p.period_end = $3
  ), cut as (
    update budget_periods p
       set period_end = $2, used_micros = p.used_micros - m.used, estimated_micros = p.estimated_micros - m.estimated,
           held_micros = p.held_micros - m.held
      from moved m
     where p.budget_id = $1 and p.period_end = $3 and p.slot = m.slot
    returning m.*
  )
  insert into budget_periods (budget_id, slot, period_start, period_end, used_micros, estimated_micros, held_micros)
  select $1, slot, $2, $4, used, estimated, held from cut`;

/** A period that began at the anchor $2 itself ends as the schedule says now. */
export const END_PERIOD = `
  update budget_periods set period_end = $3 where budget_id = $1 and period_start = $2 and period_end <> $3`;

/** Where the next period of $1 begins that somebody counts in already, after $2. */
export const NEXT_PERIOD = `select min(period_start) as starts from budget_periods where budget_id = $1 and period_start > $2`;

export const PAST_PERIODS = `
  select r.cause, r.previous_start as period_start, r.new_start as period_end, r.previous_limit_micros as limit_micros,
         coalesce((select sum(p.used_micros) from budget_periods p where p.budget_id = r.budget_id and p.period_end = r.new_start),
                  r.previous_used_micros) as used_micros,
         r.actor, r.reason, r.new_end
    from budget_resets r
   where r.budget_id = $1 and r.at <= $2
  union all
  select 'rollover', p.period_start, p.period_end, null, sum(p.used_micros), null, null, null
    from budget_periods p
   where p.budget_id = $1 and p.period_end <= $2
     and not exists (select from budget_resets r where r.budget_id = $1 and r.new_start = p.period_end)
   group by p.period_start, p.period_end`;

function slotOf(user: string): string {
  return `case when $1 = ${NOBODY} then budget_slot(coalesce(${user}, ${NOBODY})) else 0 end`;
}
