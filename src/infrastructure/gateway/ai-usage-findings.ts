import type { LinkFindingKind } from '#application/gateway/ai-usage-evidence';

/** Of the user $1, or of everybody. Cut down to one user before anything is joined. */
const of = (table: string): string => `(select * from ${table} where $1::uuid is null or user_id = $1)`;

/**
 * One statement for each kind, of the user $1 or of everybody, and at most $2 rows. What is found is materialized before it is
 * sorted and cut, so that tables are joined whole and not row by row.
 */
export const AI_USAGE_FINDINGS: Readonly<Record<LinkFindingKind, string>> = {
  // A request that nothing was held for has no hold; the hold of a lost one ran out.
  ai_hold_differs: `
    with found as materialized (
      select l.user_id, l.id, l.outcome, l.cost_micros, h.state, h.settled_micros,
             case when l.held_micros = 0 and h.id is null then null when l.outcome = 'lost' then 'expired' else 'settled' end as due
        from ${of('ai_usage_logs')} l
        left join ${of('credit_holds')} h on h.user_id = l.user_id and h.request_id = l.request_id
       where (l.held_micros > 0 or h.id is not null)
         and case when l.outcome = 'lost' then h.state is distinct from 'expired'
                  else (h.state, h.settled_micros) is distinct from ('settled', l.cost_micros) end
    )
    select user_id, id, json_build_object('state', state, 'settled_micros', settled_micros::text) as stored,
           json_build_object('state', due, 'settled_micros', case due when 'settled' then cost_micros::text end) as recomputed
      from found order by user_id, id limit $2`,

  ai_hold_without_log: `
    with found as materialized (
      select h.user_id, h.id, h.request_id, h.settled_micros, h.metadata ->> 'ai_usage_log_id' as due, l.id as log_id
        from ${of('credit_holds')} h
        left join ${of('ai_usage_logs')} l on l.user_id = h.user_id and l.request_id = h.request_id
       where h.state = 'settled' and h.metadata ? 'ai_usage_log_id' and l.id::text is distinct from h.metadata ->> 'ai_usage_log_id'
    )
    select user_id, id,
           json_build_object('request_id', request_id, 'settled_micros', settled_micros::text, 'ai_usage_log_id', due) as stored,
           json_build_object('ai_usage_log_id', log_id) as recomputed
      from found order by user_id, id limit $2`,

  // What could not be paid at once is an entry of its own.
  ai_charge_differs: `
    with found as materialized (
      select l.user_id, l.id, l.cost_micros, -paid.amount_micros as paid, owed.debt_micros as owed
        from ${of('ai_usage_logs')} l
        left join ${of('credit_transactions')} paid on paid.user_id = l.user_id and paid.key = 'hold:' || l.request_id
        left join ${of('credit_transactions')} owed on owed.user_id = l.user_id and owed.key = 'debt:hold:' || l.request_id
       where coalesce(-paid.amount_micros, 0) + coalesce(owed.debt_micros, 0) <> l.cost_micros
    )
    select user_id, id, json_build_object('paid_micros', paid::text, 'owed_micros', owed::text) as stored,
           json_build_object('cost_micros', cost_micros::text) as recomputed
      from found order by user_id, id limit $2`,
};
