import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Plans of these functions are kept by their connection, and made when a table may be small: by index alone they stay right as it
 * grows. A quarter of a second is how long a batch waits for a slot of the global budget.
 */
const BY_INDEX = `
        set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan
        set lock_timeout = '250ms'`;

/**
 * The functions of migration 1764547200015 once more, in one statement after the accounts are locked: their cost grows with the
 * requests of a batch and not with their square, since every row is found by its key, and no more is carried from step to step
 * than the steps need. Locks as before: accounts first, then users' budgets, both without waiting, then the slots of the global
 * budget in their order. The functions of before stay for processes that still run the version before.
 *
 * A period can be cut while somebody waits for it, and an update looks for rows as they were before: so it looks for when they
 * began, which nothing changes.
 */
export class BatchesByKey1764547200016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- PostgreSQL reads the checks of a table anew for every statement, those of a type and functions once a connection: this was a
      -- sixth of what a request alone costs it. Nothing is rewritten or looked through, since every row has passed the same checks: a
      -- type without a check is put on, and gets it afterwards. Columns of an index, which would be built anew, and those that a function
      -- gives away as they are, keep theirs.
      create domain filled_text as text;
      create domain natural_micros as bigint;
      create domain positive_micros as bigint;
      create domain credit_category as text;
      create function credit_entry_has_its_sign(type text, amount bigint, debt bigint)
        returns boolean immutable parallel safe language plpgsql as $$
      begin
        return case when type in ('purchase', 'bonus', 'referral_bonus', 'admin_grant', 'reversal') then amount > 0 and debt = 0
                    when type in ('api_usage', 'transcription', 'admin_debit', 'refund', 'chargeback', 'expiry')
                      then amount < 0 and debt = 0
                    when type = 'debt' then amount = 0 and debt > 0
                    when type = 'debt_payment' then amount < 0 and debt = amount
                    else false end;
      end $$;
      alter table credit_transactions
        drop constraint a_type_has_a_sign,
        drop constraint credit_transactions_description_check, drop constraint credit_transactions_actor_check,
        alter description type filled_text, alter actor type filled_text,
        add constraint a_type_has_a_sign check (credit_entry_has_its_sign(type, amount_micros, debt_micros)) not valid;
      alter table credit_accounts
        drop constraint credit_accounts_front_free_micros_check, alter front_free_micros type natural_micros;
      alter table credit_grants
        drop constraint parts_of_a_grant, drop constraint credit_grants_category_check,
        drop constraint credit_grants_amount_micros_check,
        alter category type credit_category, alter amount_micros type positive_micros,
        add constraint parts_of_a_grant check (0 <= held_micros and held_micros <= remaining_micros and remaining_micros <= amount_micros)
          not valid;
      alter table credit_holds
        drop constraint credit_holds_amount_micros_check, drop constraint credit_holds_description_check,
        drop constraint credit_holds_settled_micros_check, drop constraint credit_holds_check2,
        alter amount_micros type positive_micros, alter description type filled_text, alter settled_micros type natural_micros,
        add constraint credit_holds_check2 check ((state = 'settled') = (settled_micros is not null)) not valid;
      alter domain filled_text add constraint is_filled check (value <> '') not valid;
      alter domain natural_micros add constraint is_natural check (value >= 0) not valid;
      alter domain positive_micros add constraint is_positive check (value > 0) not valid;
      alter domain credit_category add constraint is_known check (value in ('promotional', 'paid')) not valid;

      -- A plan has a limit of its own: whoever comes next must look. Also at periods that are over: what began in them is settled later.
      create or replace function forget_budget_rules() returns trigger language plpgsql as $$
      begin
        -- In the order in which everybody locks: the budget, then its periods.
        perform from budgets b where b.id = new.id for update;
        update budget_periods p set rules = '' where p.budget_id = new.id and p.rules <> '';
        return null;
      end $$;

      -- 'asked' is a list of request_to_hold, one of each of 'users'. Answers what is held. Who was reckoned by other limits than
      -- those of 'version' must be looked at.
      create function hold_together(users uuid[], asked json, version text)
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
            select r.user_id, budget_slot(r.user_id) as slot, p.slot as own_slot, p.period_start, p.level, a.front_grant_id as source,
                   r.hold_id, r.amount, r.now, r.expires_at, r.provider_amount, r.provider_padded, r.began, r.request_id, r.description,
                   r.metadata
              from json_populate_recordset(null::request_to_hold, asked) r
              join credit_accounts a on a.user_id = r.user_id
             cross join lateral (
                     select p.slot, p.period_start, p.level from budget_periods p
                      where p.budget_id = r.user_id and p.slot = slot_0 and p.period_end > r.began and p.period_start <= r.began
                        and p.free_micros >= r.provider_padded and p.ceiling_micros > r.provider_amount
                        and p.alarm_at > r.now and p.rules = version
                      limit 1 for no key update skip locked) p
             where r.user_id = any (locked) and a.front_free_micros >= r.amount and a.alarm_at > r.now
               and not exists (select from credit_holds h where h.user_id = r.user_id and h.request_id = r.request_id)
               and not exists (select from budget_holds b where b.user_id = r.user_id and b.request_id = r.request_id)
          ), share as materialized (
            select g.budget_id, s.slot, s.latest, g.period_start, g.level, s.amount, s.expires_at
              from (select nobody as budget_id, f.slot, min(f.began) as earliest, max(f.began) as latest, max(f.now) as now,
                           sum(f.provider_amount)::bigint as amount, max(f.provider_amount) as dearest,
                           max(f.provider_padded - f.provider_amount) as padding,
                           min(f.expires_at) as expires_at
                      from fit f group by f.slot) s
              join budget_periods g
                on g.budget_id = s.budget_id and g.slot = s.slot and g.period_end > s.latest and g.period_start <= s.earliest
             where g.free_micros >= s.amount + s.padding and g.ceiling_micros > s.dearest and g.alarm_at > s.now and g.rules = version
             order by g.slot for no key update of g
          ), held as materialized (
            select f.*, greatest(f.level, s.level) as worse from fit f join share s on s.slot = f.slot
          ), reserved as (
            insert into budget_holds (user_id, request_id, amount_micros, at, expires_at)
              select h.user_id, h.request_id, h.provider_amount, h.began, h.expires_at from held h
          ), by_user as (
            update budget_periods p
               set held_micros = p.held_micros + h.provider_amount, free_micros = p.free_micros - h.provider_amount,
                   alarm_at = least(p.alarm_at, h.expires_at)
              from held h
             where p.budget_id = h.user_id and p.slot = h.own_slot and p.period_end > h.began and p.period_start = h.period_start
          ), by_all as (
            update budget_periods p
               set held_micros = p.held_micros + s.amount, free_micros = p.free_micros - s.amount,
                   alarm_at = least(p.alarm_at, s.expires_at)
              from share s
             where p.budget_id = s.budget_id and p.slot = s.slot and p.period_end > s.latest and p.period_start = s.period_start
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

      create type spend_to_settle as (
        log_id uuid, user_id uuid, request_id text, cost bigint, spent bigint, estimated bigint, now timestamptz,
        entry_id uuid, entry_type text, entry_description text, entry_metadata jsonb, entry_actor text,
        started_at timestamptz, service service_type, provider text, model text, tokens bigint);

      -- 'asked' is a list of spend_to_settle, one of each of 'users', and 'logs' of their ai_usage_logs. Answers the ids of the logs of
      -- what is settled, booked and logged.
      create function settle_together(users uuid[], asked json, logs json, version text)
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
          with fit as materialized (
            select r.*, budget_slot(r.user_id) as slot, p.slot as own_slot, p.period_start, b.at as began,
                   b.amount_micros::bigint as reserved,
                   h.id as hold_id, h.amount_micros as held, (h.parts -> 0 ->> 'grant')::uuid as source,
                   a.sequence + 1 as sequence, a.balance_micros as before, a.hash as previous
              from json_populate_recordset(null::spend_to_settle, asked) r
              join credit_accounts a on a.user_id = r.user_id
              join credit_holds h on h.user_id = r.user_id and h.request_id = r.request_id
             cross join lateral (
                     select b.at, b.amount_micros from budget_holds b
                      where b.user_id = r.user_id and b.request_id = r.request_id and b.by_user and b.by_global
                      limit 1 for update skip locked) b
             cross join lateral (
                     select p.slot, p.period_start from budget_periods p
                      where p.budget_id = r.user_id and p.slot = slot_0 and p.period_end > b.at and p.period_start <= b.at
                        and p.watch_micros >= r.spent and p.alarm_at > r.now and p.rules = version
                      limit 1 for no key update skip locked) p
             where r.user_id = any (locked)
               and h.closed_at is null and h.expires_at > r.now and a.alarm_at > r.now and a.debt_micros = 0
               and r.cost <= h.amount_micros and jsonb_array_length(h.parts) = 1
               and (r.cost = h.amount_micros or (h.parts -> 0 ->> 'grant')::uuid = a.front_grant_id)
          ), share as materialized (
            select s.*, g.period_start
              from (select nobody as budget_id, f.slot, min(f.began) as earliest, max(f.began) as latest, max(f.now) as now,
                           sum(f.spent)::bigint as spent, sum(f.estimated)::bigint as estimated, sum(f.reserved)::bigint as reserved
                      from fit f group by f.slot) s
              join budget_periods g
                on g.budget_id = s.budget_id and g.slot = s.slot and g.period_end > s.latest and g.period_start <= s.earliest
             where g.watch_micros >= s.spent and g.alarm_at > s.now and g.rules = version
               -- What is spent beyond its holds is taken from all slots, lest the others give it away once more.
               and (s.spent <= s.reserved or g.free_micros + s.reserved >= s.spent)
             order by g.slot for no key update of g
          ), done as materialized (
            select f.*, e.sources, e.key,
                   case when f.cost > 0 then
                     credit_hash(f.previous, f.entry_id, f.user_id, f.sequence, f.entry_type, -f.cost, 0, f.before, f.before - f.cost, 0,
                       f.entry_description, f.entry_metadata, e.sources, e.key, f.entry_actor, f.now) end as hash
              from fit f
              join share s on s.slot = f.slot
             cross join lateral (select jsonb_build_array(jsonb_build_object('grant', f.source, 'micros', f.cost)) as sources,
                                        'hold:' || f.request_id as key) e
          ), entry as (
            insert into credit_transactions (id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros,
                                             balance_after_micros, debt_after_micros, description, metadata, sources, key, actor,
                                             created_at, hash)
              select d.entry_id, d.user_id, d.sequence, d.entry_type, -d.cost, 0, d.before, d.before - d.cost, 0, d.entry_description,
                     d.entry_metadata, d.sources, d.key, d.entry_actor, d.now, d.hash
                from done d where d.cost > 0
          ), account as (
            update credit_accounts a
               set balance_micros = a.balance_micros - d.cost, held_micros = a.held_micros - d.held,
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
             where p.budget_id = d.user_id and p.slot = d.own_slot and p.period_end > d.began and p.period_start = d.period_start
          ), by_all as (
            update budget_periods p
               set used_micros = p.used_micros + s.spent, estimated_micros = p.estimated_micros + s.estimated,
                   held_micros = p.held_micros - s.reserved, free_micros = p.free_micros + s.reserved - s.spent,
                   watch_micros = p.watch_micros - s.spent
              from share s
             where p.budget_id = s.budget_id and p.slot = s.slot and p.period_end > s.latest and p.period_start = s.period_start
          ), day as (
            insert into budget_days as b (user_id, day, service, provider, model, requests, tokens, cost_micros, estimated_micros)
              select d.user_id, cast(d.started_at at time zone 'UTC' as date), d.service, d.provider, d.model, 1, d.tokens, d.spent,
                     d.estimated
                from done d where d.provider is not null
                on conflict (user_id, day, service, provider, model) do update
                   set requests = b.requests + 1, tokens = b.tokens + excluded.tokens, cost_micros = b.cost_micros + excluded.cost_micros,
                       estimated_micros = b.estimated_micros + excluded.estimated_micros
          )
          insert into ai_usage_logs as logged
            select l.* from json_populate_recordset(null::ai_usage_logs, logs) l
             where l.id = any (array(select d.log_id from done d))
            returning logged.id;
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function settle_together, hold_together;
      create or replace function forget_budget_rules() returns trigger language plpgsql as $$
      begin
        perform from budgets b where b.id = new.id for update;
        update budget_periods p set rules = '' where p.budget_id = new.id and p.rules <> '' and p.period_end > now();
        return null;
      end $$;
      drop type spend_to_settle;
      alter table credit_holds
        alter amount_micros type bigint, alter description type text, alter settled_micros type bigint,
        add constraint credit_holds_amount_micros_check check (amount_micros > 0),
        add constraint credit_holds_description_check check (description <> ''),
        add constraint credit_holds_settled_micros_check check (settled_micros >= 0);
      alter table credit_grants
        alter category type text, alter amount_micros type bigint,
        add constraint credit_grants_category_check check (category in ('promotional', 'paid')),
        add constraint credit_grants_amount_micros_check check (amount_micros > 0);
      alter table credit_accounts
        alter front_free_micros type bigint, add constraint credit_accounts_front_free_micros_check check (front_free_micros >= 0);
      alter table credit_transactions
        alter description type text, alter actor type text,
        add constraint credit_transactions_description_check check (description <> ''),
        add constraint credit_transactions_actor_check check (actor <> '');
      alter table credit_transactions
        drop constraint a_type_has_a_sign, add constraint a_type_has_a_sign check (
          case when type in ('purchase', 'bonus', 'referral_bonus', 'admin_grant', 'reversal') then amount_micros > 0 and debt_micros = 0
               when type in ('api_usage', 'transcription', 'admin_debit', 'refund', 'chargeback', 'expiry')
                 then amount_micros < 0 and debt_micros = 0
               when type = 'debt' then amount_micros = 0 and debt_micros > 0
               when type = 'debt_payment' then amount_micros < 0 and debt_micros = amount_micros
               else false end);
      drop function credit_entry_has_its_sign;
      drop domain filled_text, natural_micros, positive_micros, credit_category;
    `);
  }
}
