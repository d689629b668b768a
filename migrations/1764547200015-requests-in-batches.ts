import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Requests of different users that come at the same time are held for, and settled, by one statement: most of what a small
 * statement costs is to begin it. What does not fit without a second look is left alone, for hold_credit_within_budget and
 * settle_credit, which look.
 *
 * Both lock the accounts first, without waiting: whose account is busy is left alone, too, so nobody waits for another user's.
 * What follows is read after that, and is true until the end. Then users' budgets, without waiting; then the slots of the
 * global budget, in their order, as everybody locks them: these are waited for, and a quarter of a second at most.
 */
export class RequestsInBatches1764547200015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create type request_to_hold as (
        user_id uuid, request_id text, hold_id uuid, amount bigint, description text, metadata jsonb,
        now timestamptz, expires_at timestamptz, provider_amount bigint, provider_padded bigint, began timestamptz);
      create type request_that_fits as (request request_to_hold, source uuid, slot smallint, period_end timestamptz, level budget_level);

      -- 'asked' is a list of request_to_hold, of users who are all different. Answers what is held. Who must look goes by 'rules_version'.
      create function hold_requests(asked json, rules_version text)
        returns table (hold_id uuid, source uuid, level budget_level) language plpgsql
        set enable_seqscan = off set plan_cache_mode = force_generic_plan set lock_timeout = '250ms' as $$
      declare
        nobody constant uuid := '00000000-0000-0000-0000-000000000000';
        wanted request_to_hold[];
        fits   request_that_fits[];
      begin
        -- What a crash of the database forgets of it, the settlement is given again.
        perform set_config('synchronous_commit', 'off', true);
        select array_agg(locked.request) into wanted
          from (select r as request from json_populate_recordset(null::request_to_hold, asked) r
                  join credit_accounts a on a.user_id = r.user_id
                   for no key update of a skip locked) locked;
        select array_agg(row(found.request, found.source, found.slot, found.period_end, found.level)::request_that_fits) into fits
          from (select r as request, a.front_grant_id as source, budget_slot(r.user_id) as slot, p.period_end, p.level
                  from unnest(wanted) r
                  join credit_accounts a on a.user_id = r.user_id
                  join budget_periods p
                    on p.budget_id = r.user_id and p.slot = 0 and p.period_end > r.began and p.period_start <= r.began
                 where a.front_free_micros >= r.amount and a.alarm_at > r.now
                   and p.free_micros >= r.provider_padded and p.ceiling_micros > r.provider_amount
                   and p.alarm_at > r.now and p.rules = rules_version
                   and not exists (select from credit_holds h where h.user_id = r.user_id and h.request_id = r.request_id)
                   for no key update of p skip locked) found;
        return query
          with fit as materialized (
            select (f.request).*, f.source, f.slot, f.period_end, f.level from unnest(fits) f
          ), share as materialized (
            select g.slot, g.period_end, g.level
              from (select f.slot, min(f.began) as earliest, max(f.began) as latest, max(f.now) as now, max(f.provider_amount) as dearest,
                           sum(f.provider_amount) + max(f.provider_padded - f.provider_amount) as padded
                      from fit f group by f.slot) s
              join budget_periods g
                on g.budget_id = nobody and g.slot = s.slot and g.period_end > s.latest and g.period_start <= s.earliest
             where g.free_micros >= s.padded and g.ceiling_micros > s.dearest and g.alarm_at > s.now and g.rules = rules_version
             order by g.slot for no key update of g
          ), taken as materialized (
            select f.*, s.period_end as global_end, greatest(f.level, s.level) as worse from fit f join share s on s.slot = f.slot
          ), budget_held as (
            insert into budget_holds (user_id, request_id, amount_micros, at, expires_at)
              select t.user_id, t.request_id, t.provider_amount, t.began, t.expires_at from taken t
          ), by_user as (
            update budget_periods p
               set held_micros = p.held_micros + t.provider_amount, free_micros = p.free_micros - t.provider_amount,
                   alarm_at = least(p.alarm_at, t.expires_at)
              from taken t where p.budget_id = t.user_id and p.slot = 0 and p.period_end = t.period_end
          ), by_all as (
            update budget_periods p
               set held_micros = p.held_micros + s.amount, free_micros = p.free_micros - s.amount, alarm_at = least(p.alarm_at, s.expires_at)
              from (select t.slot, t.global_end, sum(t.provider_amount) as amount, min(t.expires_at) as expires_at
                      from taken t group by t.slot, t.global_end) s
             where p.budget_id = nobody and p.slot = s.slot and p.period_end = s.global_end
          ), account as (
            update credit_accounts a
               set held_micros = a.held_micros + t.amount, front_free_micros = a.front_free_micros - t.amount,
                   alarm_at = least(a.alarm_at, t.expires_at)
              from taken t where a.user_id = t.user_id
          ), held as (
            insert into credit_holds (id, user_id, request_id, amount_micros, parts, description, state, placed_at, expires_at, metadata)
              select t.hold_id, t.user_id, t.request_id, t.amount,
                     jsonb_build_array(jsonb_build_object('grant', t.source, 'micros', t.amount)),
                     t.description, 'open', t.now, t.expires_at, t.metadata from taken t
          ), payer as (
            update credit_grants g set held_micros = g.held_micros + t.amount from taken t where g.id = t.source
          )
          select t.hold_id, t.source, t.worse from taken t;
      end $$;

      create type request_to_settle as (
        log ai_usage_logs, now timestamptz, entry_id uuid, entry_type text, entry_description text, entry_metadata jsonb, entry_actor text,
        service service_type, tokens bigint);
      create type request_that_settles as (
        request request_to_settle, account credit_accounts, hold_id uuid, held bigint, source uuid, slot smallint,
        began timestamptz, reserved bigint, period_end timestamptz);

      -- 'asked' is a list of request_to_settle, of users who are all different. Answers the logs' ids of what is settled, booked and logged.
      create function settle_requests(asked json, rules_version text)
        returns table (log_id uuid) language plpgsql
        set enable_seqscan = off set plan_cache_mode = force_generic_plan set lock_timeout = '250ms' as $$
      declare
        nobody constant uuid := '00000000-0000-0000-0000-000000000000';
        wanted request_to_settle[];
        fits   request_that_settles[];
      begin
        select array_agg(locked.request) into wanted
          from (select r as request from json_populate_recordset(null::request_to_settle, asked) r
                  join credit_accounts a on a.user_id = (r.log).user_id
                   for no key update of a skip locked) locked;
        select array_agg(row(found.request, found.account, found.hold_id, found.held, found.source, found.slot, found.began, found.reserved,
                             found.period_end)::request_that_settles) into fits
          from (select r as request, a as account, h.id as hold_id, h.amount_micros as held, (h.parts -> 0 ->> 'grant')::uuid as source,
                       budget_slot(a.user_id) as slot, b.at as began, b.amount_micros::bigint as reserved, p.period_end
                  from unnest(wanted) r
                  join credit_accounts a on a.user_id = (r.log).user_id
                  join credit_holds h on h.user_id = (r.log).user_id and h.request_id = (r.log).request_id
                  join budget_holds b on b.user_id = (r.log).user_id and b.request_id = (r.log).request_id
                  join budget_periods p on p.budget_id = (r.log).user_id and p.slot = 0 and p.period_end > b.at and p.period_start <= b.at
                 where h.state = 'open' and h.expires_at > r.now and a.alarm_at > r.now and a.debt_micros = 0
                   and (r.log).cost_micros <= h.amount_micros and jsonb_array_length(h.parts) = 1
                   and ((r.log).cost_micros = h.amount_micros or (h.parts -> 0 ->> 'grant')::uuid = a.front_grant_id)
                   and b.by_user and b.by_global
                   and p.watch_micros >= (r.log).provider_cost_micros and p.alarm_at > r.now and p.rules = rules_version
                   for no key update of b, p skip locked) found;
        return query
          with fit as materialized (
            select (f.request).log as log, (f.request).now, (f.request).service, (f.request).tokens,
                   (f.request).entry_id, (f.request).entry_type, (f.request).entry_description, (f.request).entry_metadata, (f.request).entry_actor,
                   (f.account).user_id, (f.account).sequence, (f.account).balance_micros as balance, (f.account).hash,
                   ((f.request).log).request_id, ((f.request).log).cost_micros::bigint as cost,
                   ((f.request).log).provider_cost_micros::bigint as spent,
                   case when ((f.request).log).usage_source = 'estimate' then ((f.request).log).provider_cost_micros::bigint else 0 end as estimated,
                   f.hold_id, f.held, f.source, f.slot, f.began, f.reserved, f.period_end
              from unnest(fits) f
          ), share as materialized (
            select g.slot, g.period_end
              from (select f.slot, min(f.began) as earliest, max(f.began) as latest, max(f.now) as now, sum(f.spent) as spent,
                           sum(f.reserved) as reserved
                      from fit f group by f.slot) s
              join budget_periods g
                on g.budget_id = nobody and g.slot = s.slot and g.period_end > s.latest and g.period_start <= s.earliest
             where g.watch_micros >= s.spent and g.alarm_at > s.now and g.rules = rules_version
               -- What is spent beyond its holds is taken from all slots, lest the others give it away once more.
               and (s.spent <= s.reserved or g.free_micros + s.reserved >= s.spent)
             order by g.slot for no key update of g
          ), done as materialized (
            select f.*, s.period_end as global_end from fit f join share s on s.slot = f.slot
          ), entry as materialized (
            select d.user_id, d.sequence + 1 as sequence, d.balance - d.cost as balance,
                   jsonb_build_array(jsonb_build_object('grant', d.source, 'micros', d.cost)) as sources, 'hold:' || d.request_id as key
              from done d where d.cost > 0
          ), chained as (
            insert into credit_transactions (id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros,
                                             balance_after_micros, debt_after_micros, description, metadata, sources, key, actor,
                                             created_at, hash)
              select d.entry_id, d.user_id, e.sequence, d.entry_type, -d.cost, 0, d.balance, e.balance, 0, d.entry_description,
                     d.entry_metadata, e.sources, e.key, d.entry_actor, d.now,
                     credit_hash(d.hash, d.entry_id, d.user_id, e.sequence, d.entry_type, -d.cost, 0, d.balance, e.balance, 0,
                       d.entry_description, d.entry_metadata, e.sources, e.key, d.entry_actor, d.now)
                from done d join entry e on e.user_id = d.user_id
            returning user_id, sequence, hash
          ), account as (
            update credit_accounts a
               set balance_micros = a.balance_micros - d.cost, held_micros = a.held_micros - d.held,
                   front_free_micros = a.front_free_micros + d.held - d.cost,
                   sequence = coalesce(c.sequence, a.sequence), hash = coalesce(c.hash, a.hash)
              from done d left join chained c on c.user_id = d.user_id where a.user_id = d.user_id
          ), payer as (
            update credit_grants g set remaining_micros = g.remaining_micros - d.cost, held_micros = g.held_micros - d.held
              from done d where g.id = d.source
          ), closed as (
            update credit_holds h set state = 'settled', settled_micros = d.cost, closed_at = d.now from done d where h.id = d.hold_id
          ), unreserved as (
            delete from budget_holds b using done d where b.user_id = d.user_id and b.request_id = d.request_id
          ), by_user as (
            update budget_periods p
               set used_micros = p.used_micros + d.spent, estimated_micros = p.estimated_micros + d.estimated,
                   held_micros = p.held_micros - d.reserved, free_micros = p.free_micros + d.reserved - d.spent,
                   watch_micros = p.watch_micros - d.spent
              from done d where p.budget_id = d.user_id and p.slot = 0 and p.period_end = d.period_end
          ), by_all as (
            update budget_periods p
               set used_micros = p.used_micros + s.spent, estimated_micros = p.estimated_micros + s.estimated,
                   held_micros = p.held_micros - s.reserved, free_micros = p.free_micros + s.reserved - s.spent,
                   watch_micros = p.watch_micros - s.spent
              from (select d.slot, d.global_end, sum(d.spent) as spent, sum(d.estimated) as estimated, sum(d.reserved) as reserved
                      from done d group by d.slot, d.global_end) s
             where p.budget_id = nobody and p.slot = s.slot and p.period_end = s.global_end
          ), day as (
            insert into budget_days as b (user_id, day, service, provider, model, requests, tokens, cost_micros, estimated_micros)
              select d.user_id, cast((d.log).started_at at time zone 'UTC' as date), d.service, (d.log).provider, (d.log).model, 1, d.tokens,
                     d.spent, d.estimated
                from done d where (d.log).provider is not null
                on conflict (user_id, day, service, provider, model) do update
                   set requests = b.requests + 1, tokens = b.tokens + excluded.tokens, cost_micros = b.cost_micros + excluded.cost_micros,
                       estimated_micros = b.estimated_micros + excluded.estimated_micros
          )
          insert into ai_usage_logs as logged select (d.log).* from done d returning logged.id;
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function settle_requests, hold_requests;
      drop type request_that_settles, request_to_settle, request_that_fits, request_to_hold;
    `);
  }
}
