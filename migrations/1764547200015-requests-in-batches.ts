import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Plans of these functions are kept by their connection, and made when a table may be small: by index alone they stay right as it
 * grows. A quarter of a second is how long a batch waits for a slot of the global budget.
 */
const BY_INDEX = `
        set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
        set lock_timeout = '250ms'`;

/**
 * Requests of different users that come at the same time are held for, and settled, by one statement: most of what a small
 * statement costs is to begin it. What does not fit without a second look is left alone, for hold_credit_within_budget and
 * settle_credit, which look.
 *
 * Both lock the accounts first, without waiting: whose account is busy is left alone, too, so nobody waits for another user's.
 * What follows is read after that, and is true until the end. Then users' budgets, without waiting; then the slots of the
 * global budget, in their order, as everybody locks them: these are waited for, and a quarter of a second at most. A period can
 * be cut meanwhile, and an update looks for rows as they were before: so it looks for when they began, which nothing changes.
 */
export class RequestsInBatches1764547200015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create type request_to_hold as (
        user_id uuid, request_id text, hold_id uuid, amount bigint, description text, metadata jsonb,
        now timestamptz, expires_at timestamptz, provider_amount bigint, provider_padded bigint, began timestamptz);

      -- 'asked' is a list of request_to_hold, one of each of 'users'. Answers what is held. Who was reckoned by other limits than
      -- those of 'version' must be looked at.
      create function hold_requests(users uuid[], asked json, version text)
        returns table (hold_id uuid, source uuid, level budget_level) language plpgsql ${BY_INDEX} as $$
      declare
        nobody constant uuid := '00000000-0000-0000-0000-000000000000';
        -- The one that a user's budget has. Written as 0, budget_periods_end would seem to have few rows before anything is analyzed.
        slot_0 constant smallint := 0;
        locked uuid[];
      begin
        -- What a crash of the database forgets of it, the settlement is given again.
        perform set_config('synchronous_commit', 'off', true);
        select array_agg(a.user_id) into locked
          from (select a.user_id from credit_accounts a where a.user_id = any (users) for no key update skip locked) a;
        return query
          with fit as materialized (
            select r.user_id, budget_slot(r.user_id) as slot, p.period_start, p.level, a.front_grant_id as source, r.hold_id, r.amount,
                   r.now, r.expires_at, r.provider_amount, r.provider_padded, r.began, r.request_id, r.description, r.metadata
              from json_populate_recordset(null::request_to_hold, asked) r
              join credit_accounts a on a.user_id = r.user_id
             cross join lateral (
                     select p.period_start, p.level from budget_periods p
                      where p.budget_id = r.user_id and p.slot = slot_0 and p.period_end > r.began and p.period_start <= r.began
                        and p.free_micros >= r.provider_padded and p.ceiling_micros > r.provider_amount
                        and p.alarm_at > r.now and p.rules = version
                      limit 1 for no key update skip locked) p
             where r.user_id = any (locked) and a.front_free_micros >= r.amount and a.alarm_at > r.now
               and not exists (select from credit_holds h where h.user_id = r.user_id and h.request_id = r.request_id)
               and not exists (select from budget_holds b where b.user_id = r.user_id and b.request_id = r.request_id)
          ), share as materialized (
            select g.slot, g.period_start, g.level
              from (select f.slot, min(f.began) as earliest, max(f.began) as latest, max(f.now) as now, max(f.provider_amount) as dearest,
                           sum(f.provider_amount) + max(f.provider_padded - f.provider_amount) as padded
                      from fit f group by f.slot) s
              join budget_periods g
                on g.budget_id = nobody and g.slot = s.slot and g.period_end > s.latest and g.period_start <= s.earliest
             where g.free_micros >= s.padded and g.ceiling_micros > s.dearest and g.alarm_at > s.now and g.rules = version
             order by g.slot for no key update of g
          ), held as materialized (
            select f.*, s.period_start as global_start, greatest(f.level, s.level) as worse from fit f join share s on s.slot = f.slot
          ), reserved as (
            insert into budget_holds (user_id, request_id, amount_micros, at, expires_at)
              select h.user_id, h.request_id, h.provider_amount, h.began, h.expires_at from held h
          ), by_user as (
            update budget_periods p
               set held_micros = p.held_micros + h.provider_amount, free_micros = p.free_micros - h.provider_amount,
                   alarm_at = least(p.alarm_at, h.expires_at)
              from held h
             where p.budget_id = any (locked) and p.budget_id = h.user_id and p.slot = slot_0 and p.period_end > h.began
               and p.period_start = h.period_start
          ), by_all as (
            update budget_periods p
               set held_micros = p.held_micros + s.amount, free_micros = p.free_micros - s.amount, alarm_at = least(p.alarm_at, s.expires_at)
              from (select h.slot, h.global_start, min(h.began) as earliest, sum(h.provider_amount) as amount,
                           min(h.expires_at) as expires_at
                      from held h group by h.slot, h.global_start) s
             where p.budget_id = nobody and p.slot = s.slot and p.period_end > s.earliest and p.period_start = s.global_start
          ), account as (
            update credit_accounts a
               set held_micros = a.held_micros + h.amount, front_free_micros = a.front_free_micros - h.amount,
                   alarm_at = least(a.alarm_at, h.expires_at)
              from held h where a.user_id = h.user_id
          ), opened as (
            insert into credit_holds (id, user_id, request_id, amount_micros, parts, description, state, placed_at, expires_at, metadata)
              select h.hold_id, h.user_id, h.request_id, h.amount,
                     jsonb_build_array(jsonb_build_object('grant', h.source, 'micros', h.amount)),
                     h.description, 'open', h.now, h.expires_at, h.metadata from held h
          ), payer as (
            update credit_grants g set held_micros = g.held_micros + h.amount from held h where g.id = h.source
          )
          select h.hold_id, h.source, h.worse from held h;
      end $$;

      create type request_to_settle as (
        log ai_usage_logs, now timestamptz, entry_id uuid, entry_type text, entry_description text, entry_metadata jsonb, entry_actor text,
        service service_type, tokens bigint);

      -- 'asked' is a list of request_to_settle, one of each of 'users'. Answers the ids of the logs of what is settled, booked and
      -- logged.
      create function settle_requests(users uuid[], asked json, version text)
        returns table (log_id uuid) language plpgsql ${BY_INDEX} as $$
      declare
        nobody constant uuid := '00000000-0000-0000-0000-000000000000';
        -- The one that a user's budget has. Written as 0, budget_periods_end would seem to have few rows before anything is analyzed.
        slot_0 constant smallint := 0;
        locked uuid[];
      begin
        select array_agg(a.user_id) into locked
          from (select a.user_id from credit_accounts a where a.user_id = any (users) for no key update skip locked) a;
        return query
          with asked_for as materialized (
            select (r.log).user_id, (r.log).cost_micros::bigint as cost, (r.log).provider_cost_micros::bigint as spent,
                   case when (r.log).usage_source = 'estimate' then (r.log).provider_cost_micros::bigint else 0 end as estimated,
                   r.now, r.entry_id, r.service, r.tokens, cast((r.log).started_at at time zone 'UTC' as date) as day, (r.log).request_id,
                   (r.log).provider, (r.log).model, r.entry_type, r.entry_description, r.entry_actor, r.entry_metadata, r.log
              from json_populate_recordset(null::request_to_settle, asked) r
             where (r.log).user_id = any (locked)
          ), fit as materialized (
            select r.user_id, budget_slot(r.user_id) as slot, p.period_start, b.at as began, b.amount_micros::bigint as reserved,
                   h.id as hold_id, h.amount_micros as held, (h.parts -> 0 ->> 'grant')::uuid as source,
                   a.sequence + 1 as sequence, a.balance_micros as before, a.balance_micros - r.cost as after, a.hash as previous,
                   r.cost, r.spent, r.estimated, r.now, r.entry_id, r.service, r.tokens, r.day, r.request_id, r.provider, r.model,
                   r.entry_type, r.entry_description, r.entry_actor, r.entry_metadata, r.log
              from asked_for r
              join credit_accounts a on a.user_id = r.user_id
              join credit_holds h on h.user_id = r.user_id and h.request_id = r.request_id
             cross join lateral (
                     select b.at, b.amount_micros from budget_holds b
                      where b.user_id = r.user_id and b.request_id = r.request_id and b.by_user and b.by_global
                      limit 1 for update skip locked) b
             cross join lateral (
                     select p.period_start from budget_periods p
                      where p.budget_id = r.user_id and p.slot = slot_0 and p.period_end > b.at and p.period_start <= b.at
                        and p.watch_micros >= r.spent and p.alarm_at > r.now and p.rules = version
                      limit 1 for no key update skip locked) p
             where h.closed_at is null and h.expires_at > r.now and a.alarm_at > r.now and a.debt_micros = 0
               and r.cost <= h.amount_micros and jsonb_array_length(h.parts) = 1
               and (r.cost = h.amount_micros or (h.parts -> 0 ->> 'grant')::uuid = a.front_grant_id)
          ), share as materialized (
            select g.slot, g.period_start
              from (select f.slot, min(f.began) as earliest, max(f.began) as latest, max(f.now) as now, sum(f.spent) as spent,
                           sum(f.reserved) as reserved
                      from fit f group by f.slot) s
              join budget_periods g
                on g.budget_id = nobody and g.slot = s.slot and g.period_end > s.latest and g.period_start <= s.earliest
             where g.watch_micros >= s.spent and g.alarm_at > s.now and g.rules = version
               -- What is spent beyond its holds is taken from all slots, lest the others give it away once more.
               and (s.spent <= s.reserved or g.free_micros + s.reserved >= s.spent)
             order by g.slot for no key update of g
          ), done as materialized (
            select f.*, s.period_start as global_start, e.sources, e.key,
                   case when f.cost > 0 then
                     credit_hash(f.previous, f.entry_id, f.user_id, f.sequence, f.entry_type, -f.cost, 0, f.before, f.after, 0,
                       f.entry_description, f.entry_metadata, e.sources, e.key, f.entry_actor, f.now) end as hash
              from fit f
              join share s on s.slot = f.slot
             cross join lateral (select jsonb_build_array(jsonb_build_object('grant', f.source, 'micros', f.cost)) as sources,
                                        'hold:' || f.request_id as key) e
          ), entry as (
            insert into credit_transactions (id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros,
                                             balance_after_micros, debt_after_micros, description, metadata, sources, key, actor,
                                             created_at, hash)
              select d.entry_id, d.user_id, d.sequence, d.entry_type, -d.cost, 0, d.before, d.after, 0, d.entry_description,
                     d.entry_metadata, d.sources, d.key, d.entry_actor, d.now, d.hash
                from done d where d.cost > 0
          ), account as (
            update credit_accounts a
               set balance_micros = d.after, held_micros = a.held_micros - d.held,
                   front_free_micros = a.front_free_micros + d.held - d.cost,
                   sequence = case when d.cost > 0 then d.sequence else a.sequence end, hash = coalesce(d.hash, a.hash)
              from done d where a.user_id = d.user_id
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
              from done d
             where p.budget_id = any (locked) and p.budget_id = d.user_id and p.slot = slot_0 and p.period_end > d.began
               and p.period_start = d.period_start
          ), by_all as (
            update budget_periods p
               set used_micros = p.used_micros + s.spent, estimated_micros = p.estimated_micros + s.estimated,
                   held_micros = p.held_micros - s.reserved, free_micros = p.free_micros + s.reserved - s.spent,
                   watch_micros = p.watch_micros - s.spent
              from (select d.slot, d.global_start, min(d.began) as earliest, sum(d.spent) as spent, sum(d.estimated) as estimated,
                           sum(d.reserved) as reserved
                      from done d group by d.slot, d.global_start) s
             where p.budget_id = nobody and p.slot = s.slot and p.period_end > s.earliest and p.period_start = s.global_start
          ), day as (
            insert into budget_days as b (user_id, day, service, provider, model, requests, tokens, cost_micros, estimated_micros)
              select d.user_id, d.day, d.service, d.provider, d.model, 1, d.tokens, d.spent, d.estimated
                from done d where d.provider is not null
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
      drop type request_to_settle, request_to_hold;
    `);
  }
}
