/** A credit book for measurements: users with long, valid chains, written through the ledger's own triggers. */

/** Blocks of a hundred entries: a purchase of 1 000 micro-USD, and 99 debits of 10 that it pays; the last grant has a hold. */
const ENTRIES = `
  insert into credit_transactions (id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros,
                                   balance_after_micros, debt_after_micros, description, metadata, sources, key, actor, created_at)
  select id(s), $1::uuid, s, case r when 0 then 'purchase' else 'api_usage' end, amount, 0, after - amount, after, 0,
         case r when 0 then 'Credit bought' else 'Chat completion' end,
         jsonb_build_object('model', 'claude-sonnet', 'input_tokens', s, 'output_tokens', r),
         case r when 0 then '[]' else jsonb_build_array(jsonb_build_object('grant', id(s - r), 'micros', 10)) end,
         'entry:' || s, $1::uuid::text, timestamptz '2026-01-01' + s * interval '1 minute'
    from generate_series(1, $2::bigint) s,
         lateral (select (s - 1) % 100 as r, (s - 1) / 100 as block) place,
         lateral (select case r when 0 then 1000 else -10 end as amount, block * 10 + 1000 - 10 * r as after) sums
   order by s`;

const REST = [
  `insert into credit_grants (id, user_id, category, amount_micros, remaining_micros, held_micros, created_at)
   select t.id, t.user_id, 'paid', 1000, 1000 - 10 * least(99, $2::bigint - t.sequence),
          case when t.sequence = max(t.sequence) over () then 5 else 0 end, t.created_at
     from credit_transactions t where t.user_id = $1 and t.type = 'purchase'`,
  `insert into credit_holds (id, user_id, request_id, amount_micros, parts, description, state, placed_at, expires_at)
   select gen_random_uuid(), $1::uuid, 'running', 5, jsonb_build_array(jsonb_build_object('grant', g.id, 'micros', 5)), 'Chat completion',
          'open', timestamptz '2026-01-01', timestamptz '9999-12-31'
     from credit_grants g where g.user_id = $1 and g.held_micros > 0`,
  `insert into credit_accounts (user_id, balance_micros, held_micros, sequence, hash, front_grant_id, front_free_micros, alarm_at)
   select $1::uuid, t.balance_after_micros, 5, t.sequence, t.hash, front.id, front.remaining_micros - front.held_micros, timestamptz '9999-12-31'
     from credit_transactions t,
          lateral (select * from credit_grants where user_id = $1 and remaining_micros > held_micros order by created_at limit 1) front
    where t.user_id = $1 and t.sequence = $2`,
];

/** Makes so many users, with so many entries each (at least one), and analyzes what was written. */
export async function fillCreditBook(client, users, entriesOfEach) {
  await client.query(
    `create function pg_temp.numbered(n bigint) returns uuid immutable language sql as
       $$ select ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid $$`,
  );
  for (let user = 1; user <= users; user++) {
    const { rows } = await client.query(
      `insert into users (id, email, name, role, plan, current_month_start, period_anchor, created_at)
       values (gen_random_uuid(), $1, 'Bench', 'user', 'pro', now(), now(), now()) returning id`,
      [`credits${user}@example.com`],
    );
    const values = (text) => (text.includes('$2') ? [rows[0].id, entriesOfEach] : [rows[0].id]);
    const idOf = (text) =>
      text.replaceAll(/\bid\(([^)]*)\)/g, (_, n) => `pg_temp.numbered(${user * 100_000_000} + ${n})`);
    for (const statement of [ENTRIES, ...REST]) await client.query(idOf(statement), values(statement));
  }
  await client.query('vacuum analyze credit_transactions, credit_grants, credit_holds, credit_accounts');
}
