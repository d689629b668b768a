/**
 * What is true of every book, recomputed by the database from its evidence, and not by the functions of the product: each
 * statement answers what is false of one user. `a`, `g`, `h`, `t` are his account, grants, holds and entries, each of these with
 * the one before it.
 */
const INVARIANTS: Readonly<Record<string, string>> = {
  'the entries add up to the balance and to the debt': `
    select a.user_id, format('%s, %s', a.balance_micros, a.debt_micros)
      from a full join (select user_id, sum(amount_micros) as balance, sum(debt_micros) as debt from t group by 1) e using (user_id)
     where (a.balance_micros, a.debt_micros) is distinct from (coalesce(e.balance, 0), coalesce(e.debt, 0))`,

  'entries are numbered without a gap, each begins where the one before ended, and the account stands where the last ended': `
    select user_id, format('entry %s', sequence) from t
     where sequence <> place or balance_before_micros <> balance_until_then
        or balance_after_micros <> balance_before_micros + amount_micros or debt_after_micros <> debt_until_then + debt_micros
    union all
    select a.user_id, format('%s entries', last.sequence)
      from a left join (select distinct on (user_id) * from t order by user_id, sequence desc) last using (user_id)
     where (a.sequence, a.balance_micros, a.debt_micros)
        <> (coalesce(last.sequence, 0), coalesce(last.balance_after_micros, 0), coalesce(last.debt_after_micros, 0))`,

  'every entry commits to the one before it, and the next one will': `
    select user_id, format('entry %s', sequence) from t
     where hash <> sha256(coalesce(hash_before, sha256(convert_to('minutebook:' || user_id, 'UTF8'))) ||
             convert_to(jsonb_build_array(id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros,
               balance_after_micros, debt_after_micros, description, metadata, sources, key, actor,
               extract(epoch from created_at))::text, 'UTF8'))
    union all
    select a.user_id, 'the last one, as the account knows it'
      from a left join (select distinct on (user_id) * from t order by user_id, sequence desc) last using (user_id)
     where a.hash <> coalesce(last.hash, sha256(convert_to('minutebook:' || a.user_id, 'UTF8')))`,

  'what grants have left adds up to the balance': `
    select a.user_id, format('%s, not %s', g.micros, a.balance_micros)
      from a full join (select user_id, sum(remaining_micros) as micros from g group by 1) g using (user_id)
     where a.balance_micros is distinct from coalesce(g.micros, 0)`,

  'what grants, open holds and the account have held is the same, grant by grant': `
    select a.user_id, format('%s, grants %s, holds %s', a.held_micros, g.micros, h.micros)
      from a left join (select user_id, sum(held_micros) as micros from g group by 1) g using (user_id)
             left join (select user_id, sum(amount_micros) as micros from h where state = 'open' group by 1) h using (user_id)
     where (a.held_micros, a.held_micros) <> (coalesce(g.micros, 0), coalesce(h.micros, 0))
    union all
    select user_id, format('grant %s', id)
      from g left join (select part.grant as id, sum(part.micros) as micros
                          from h, jsonb_to_recordset(parts) as part ("grant" uuid, micros bigint)
                         where state = 'open' group by 1) reserved using (id)
     where held_micros <> coalesce(reserved.micros, 0)`,

  'no less than nothing is held or owed, no more than there is, and nothing is free while something is owed': `
    select user_id, format('%s, held %s, owed %s', balance_micros, held_micros, debt_micros) from a
     where held_micros < 0 or held_micros > balance_micros or debt_micros < 0
        or (debt_micros > 0 and balance_micros > held_micros)`,

  'a grant has left what it was less what entries took of it, and entries took what they say': `
    select user_id, format('grant %s', id)
      from g left join (select source.grant as id, sum(source.micros) as micros
                          from t, jsonb_to_recordset(sources) as source ("grant" uuid, micros bigint) group by 1) taken using (id)
     where remaining_micros <> amount_micros - coalesce(taken.micros, 0)
    union all
    select user_id, format('entry %s', sequence)
      from t, lateral (select coalesce(sum(source.micros), 0) as micros
                         from jsonb_to_recordset(sources) as source ("grant" uuid, micros bigint) join g on g.id = source.grant) taken
     where taken.micros <> greatest(-amount_micros, 0)`,

  'the account knows the grant that is spent next, and what is free of it': `
    select a.user_id, format('%s of %s, not %s of %s', a.front_free_micros, a.front_grant_id, next.free, next.id)
      from a left join (select distinct on (user_id) user_id, id, remaining_micros - held_micros as free from g
                         where remaining_micros > held_micros
                         order by user_id, category = 'paid', expires_at nulls last, created_at, id) next using (user_id)
             left join g kept on kept.id = a.front_grant_id
     where case when a.front_free_micros > 0 or a.front_grant_id is null
                then (a.front_grant_id, a.front_free_micros) is distinct from (next.id, coalesce(next.free, 0))
                else kept.remaining_micros is distinct from kept.held_micros end`,

  'the account is looked after before anything of it runs out': `
    select a.user_id, format('%s, not %s', a.alarm_at, min(expires_at))
      from a join (select user_id, expires_at from h where state = 'open'
                   union all
                   select user_id, expires_at from g where remaining_micros > held_micros) one using (user_id)
     group by a.user_id, a.alarm_at having a.alarm_at > min(expires_at)`,

  'what settled work cost was taken or is owed, once': `
    select h.user_id, format('request %s', request_id)
      from h left join t as taken on taken.user_id = h.user_id and taken.key = 'hold:' || request_id
             left join t as owed on owed.user_id = h.user_id and owed.key = 'debt:hold:' || request_id
     where coalesce(owed.debt_micros, 0) - coalesce(taken.amount_micros, 0) <> coalesce(settled_micros, 0)`,

  'AI work that was settled has its one entry in the log, which says what it cost, and work that was not has none': `
    select h.user_id, format('request %s', h.request_id)
      from h left join ai_usage_logs l on l.user_id = h.user_id and l.request_id = h.request_id
     where h.metadata ? 'ai_usage_log_id'
       and case when h.state = 'settled'
                then (l.id::text, l.cost_micros) is distinct from (h.metadata ->> 'ai_usage_log_id', h.settled_micros)
                else l.outcome <> 'lost' end`,
};

/** Answers `{broken, user_id, detail}` of each invariant that does not hold for the user $1. */
export const BROKEN_INVARIANTS = `
  with a as materialized (select * from credit_accounts where user_id = $1),
       g as materialized (select * from credit_grants where user_id = $1),
       h as materialized (select * from credit_holds where user_id = $1),
       t as materialized (
         select *, row_number() over chain as place, lag(hash) over chain as hash_before,
                lag(balance_after_micros, 1, 0::bigint) over chain as balance_until_then,
                lag(debt_after_micros, 1, 0::bigint) over chain as debt_until_then
           from credit_transactions where user_id = $1 window chain as (partition by user_id order by sequence))
  ${Object.entries(INVARIANTS)
    .map(([name, sql]) => `select '${name}' as broken, user_id, detail from (${sql}) as broken (user_id, detail)`)
    .join('\n  union all\n  ')}
  limit 20`;

export const COUNT_OF_INVARIANTS = Object.keys(INVARIANTS).length;

/** All that is kept of the user $1, in the shape that `stateOf` gives an account in memory. */
export const STORED_STATE = `
  select json_build_object(
    'account', coalesce((select json_build_array(balance_micros, held_micros, debt_micros, sequence) from credit_accounts where user_id = $1),
                         '[0, 0, 0, 0]'),
    'grants', (select json_agg(json_build_array(g.id, category, g.amount_micros, remaining_micros, held_micros, ${ms('expires_at')})
                      order by t.sequence)
                 from credit_grants g join credit_transactions t using (id) where g.user_id = $1),
    'holds', (select json_agg(json_build_array(request_id, state, amount_micros, settled_micros, parts, ${ms('placed_at')},
                                               ${ms('expires_at')}, ${ms('closed_at')}) order by request_id collate "C")
                from credit_holds where user_id = $1),
    'entries', (select json_agg(json_build_array(sequence, type, amount_micros, debt_micros, balance_before_micros,
                         balance_after_micros, debt_after_micros, key, sources, actor, ${ms('created_at')}) order by sequence)
                  from credit_transactions where user_id = $1)) as state`;

function ms(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::bigint`;
}
