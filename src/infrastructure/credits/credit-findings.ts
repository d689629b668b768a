import type { CreditFindingKind } from '#application/credits/credit-reconciliation';
import { CREDIT_TYPES } from '#domain/credits/credit-transaction';

/** Of the user $1, or of everybody. Cut down to one user before anything is joined or added up. */
const of = (table: string): string => `(select * from ${table} where $1::uuid is null or user_id = $1)`;

/** Facts by their names, as text. */
const facts = (named: Readonly<Record<string, string>>): string =>
  `json_build_object(${Object.entries(named)
    .map(([name, value]) => `'${name}', (${value})::text`)
    .join(', ')})`;

/** A sum of the account beside the same sum over something else; a user can have the one and not the other. */
const sumDiffers = (name: string, stored: string, recomputed: string, evidence: string): string => `
  select user_id, null as id, ${facts({ [name]: stored })} as stored, ${facts({ [name]: recomputed })} as recomputed
    from ${of('credit_accounts')} a
    full join (${evidence}) e using (user_id)
   where coalesce(${stored}, 0) <> coalesce(${recomputed}, 0)
   order by user_id limit $2`;

/** Every entry beside the one before it. */
const LINKS = `${of('credit_transactions')} t
    left join ${of('credit_transactions')} p on p.user_id = t.user_id and p.sequence = t.sequence - 1`;

const SOURCES = `jsonb_to_recordset(t.sources) as source ("grant" uuid, micros bigint)`;
const PARTS = `jsonb_to_recordset(h.parts) as part ("grant" uuid, micros bigint)`;
const CREDITING = `(${CREDIT_TYPES.map((type) => `'${type}'`).join(', ')})`;

/**
 * One statement for each kind, of the user $1 or of everybody, and at most $2 rows. Where every entry is joined with the one
 * before it, findings are materialized before they are sorted and cut: with the limit in view, PostgreSQL would expect to
 * find enough of them at once, and walk the index in one process instead of joining in parallel: half as fast.
 */
export const CREDIT_FINDINGS: Readonly<Record<CreditFindingKind, string>> = {
  balance_differs: sumDiffers(
    'balance_micros',
    'a.balance_micros',
    'e.micros',
    `select user_id, sum(amount_micros) as micros from ${of('credit_transactions')} t group by user_id`,
  ),

  debt_differs: sumDiffers(
    'debt_micros',
    'a.debt_micros',
    'e.micros',
    `select user_id, sum(debt_micros) as micros from ${of('credit_transactions')} t group by user_id`,
  ),

  last_entry_differs: `
    with last as (
      select user_id, max(sequence) as sequence from ${of('credit_transactions')} t group by user_id
    ), pair as (
      select user_id, t.id, a.sequence, a.balance_micros, a.debt_micros, encode(a.hash, 'hex') as hash,
             coalesce(t.sequence, 0) as last_sequence, coalesce(t.balance_after_micros, 0) as last_balance,
             coalesce(t.debt_after_micros, 0) as last_debt,
             encode(coalesce(t.hash, credit_chain_origin(user_id)), 'hex') as last_hash
        from ${of('credit_accounts')} a
        full join (last join credit_transactions t using (user_id, sequence)) using (user_id)
    )
    select user_id, id,
           ${facts({ sequence: 'sequence', balance_micros: 'balance_micros', debt_micros: 'debt_micros', hash: 'hash' })} as stored,
           ${facts({
             sequence: 'last_sequence',
             balance_micros: 'last_balance',
             debt_micros: 'last_debt',
             hash: 'last_hash',
           })} as recomputed
      from pair
     where (sequence, balance_micros, debt_micros, hash) is distinct from (last_sequence, last_balance, last_debt, last_hash)
     order by user_id limit $2`,

  chain_broken: `
    with broken as materialized (
      select t.user_id, t.id, t.sequence, t.balance_before_micros, t.balance_after_micros, t.debt_after_micros,
             case when p.id is not null or t.sequence = 1 then t.sequence end as place,
             coalesce(p.balance_after_micros, 0) as balance_before,
             coalesce(p.balance_after_micros, 0) + t.amount_micros as balance_after,
             coalesce(p.debt_after_micros, 0) + t.debt_micros as debt_after
        from ${LINKS}
       where (p.id is null and t.sequence <> 1)
          or t.balance_before_micros <> coalesce(p.balance_after_micros, 0)
          or t.balance_after_micros <> coalesce(p.balance_after_micros, 0) + t.amount_micros
          or t.debt_after_micros <> coalesce(p.debt_after_micros, 0) + t.debt_micros
    )
    select user_id, id,
           ${facts({
             sequence: 'sequence',
             balance_before_micros: 'balance_before_micros',
             balance_after_micros: 'balance_after_micros',
             debt_after_micros: 'debt_after_micros',
           })} as stored,
           ${facts({
             sequence: 'place',
             balance_before_micros: 'balance_before',
             balance_after_micros: 'balance_after',
             debt_after_micros: 'debt_after',
           })} as recomputed
      from broken order by user_id, sequence limit $2`,

  // An entry without the one before it is a broken chain, and no more can be said of its hash.
  hash_differs: `
    with entry as materialized (
      select * from (
        select t.user_id, t.id, t.sequence, t.hash,
               credit_transaction_hash(case t.sequence when 1 then credit_chain_origin(t.user_id) else p.hash end,
                                       row(t.*)::credit_transactions) as recomputed
          from ${LINKS}) linked
       where hash <> recomputed
    )
    select user_id, id, ${facts({ sequence: 'sequence', hash: `encode(hash, 'hex')` })} as stored,
           ${facts({ sequence: 'sequence', hash: `encode(recomputed, 'hex')` })} as recomputed
      from entry order by user_id, sequence limit $2`,

  held_differs: `
    select user_id, null as id, ${facts({ held_micros: 'a.held_micros' })} as stored,
           ${facts({ open_holds_micros: 'coalesce(h.micros, 0)', grants_held_micros: 'coalesce(g.micros, 0)' })} as recomputed
      from ${of('credit_accounts')} a
      full join (select user_id, sum(amount_micros) as micros from ${of('credit_holds')} h where state = 'open' group by user_id) h
           using (user_id)
      full join (select user_id, sum(held_micros) as micros from ${of('credit_grants')} g group by user_id) g using (user_id)
     where coalesce(a.held_micros, 0) <> coalesce(h.micros, 0) or coalesce(a.held_micros, 0) <> coalesce(g.micros, 0)
     order by user_id limit $2`,

  grant_held_differs: `
    select g.user_id, g.id, ${facts({ held_micros: 'g.held_micros' })} as stored,
           ${facts({ held_micros: 'coalesce(reserved.micros, 0)' })} as recomputed
      from ${of('credit_grants')} g
      left join (select part.grant, sum(part.micros) as micros
                   from ${of('credit_holds')} h, ${PARTS}
                  where h.state = 'open' group by 1) reserved on reserved.grant = g.id
     where g.held_micros <> coalesce(reserved.micros, 0)
     order by 1, 2 limit $2`,

  grants_differ: sumDiffers(
    'balance_micros',
    'a.balance_micros',
    'e.micros',
    `select user_id, sum(remaining_micros) as micros from ${of('credit_grants')} g group by user_id`,
  ),

  grant_remaining_differs: `
    select g.user_id, g.id, ${facts({ remaining_micros: 'g.remaining_micros' })} as stored,
           ${facts({ remaining_micros: 'g.amount_micros - coalesce(paid.micros, 0)' })} as recomputed
      from ${of('credit_grants')} g
      left join (select source.grant, sum(source.micros) as micros
                   from ${of('credit_transactions')} t, ${SOURCES}
                  group by 1) paid on paid.grant = g.id
     where g.remaining_micros <> g.amount_micros - coalesce(paid.micros, 0)
     order by 1, 2 limit $2`,

  grant_without_entry: `
    select g.user_id, g.id, ${facts({ user_id: 'g.user_id', amount_micros: 'g.amount_micros' })} as stored,
           ${facts({ user_id: 't.user_id', amount_micros: 't.amount_micros', type: 't.type' })} as recomputed
      from ${of('credit_grants')} g
      left join credit_transactions t on t.id = g.id
     where t.id is null or t.user_id <> g.user_id or t.amount_micros <> g.amount_micros or t.type not in ${CREDITING}
     order by 1, 2 limit $2`,

  entry_without_grant: `
    select t.user_id, t.id, ${facts({ type: 't.type', amount_micros: 't.amount_micros' })} as stored,
           ${facts({ amount_micros: 'null' })} as recomputed
      from ${of('credit_transactions')} t
     where t.type in ${CREDITING} and not exists (select from credit_grants g where g.id = t.id)
     order by 1, t.sequence limit $2`,

  sources_differ: `
    select t.user_id, t.id, ${facts({ amount_micros: 't.amount_micros' })} as stored,
           ${facts({ amount_micros: '-paid.micros' })} as recomputed
      from ${of('credit_transactions')} t,
           lateral (select case jsonb_array_length(t.sources)
                             when 0 then 0
                             when 1 then (t.sources -> 0 ->> 'micros')::bigint
                             else (select sum(source.micros) from ${SOURCES}) end as micros) paid
     where paid.micros <> greatest(-t.amount_micros, 0)
     order by 1, t.sequence limit $2`,

  foreign_source: `
    select taken.user_id, taken.id, ${facts({ grant: 'taken.grant', user_id: 'taken.user_id' })} as stored,
           ${facts({ grant: 'g.id', user_id: 'g.user_id' })} as recomputed
      from (select t.user_id, t.id, source.grant from ${of('credit_transactions')} t, ${SOURCES}
            union all
            select h.user_id, h.id, part.grant from ${of('credit_holds')} h, ${PARTS}) taken
      left join credit_grants g on g.id = taken.grant
     where g.user_id is distinct from taken.user_id
     order by 1, 2, taken.grant limit $2`,

  // Nothing free in front says only that the other grants must be looked at; anything else must be the grant that is next.
  front_differs: `
    with next as (
      select distinct on (user_id) user_id, id, remaining_micros - held_micros as free_micros
        from ${of('credit_grants')} g
       where remaining_micros > held_micros
       order by user_id, category = 'paid', expires_at, created_at, id
    )
    select a.user_id, null as id,
           ${facts({ front_grant_id: 'a.front_grant_id', front_free_micros: 'a.front_free_micros' })} as stored,
           ${facts({ front_grant_id: 'next.id', front_free_micros: 'coalesce(next.free_micros, 0)' })} as recomputed
      from ${of('credit_accounts')} a
      left join next using (user_id)
      left join credit_grants kept on kept.id = a.front_grant_id and kept.user_id = a.user_id
     where case when a.front_grant_id is null then a.front_free_micros <> 0 or next.id is not null
                when a.front_free_micros = 0  then kept.remaining_micros - kept.held_micros is distinct from 0
                else (a.front_grant_id, a.front_free_micros) is distinct from (next.id, next.free_micros) end
     order by 1 limit $2`,

  alarm_late: `
    with due as (
      select user_id, min(expires_at) as at
        from (select user_id, expires_at from ${of('credit_holds')} h where state = 'open'
              union all
              select user_id, expires_at from ${of('credit_grants')} g where remaining_micros > held_micros) expiring
       group by user_id
    )
    select user_id, null as id, ${facts({ alarm_at: 'a.alarm_at' })} as stored, ${facts({ alarm_at: 'due.at' })} as recomputed
      from ${of('credit_accounts')} a join due using (user_id)
     where a.alarm_at > due.at
     order by user_id limit $2`,

  payment_without_entry: `
    select p.user_id, p.id, ${facts({ status: 'p.status', credit_micros: 'p.credit_micros' })} as stored,
           ${facts({ credit_micros: 't.amount_micros' })} as recomputed
      from ${of('payments')} p
      left join ${of('credit_transactions')} t on t.user_id = p.user_id and t.key = 'payment:' || p.id and t.type = 'purchase'
     where p.status = 'completed' and p.credit_micros is distinct from t.amount_micros
     order by 1, 2 limit $2`,

  entry_without_payment: `
    select t.user_id, t.id, ${facts({ key: 't.key', amount_micros: 't.amount_micros' })} as stored,
           ${facts({ status: 'p.status' })} as recomputed
      from ${of('credit_transactions')} t
      left join payments p on p.user_id = t.user_id and t.key = 'payment:' || p.id
     where t.type = 'purchase' and t.key like 'payment:%' and p.status is distinct from 'completed'
     order by 1, t.sequence limit $2`,
};
