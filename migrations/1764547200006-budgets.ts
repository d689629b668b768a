import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Budgets of provider money: a ceiling that is decided and counted with the work it is for. */
export class Budgets1764547200006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create type budget_cadence as enum ('monthly', 'weekly', 'daily', 'custom');
      create type budget_mode as enum ('alert_only', 'block', 'fallback');
      create type budget_level as enum ('green', 'yellow', 'orange', 'red', 'critical');
      create type budget_alert_kind as enum ('orange', 'red', 'critical', 'forecast');
      create type service_type as enum ('llm', 'image', 'stt', 'tts', 'other');

      -- A user's budget has the user's id, the global one the id of zeros. Whoever holds the row decides alone.
      create table budgets (
        id            uuid primary key,
        -- Null: the plan's, or the operator's setting.
        limit_micros  bigint check (limit_micros between 0 and 10000000000),
        cadence       budget_cadence not null default 'monthly',
        custom_days   smallint check (custom_days between 1 and 365),
        -- When it was last reset, or given another cadence.
        anchor_at     timestamptz,
        yellow        smallint not null default 50,
        orange        smallint not null default 75,
        red           smallint not null default 90,
        mode          budget_mode not null default 'block',
        visible       boolean not null default true,
        can_modify    boolean not null default false,
        can_reset     boolean not null default false,
        notes         text check (length(notes) <= 500),
        configured_by text,
        constraint thresholds_ascend check (0 < yellow and yellow < orange and orange < red and red <= 100),
        constraint custom_has_days check ((cadence = 'custom') = (custom_days is not null)),
        constraint only_months_come_from_plans check (limit_micros is not null or cadence = 'monthly')
      );

      -- What each period of a budget came to: a cache of the logs, written in the same transaction. The global budget has a row
      -- in each of eight slots, so that requests of different users seldom wait for one another; a user's budget has one.
      create table budget_periods (
        budget_id        uuid not null,
        slot             smallint not null,
        period_start     timestamptz not null,
        period_end       timestamptz not null,
        used_micros      bigint not null default 0,
        -- The part of it that no provider reported.
        estimated_micros bigint not null default 0,
        held_micros      bigint not null default 0,
        -- What this slot may hold, and spend, before somebody must look at the whole budget. What is free of all slots is never
        -- more than is left; no threshold lies within what all may spend.
        free_micros      bigint not null default 0,
        watch_micros     bigint not null default 0,
        -- What one operation must stay below.
        ceiling_micros   bigint not null default 0,
        level            budget_level not null default 'green',
        -- When somebody must look in any case: a hold runs out, or a forecast becomes possible.
        alarm_at         timestamptz not null default '-infinity',
        -- By which limits it was reckoned last. Whoever comes with others must look.
        rules            text not null default '',
        -- By its end, so that the current one is found among any number of past ones.
        primary key (budget_id, slot, period_end),
        check (period_start < period_end)
      ) with (fillfactor = 50); -- Counters change often; free space keeps those updates off the index.

      -- Running work that provider money is reserved for. A row goes away with its work; what it cost is in the logs.
      create table budget_holds (
        user_id       uuid not null,
        request_id    text not null,
        amount_micros amount_micros not null,
        -- When the work began, which is when it counts.
        at            timestamptz not null,
        expires_at    timestamptz not null,
        -- Whether each budget still counts it.
        by_user       boolean not null default true,
        by_global     boolean not null default true,
        primary key (user_id, request_id)
      ) with (fillfactor = 50);
      -- Those that ran out, and when the next one does.
      create index budget_holds_expiry on budget_holds (expires_at);

      -- Each kind once for a budget and a period, however many writers cross it at once.
      create table budget_alerts (
        id               uuid primary key default gen_random_uuid(),
        budget_id        uuid not null,
        period_start     timestamptz not null,
        period_end       timestamptz not null,
        cadence          budget_cadence not null,
        kind             budget_alert_kind not null,
        limit_micros     bigint not null,
        used_micros      bigint not null,
        projected_micros bigint not null,
        at               timestamptz not null,
        delivered_at     timestamptz,
        unique (budget_id, period_start, kind)
      );
      -- A budget's alerts, newest first.
      create index budget_alerts_newest on budget_alerts (budget_id, at desc);

      -- Whoever began a period early, and what the one before came to.
      create table budget_resets (
        id                    uuid primary key,
        budget_id             uuid not null,
        -- 'reset', or 'cadence': another cadence was configured.
        cause                 text not null check (cause in ('reset', 'cadence')),
        actor                 text not null,
        reason                text check (length(reason) <= 500),
        previous_limit_micros bigint not null,
        new_limit_micros      bigint not null,
        previous_used_micros  bigint not null,
        previous_start        timestamptz not null,
        previous_end          timestamptz not null,
        new_start             timestamptz not null,
        new_end               timestamptz not null,
        at                    timestamptz not null
      );
      create index budget_resets_newest on budget_resets (budget_id, at desc);
      create trigger budget_resets_append_only before update or delete on budget_resets for each row execute function refuse_change();
      create trigger budget_resets_append_only_all before truncate on budget_resets execute function refuse_change();

      -- Provider money that was spent outside the gateway and the sessions, as it was reported to us.
      create table provider_usage_logs (
        id               uuid primary key,
        user_id          uuid,
        request_id       text not null,
        service          service_type not null,
        provider         text not null check (provider <> ''),
        model            text not null check (model <> ''),
        operation        text not null,
        tokens           bigint not null check (tokens >= 0),
        estimated_micros amount_micros not null,
        -- Null: nobody told yet.
        actual_micros    bigint check (actual_micros >= 0),
        succeeded        boolean not null,
        metadata         jsonb not null,
        actor            text not null,
        at               timestamptz not null
      );
      create unique index provider_usage_logs_request on provider_usage_logs (coalesce(user_id, '00000000-0000-0000-0000-000000000000'), request_id);
      create index provider_usage_logs_user on provider_usage_logs (user_id, at);
      create index provider_usage_logs_at on provider_usage_logs (at);
      create trigger provider_usage_logs_append_only before update or delete on provider_usage_logs for each row execute function refuse_change();
      create trigger provider_usage_logs_append_only_all before truncate on provider_usage_logs execute function refuse_change();

      -- Spend of one day (UTC) of one user: reports read days, however many requests they had. Written with the spend.
      create table budget_days (
        -- Zeros: nobody's.
        user_id          uuid not null,
        day              date not null,
        service          service_type not null,
        provider         text not null,
        model            text not null,
        requests         bigint not null,
        tokens           bigint not null,
        cost_micros      bigint not null,
        estimated_micros bigint not null,
        primary key (user_id, day, service, provider, model)
      ) with (fillfactor = 50);
      -- The operator's view over all users.
      create index budget_days_day on budget_days (day);

      -- The dearest operations of a day, for the dearest of a period.
      create index ai_usage_logs_dearest on ai_usage_logs (user_id, (cast(started_at at time zone 'UTC' as date)), provider_cost_micros desc);
      create index usage_logs_dearest on usage_logs (user_id, (cast(started_at at time zone 'UTC' as date)), provider_cost_micros desc);
      create index provider_usage_logs_dearest on provider_usage_logs (user_id, (cast(at at time zone 'UTC' as date)), (coalesce(actual_micros, estimated_micros)) desc);
      -- What all users spent since a moment: read when a period of the global budget is counted for the first time, and by verify.
      create index ai_usage_logs_started on ai_usage_logs (started_at);
      create index usage_logs_started on usage_logs (started_at);
      create index usage_logs_user_started on usage_logs (user_id, started_at);

      -- Every entry that provider money was spent for, in one shape.
      create view provider_spend as
        select 'ai'::text as source, l.id, l.request_id, l.user_id, l.started_at as at, cast(l.started_at at time zone 'UTC' as date) as day,
               (case l.modality when 'chat' then 'llm' when 'image' then 'image' else 'stt' end)::service_type as service,
               l.provider, l.model, l.endpoint as operation, l.provider_cost_micros::bigint as cost_micros,
               l.usage_source = 'estimate' as is_estimate,
               coalesce((select sum(q.value::bigint) from jsonb_each_text(l.quantities) q where q.key like '%token'), 0)::bigint as tokens
          from ai_usage_logs l where l.provider is not null
        union all
        select 'session', u.id, 'transcription:' || u.session_id || ':' || u.attempt, u.user_id, u.started_at, cast(u.started_at at time zone 'UTC' as date), 'stt'::service_type, u.provider, u.model,
               u.transcription_type, u.provider_cost_micros,
               coalesce(u.provider_metadata ->> 'duration_source', '') <> 'provider', 0::bigint
          from usage_logs u
        union all
        select 'report', p.id, p.request_id, p.user_id, p.at, cast(p.at at time zone 'UTC' as date), p.service, p.provider, p.model, p.operation,
               coalesce(p.actual_micros, p.estimated_micros), p.actual_micros is null, p.tokens
          from provider_usage_logs p;

      insert into budget_days (user_id, day, service, provider, model, requests, tokens, cost_micros, estimated_micros)
        select coalesce(s.user_id, '00000000-0000-0000-0000-000000000000'), s.day, s.service, s.provider, s.model, count(*), sum(s.tokens),
               sum(s.cost_micros), coalesce(sum(s.cost_micros) filter (where s.is_estimate), 0)
          from provider_spend s group by 1, 2, 3, 4, 5;

      -- A plan has a limit of its own: whoever comes next must look.
      create function forget_budget_rules() returns trigger language plpgsql as $$
      begin
        -- In the order in which everybody locks: the budget, then its periods.
        perform from budgets b where b.id = new.id for update;
        update budget_periods p set rules = '' where p.budget_id = new.id and p.rules <> '' and p.period_end > now();
        return null;
      end $$;
      create trigger users_plan_sets_budget after update of plan on users for each row
        when (old.plan <> new.plan) execute function forget_budget_rules();

      create function budget_slots(of_budget uuid) returns integer language sql immutable as $$
        select case when of_budget = '00000000-0000-0000-0000-000000000000' then 8 else 1 end
      $$;

      create function budget_slot(of_user uuid) returns smallint language sql immutable as $$
        select (get_byte(uuid_send(of_user), 15) % 8)::smallint
      $$;

      -- As BudgetPeriod.containing derives it.
      create function budget_period(budget budgets, at timestamptz, out starts timestamptz, out ends timestamptz)
        language plpgsql stable as $$
      declare
        utc    timestamp := at at time zone 'UTC';
        length interval;
        origin timestamptz := coalesce(budget.anchor_at, '2024-01-01T00:00:00Z');
      begin
        if budget.cadence = 'monthly' then
          starts := date_trunc('month', utc) at time zone 'UTC';
          ends := (date_trunc('month', utc) + interval '1 month') at time zone 'UTC';
        elsif budget.cadence = 'daily' then
          starts := date_trunc('day', utc) at time zone 'UTC';
          ends := (date_trunc('day', utc) + interval '1 day') at time zone 'UTC';
        else
          length := make_interval(hours => 24 * case when budget.cadence = 'weekly' then 7 else budget.custom_days end);
          starts := origin + floor(extract(epoch from at - origin) / extract(epoch from length)) * length;
          ends := starts + length;
        end if;
        if budget.anchor_at > starts and budget.anchor_at < ends then
          if at >= budget.anchor_at then
            starts := budget.anchor_at;
          else
            ends := budget.anchor_at;
          end if;
        end if;
      end $$;

      create type budget_view as (fits boolean, reason text, limit_micros bigint, used_micros bigint, held_micros bigint,
                                  level budget_level, mode budget_mode, visible boolean,
                                  period_start timestamptz, period_end timestamptz);

      -- Looks at a whole budget, alone: books what was spent, takes what is wanted if it fits, tells what was crossed, and shares out
      -- anew what its slots may do without looking. 'rules' are the limits that come from outside:
      -- {"version": …, "plans": {name: micros}, "global": micros, "micro_allowance": micros}.
      create function look_at_budget(of_budget uuid, request text, at_slot smallint, at timestamptz, now timestamptz, rules jsonb,
                                     spent bigint, spent_estimated bigint, returned bigint,
                                     wanted bigint, wanted_padded bigint, wanted_until timestamptz, of_user uuid default null)
        returns budget_view language plpgsql as $$
      declare
        nobody     constant uuid := '00000000-0000-0000-0000-000000000000';
        endless    constant bigint := 4000000000000000000;
        budget     budgets;
        view       budget_view;
        slots      integer := budget_slots(of_budget);
        next_start timestamptz;
        estimated  bigint;
        told       budget_alert_kind[];
        days       integer;
        elapsed    integer;
        projected  bigint;
        allowed    bigint;
        ceiling    bigint := endless;
        free       bigint;
        watch      bigint := endless;
        alarm      timestamptz := 'infinity';
        next_expiry timestamptz;
        threshold  record;
        crossed    budget_alert_kind[] := '{}';
        news       record;
      begin
        insert into budgets (id) values (of_budget) on conflict do nothing;
        select * into budget from budgets b where b.id = of_budget for update;

        -- Its period, counted from the logs when nobody has counted in it before; this request is counted further down.
        select p.period_start, p.period_end into view.period_start, view.period_end
          from budget_periods p where p.budget_id = of_budget and p.period_end > at order by p.period_end limit 1;
        if view.period_start is null or view.period_start > at then
          next_start := view.period_start;
          select starts, ends into view.period_start, view.period_end from budget_period(budget, at);
          -- Beside periods of another cadence, never over them.
          view.period_end := least(view.period_end, next_start);
          select greatest(view.period_start, max(p.period_end)) into view.period_start
            from budget_periods p where p.budget_id = of_budget and p.period_end <= at;
          if of_budget = nobody then
            select coalesce(sum(cost_micros), 0), coalesce(sum(cost_micros) filter (where is_estimate), 0) into view.used_micros, estimated
              from provider_spend l
             where l.at >= view.period_start and l.at < view.period_end and (l.user_id, l.request_id) is distinct from (of_user, request);
          else
            select coalesce(sum(cost_micros), 0), coalesce(sum(cost_micros) filter (where is_estimate), 0) into view.used_micros, estimated
              from provider_spend l
             where l.user_id = of_budget and l.at >= view.period_start and l.at < view.period_end and l.request_id <> request;
          end if;
          insert into budget_periods (budget_id, slot, period_start, period_end, used_micros, estimated_micros)
            select of_budget, slot, view.period_start, view.period_end,
                   case slot when 0 then view.used_micros else 0 end, case slot when 0 then estimated else 0 end
              from generate_series(0, slots - 1) slot;
        end if;
        perform from budget_periods p where p.budget_id = of_budget and p.period_end = view.period_end order by p.slot for update;

        -- Holds that ran out. Those that are being settled at this moment are left to whoever settles them.
        with gone as (
          select h.user_id, h.request_id, h.amount_micros, h.at from budget_holds h
           where h.expires_at <= now
             and case when of_budget = nobody then h.by_global else h.user_id = of_budget and h.by_user end
             for update skip locked
        ), closed as (
          update budget_holds h
             set by_user = h.by_user and of_budget = nobody, by_global = h.by_global and of_budget <> nobody
            from gone where h.user_id = gone.user_id and h.request_id = gone.request_id
        )
        update budget_periods p set held_micros = p.held_micros - g.amount
          from (select case when of_budget = nobody then budget_slot(gone.user_id) else 0 end as slot, q.period_end,
                       sum(gone.amount_micros) as amount
                  from gone join budget_periods q
                    on q.budget_id = of_budget and q.slot = 0 and q.period_start <= gone.at and q.period_end > gone.at
                 group by 1, 2) g
         where p.budget_id = of_budget and p.slot = g.slot and p.period_end = g.period_end;
        delete from budget_holds h
         where h.expires_at <= now and not h.by_user and not h.by_global and (of_budget = nobody or h.user_id = of_budget);

        update budget_periods p
           set used_micros = p.used_micros + spent, estimated_micros = p.estimated_micros + spent_estimated,
               held_micros = p.held_micros - returned
         where p.budget_id = of_budget and p.slot = at_slot and p.period_end = view.period_end;
        select sum(p.used_micros), sum(p.estimated_micros), sum(p.held_micros) into view.used_micros, estimated, view.held_micros
          from budget_periods p where p.budget_id = of_budget and p.period_end = view.period_end;

        view.mode := budget.mode;
        view.visible := budget.visible;
        view.limit_micros := coalesce(budget.limit_micros, case when of_budget = nobody then (rules ->> 'global')::bigint else
          (rules -> 'plans' ->> (select u.plan from users u where u.id = of_budget))::bigint end);
        if view.limit_micros is null then
          raise exception 'no limit is known for budget %', of_budget using errcode = 'MB001';
        end if;

        -- The level, the next threshold, and what the ones behind are told by.
        view.level := 'green';
        for threshold in
          select * from (values ('yellow'::budget_level, budget.yellow::bigint), ('orange', budget.orange), ('red', budget.red), ('critical', 100))
            as t (level, percent) order by level
        loop
          if view.used_micros * 100 >= view.limit_micros * threshold.percent then
            view.level := threshold.level;
            if threshold.level <> 'yellow' then
              crossed := crossed || threshold.level::text::budget_alert_kind;
            end if;
          else
            -- Strictly less than what reaches it.
            watch := least(watch, (view.limit_micros * threshold.percent + 99) / 100 - 1 - view.used_micros);
          end if;
        end loop;

        -- A pace that will not last; told from the third day on, and not once it has happened.
        days := ceil(extract(epoch from view.period_end - view.period_start) / 86400);
        elapsed := least(days, greatest(1, floor(extract(epoch from now - view.period_start) / 86400) + 1));
        projected := (2 * view.used_micros * days + elapsed) / (2 * elapsed);
        select coalesce(array_agg(a.kind), '{}') into told
          from budget_alerts a where a.budget_id = of_budget and a.period_start = view.period_start;
        if view.level <> 'critical' and now < view.period_end and days > 3 and not 'forecast' = any (told) then
          if elapsed < 3 then
            alarm := view.period_start + interval '48 hours';
          elsif projected > view.limit_micros then
            crossed := crossed || 'forecast'::budget_alert_kind;
          else
            watch := least(watch, greatest(0, view.limit_micros * elapsed / days - view.used_micros));
          end if;
        end if;

        if crossed <@ told then
          null;
        elsif spent <= 0 and wanted is not null then
          -- Told by whoever spends next: a plan was lowered, or a forecast became possible.
          watch := 0;
        else
          for news in
            insert into budget_alerts (budget_id, period_start, period_end, cadence, kind, limit_micros, used_micros, projected_micros, at)
              select of_budget, view.period_start, view.period_end, budget.cadence, kind, view.limit_micros, view.used_micros, projected, now
                from unnest(crossed) kind where not kind = any (told)
              on conflict do nothing returning id
          loop
            perform graphile_worker.add_job('deliver_budget_alert', json_build_object('alertId', news.id), max_attempts => 25);
          end loop;
        end if;

        -- As unaffordable() decides.
        allowed := view.limit_micros;
        if budget.mode <> 'alert_only' then
          if view.level = 'critical' then
            ceiling := 10000;
            allowed := allowed + (rules ->> 'micro_allowance')::bigint;
          elsif view.level = 'red' then
            ceiling := 50000;
          end if;
        end if;
        view.reason := case
          when budget.mode = 'alert_only' or wanted <= 0 then null
          when wanted >= ceiling then case view.level when 'red' then 'too_dear_at_red' else 'too_dear_at_critical' end
          when allowed - view.used_micros - view.held_micros < wanted_padded then 'budget_spent' end;
        view.fits := view.reason is null;
        free := case when budget.mode = 'alert_only' then endless else allowed - view.used_micros - view.held_micros end;
        if view.fits and wanted > 0 then
          update budget_periods p set held_micros = p.held_micros + wanted
           where p.budget_id = of_budget and p.slot = at_slot and p.period_end = view.period_end;
          free := free - wanted;
        end if;

        if of_budget = nobody then
          select h.expires_at into next_expiry from budget_holds h where h.by_global order by h.expires_at limit 1;
        else
          select min(h.expires_at) into next_expiry from budget_holds h where h.user_id = of_budget and h.by_user;
        end if;
        alarm := least(alarm, next_expiry, case when view.fits and wanted > 0 then wanted_until end);
        -- A part each; where too much is promised, nobody has any until all of it has come back to one.
        update budget_periods p
           set free_micros = case when free >= 0 then free / slots else free end, watch_micros = watch / slots,
               ceiling_micros = ceiling, level = view.level, alarm_at = alarm, rules = look_at_budget.rules ->> 'version'
         where p.budget_id = of_budget and p.period_end = view.period_end;
        return view;
      end $$;

      -- Reserves an amount in both budgets, or in none; 'refused_by' says whose it does not fit. An update that waited for a row
      -- and then finds that it does not fit keeps that row locked; a savepoint gives it back before somebody looks, because
      -- whoever looks locks the budget first and its rows after it.
      create function hold_budget(of_user uuid, request text, amount bigint, amount_padded bigint, at timestamptz, now timestamptz,
                                  expires timestamptz, rules jsonb, version text,
                                  out level budget_level, out is_new boolean, out refused_by uuid, out view budget_view)
        language plpgsql as $$
      declare
        nobody       constant uuid := '00000000-0000-0000-0000-000000000000';
        shard        constant smallint := budget_slot(of_user);
        global_level budget_level;
      begin
        is_new := false;
        if amount > 0 then
          insert into budget_holds (user_id, request_id, amount_micros, at, expires_at) values (of_user, request, amount, at, expires)
            on conflict do nothing;
          is_new := found;
          if not is_new then
            perform from budget_holds h where h.user_id = of_user and h.request_id = request and h.expires_at <= now for update;
            if found then
              -- It ran out, and is no hold any more: whoever looks takes it away.
              perform look_at_budget(of_user, request, 0::smallint, at, now, rules, 0, 0, 0, 0, 0, null, of_user);
              perform look_at_budget(nobody, request, shard, at, now, rules, 0, 0, 0, 0, 0, null, of_user);
              insert into budget_holds (user_id, request_id, amount_micros, at, expires_at) values (of_user, request, amount, at, expires);
              is_new := true;
            end if;
          end if;
        end if;
        if not is_new then
          -- Nothing to reserve, or reserved before.
          select p.level into level from budget_periods p
           where p.budget_id = of_user and p.slot = 0 and p.period_end > at and p.period_start <= at and p.rules = version;
          if not found then
            view := look_at_budget(of_user, request, 0::smallint, at, now, rules, 0, 0, 0, 0, 0, null, of_user);
            level := view.level;
          end if;
          select p.level into global_level from budget_periods p
           where p.budget_id = nobody and p.slot = shard and p.period_end > at and p.period_start <= at and p.rules = version;
          if not found then
            view := look_at_budget(nobody, request, shard, at, now, rules, 0, 0, 0, 0, 0, null, of_user);
            global_level := view.level;
          end if;
          level := greatest(level, global_level);
          view := null;
          return;
        end if;
        begin
          update budget_periods p
             set held_micros = p.held_micros + amount, free_micros = p.free_micros - amount, alarm_at = least(p.alarm_at, expires)
           where p.budget_id = of_user and p.slot = 0 and p.period_end > at and p.period_start <= at
             and p.free_micros >= amount_padded and p.ceiling_micros > amount and p.alarm_at > now and p.rules = version
          returning p.level into level;
          if not found then
            raise exception 'look' using errcode = 'MB002';
          end if;
        exception when sqlstate 'MB002' then
          view := look_at_budget(of_user, request, 0::smallint, at, now, rules, 0, 0, 0, amount, amount_padded, expires, of_user);
          level := view.level;
          if not view.fits then
            delete from budget_holds h where h.user_id = of_user and h.request_id = request;
            refused_by := of_user;
            return;
          end if;
        end;
        begin
          update budget_periods p
             set held_micros = p.held_micros + amount, free_micros = p.free_micros - amount, alarm_at = least(p.alarm_at, expires)
           where p.budget_id = nobody and p.slot = shard and p.period_end > at and p.period_start <= at
             and p.free_micros >= amount_padded and p.ceiling_micros > amount and p.alarm_at > now and p.rules = version
          returning p.level into global_level;
          if not found then
            raise exception 'look' using errcode = 'MB002';
          end if;
        exception when sqlstate 'MB002' then
          view := look_at_budget(nobody, request, shard, at, now, rules, 0, 0, 0, amount, amount_padded, expires, of_user);
          global_level := view.level;
          if not view.fits then
            update budget_periods p set held_micros = p.held_micros - amount, free_micros = p.free_micros + amount
             where p.budget_id = of_user and p.slot = 0 and p.period_end > at and p.period_start <= at;
            delete from budget_holds h where h.user_id = of_user and h.request_id = request;
            refused_by := nobody;
            level := global_level;
            return;
          end if;
        end;
        level := greatest(level, global_level);
      end $$;

      -- Books what work cost in place of what is held for it. Null for of_user: nobody's, which only the global budget counts.
      create function settle_budget(of_user uuid, request text, at timestamptz, now timestamptz, cost bigint, is_estimate boolean,
                                    of_service service_type, of_provider text, of_model text, of_tokens bigint,
                                    rules jsonb, version text) returns void language plpgsql as $$
      declare
        nobody    constant uuid := '00000000-0000-0000-0000-000000000000';
        shard     constant smallint := budget_slot(coalesce(of_user, nobody));
        estimated constant bigint := case when is_estimate then cost else 0 end;
        hold      budget_holds;
        began     timestamptz := at;
        back      bigint;
      begin
        if of_user is not null then
          delete from budget_holds h where h.user_id = of_user and h.request_id = request returning * into hold;
          -- As it was held: both count in the same period.
          began := coalesce(hold.at, at);
          back := case when hold.by_user then hold.amount_micros else 0 end;
          if cost <> 0 or back <> 0 then
            begin
              update budget_periods p
                 set used_micros = p.used_micros + cost, estimated_micros = p.estimated_micros + estimated, held_micros = p.held_micros - back,
                     free_micros = p.free_micros + back - cost, watch_micros = p.watch_micros - cost
               where p.budget_id = of_user and p.slot = 0 and p.period_end > began and p.period_start <= began
                 and p.watch_micros >= cost and p.alarm_at > now and p.rules = version;
              if not found then
                raise exception 'look' using errcode = 'MB002';
              end if;
            exception when sqlstate 'MB002' then
              perform look_at_budget(of_user, request, 0::smallint, began, now, rules, cost, estimated, back, 0, 0, null, of_user);
            end;
          end if;
        end if;
        back := case when hold.by_global then hold.amount_micros else 0 end;
        if cost <> 0 or back <> 0 then
          begin
            update budget_periods p
               set used_micros = p.used_micros + cost, estimated_micros = p.estimated_micros + estimated, held_micros = p.held_micros - back,
                   free_micros = p.free_micros + back - cost, watch_micros = p.watch_micros - cost
             where p.budget_id = nobody and p.slot = shard and p.period_end > began and p.period_start <= began
               and p.watch_micros >= cost and p.alarm_at > now and p.rules = version
               -- What is spent beyond its hold is taken from all slots, lest the others give it away once more.
               and (cost <= back or p.free_micros + back >= cost);
            if not found then
              raise exception 'look' using errcode = 'MB002';
            end if;
          exception when sqlstate 'MB002' then
            perform look_at_budget(nobody, request, shard, began, now, rules, cost, estimated, back, 0, 0, null, of_user);
          end;
        end if;
        if of_provider is not null then
          insert into budget_days as d (user_id, day, service, provider, model, requests, tokens, cost_micros, estimated_micros)
            values (coalesce(of_user, nobody), cast(at at time zone 'UTC' as date), of_service, of_provider, of_model, 1, of_tokens, cost, estimated)
            on conflict (user_id, day, service, provider, model) do update
              set requests = d.requests + 1, tokens = d.tokens + excluded.tokens, cost_micros = d.cost_micros + excluded.cost_micros,
                  estimated_micros = d.estimated_micros + excluded.estimated_micros;
        end if;
      end $$;

      -- Reserves what a request may cost its user, and what it may cost us, in one round trip: both, or neither. The account is
      -- locked before the budgets, as by whoever settles. Without an id: as hold_credit says, unless a budget refused.
      create function hold_credit_within_budget(of_user uuid, amount bigint, now timestamptz, hold_id uuid, request text,
                                                hold_description text, hold_expires_at timestamptz, hold_metadata jsonb, durable boolean,
                                                provider_amount bigint, provider_padded bigint, began timestamptz, rules jsonb, version text,
                                                out id uuid, out balance bigint, out held bigint, out debt bigint, out source uuid,
                                                out level budget_level, out refused_by uuid, out view budget_view)
        language plpgsql as $$
      declare
        budget record;
      begin
        perform from credit_accounts a where a.user_id = of_user for no key update;
        if not found then
          return;
        end if;
        select * into budget
          from hold_budget(of_user, request, provider_amount, provider_padded, began, now, hold_expires_at, rules, version) b;
        level := budget.level;
        refused_by := budget.refused_by;
        view := budget.view;
        if refused_by is not null then
          return;
        end if;
        select c.id, c.balance, c.held, c.debt, c.source into id, balance, held, debt, source
          from hold_credit(of_user, amount, now, hold_id, request, hold_description, hold_expires_at, hold_metadata, durable) c;
        if id is null and budget.is_new then
          perform settle_budget(of_user, request, began, now, 0, false, null, null, null, 0, rules, version);
        end if;
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function hold_credit_within_budget, settle_budget, hold_budget, look_at_budget, budget_period, budget_slot, budget_slots;
      drop trigger users_plan_sets_budget on users;
      drop function forget_budget_rules;
      drop view provider_spend;
      drop index ai_usage_logs_dearest, usage_logs_dearest, ai_usage_logs_started, usage_logs_started, usage_logs_user_started;
      drop table budget_days, provider_usage_logs, budget_resets, budget_alerts, budget_holds, budget_periods, budgets;
      drop type budget_view, service_type, budget_alert_kind, budget_level, budget_mode, budget_cadence;
    `);
  }
}
