import type { OverviewOrder } from '#application/operations/user-overview';
import { STATUS } from '../budgets/budget-statements.js';

const COLUMNS = [
  ...['id', 'email', 'name', 'role', 'plan', 'current_month_start', 'period_anchor', 'suspended_at', 'version'],
  'created_at',
];

/**
 * A page of the users whose address or name has the part $1 (null: of all), and how many there are; one row without a user when the
 * page is beyond the last. A part of a word is found by reading all users: only an index on trigrams would do better, for which
 * many databases would have to be given an extension. 10 000 users take some 20 ms.
 */
export function usersPage(order: OverviewOrder): string {
  return `
    select counted.total, page.*
      from (select count(*)::integer as total from users u where ${FOUND}) counted
      left join (
        select ${COLUMNS.map((column) => `u.${column}`).join(', ')}, row_number() over (order by ${ORDERS[order].by}) as place
          from users u ${ORDERS[order].join}
         where ${FOUND}
         order by ${ORDERS[order].by}
         limit $2 offset $3
      ) page on true
     order by page.place`;
}

const FOUND = `($1::text is null or u.email ilike $1 or u.name ilike $1)`;

/**
 * Each but that by spend has its index, in its order. Spend changes with every request and is in no index: all running periods
 * are read, found by their end. Whoever has none spent nothing that was counted.
 */
const ORDERS: Readonly<Record<OverviewOrder, { readonly by: string; readonly join: string }>> = {
  newest: { by: 'u.created_at desc, u.id', join: '' },
  email: { by: 'u.email', join: '' },
  spend: {
    by: 'coalesce(p.used_micros, 0) desc, u.created_at desc, u.id',
    join: `left join budget_periods p
             on p.budget_id = u.id and p.slot = 0 and p.period_start <= $4::timestamptz and p.period_end > $4::timestamptz`,
  },
};

/**
 * How the users $1 stand at $2, whose billing periods begin at $3: what they used and hold (as the repository of holds counts it), their
 * account, subscriptions, budget, and when they were last seen. Each is found by an index on its user.
 */
export const STANDINGS = `
  with budget as (${STATUS.text})
  select budget.*,
         coalesce(u.sessions, 0) as sessions, coalesce(u.seconds, 0) as seconds, coalesce(u.transcriptions, 0) as transcriptions,
         held.*,
         coalesce(a.balance_micros, 0) as balance, coalesce(a.held_micros, 0) as credit_held, coalesce(a.debt_micros, 0) as debt,
         subscribed.list as subscriptions,
         greatest(
           (select max(d.last_seen_at) from devices d where d.user_id = asked.id),
           (select max(s.created_at) from sessions s where s.user_id = asked.id),
           (select max(l.completed_at) from usage_logs l where l.user_id = asked.id),
           (select max(l.started_at) from ai_usage_logs l where l.user_id = asked.id)) as last_active_at
    from unnest($1::uuid[], $3::timestamptz[]) asked (id, starts)
    join budget on budget.asked = asked.id
    left join period_usage u on u.user_id = asked.id and u.period_start = asked.starts
    left join credit_accounts a on a.user_id = asked.id
    left join lateral (
      select count(*)::integer as running,
             coalesce(sum(h.seconds) filter (where h.period_start = asked.starts), 0)::integer as held_seconds,
             coalesce(sum(h.transcriptions) filter (where h.period_start = asked.starts), 0)::integer as held_transcriptions
        from holds h
       where h.user_id = asked.id and h.state = 'open' and h.expires_at > $2
    ) held on true
    left join lateral (
      select json_agg(json_build_object(
               'status', s.status, 'dunning', s.dunning, 'plan', s.plan, 'review', s.review, 'started_at', s.started_at,
               'period_end', s.period_end, 'ends', s.cancel_at_period_end)) as list
        from subscriptions s
       where s.user_id = asked.id
    ) subscribed on true`;
