import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The AI gateway: dated prices and routes, one log entry a request, circuits that processes share. */
export class Gateway1764547200004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table model_prices (
        id             uuid primary key,
        provider       text not null check (provider <> ''),
        model          text not null check (model <> ''),
        modality       text not null check (modality in ('chat', 'image', 'transcription')),
        -- Micro-USD for a million units, by unit: {"input_token": 150000}.
        rates          jsonb not null check (jsonb_typeof(rates) = 'object' and rates <> '{}'),
        -- {"above_tokens": n, "rates": {…}}: rates of a whole request whose input is above a bound.
        long_context   jsonb,
        traits         jsonb not null,
        effective_from timestamptz not null,
        source         text not null check (source <> ''),
        unique (provider, model, effective_from)
      );
      create trigger model_prices_are_dated before update or delete on model_prices for each row execute function refuse_change();
      create trigger model_prices_are_dated_all before truncate on model_prices execute function refuse_change();

      create table model_routes (
        model          text not null check (model <> ''),
        effective_from timestamptz not null,
        -- Who serves it, in order of preference: [{"provider": "openai", "model": "gpt-4o-mini"}]. None: no longer served.
        targets        jsonb not null check (jsonb_typeof(targets) = 'array'),
        source         text not null check (source <> ''),
        primary key (model, effective_from)
      );
      create trigger model_routes_are_dated before update or delete on model_routes for each row execute function refuse_change();
      create trigger model_routes_are_dated_all before truncate on model_routes execute function refuse_change();

      -- Types and not checks: PostgreSQL reads the checks of a table anew for every statement, its types once a connection.
      -- A tenth of the settlement's time.
      create type ai_modality as enum ('chat', 'image', 'transcription');
      create type ai_usage_source as enum ('provider', 'estimate');
      create type ai_outcome as enum ('completed', 'cut_short', 'client_gone', 'timed_out', 'failed', 'refused', 'lost');
      create domain amount_micros as bigint check (value >= 0);
      create table ai_usage_logs (
        id                   uuid primary key,
        -- No foreign keys on the hot path: they would lock the user's and the price's rows for every entry.
        user_id              uuid not null,
        request_id           text not null,
        trace_id             text not null,
        endpoint             text not null,
        modality             ai_modality not null,
        streamed             boolean not null,
        requested_model      text not null,
        provider             text,
        model                text,
        -- {"input_token": n, "output_token": n}
        quantities           jsonb not null,
        usage_source         ai_usage_source not null,
        image                jsonb,
        outcome              ai_outcome not null,
        attempts             jsonb not null,
        held_micros          amount_micros not null,
        cost_micros          amount_micros not null,
        provider_cost_micros amount_micros not null,
        price_id             uuid not null,
        served_price_id      uuid,
        markup_bp            integer not null,
        started_at           timestamptz not null,
        first_byte_ms        integer,
        total_ms             integer not null,
        constraint what_nobody_served_is_free check (served_price_id is not null or cost_micros = 0)
      );
      -- One request is logged once, however often it is settled.
      create unique index ai_usage_logs_request on ai_usage_logs (user_id, request_id);
      -- A user's requests of a period, for reports and budgets.
      create index ai_usage_logs_user on ai_usage_logs (user_id, started_at);
      create trigger ai_usage_logs_append_only before update or delete on ai_usage_logs for each row execute function refuse_change();
      create trigger ai_usage_logs_append_only_all before truncate on ai_usage_logs execute function refuse_change();

      create table provider_circuits (
        key         text primary key,
        circuit     jsonb not null,
        open_until  timestamptz,
        -- Until then one process has the only probe.
        probe_until timestamptz,
        updated_at  timestamptz not null
      );

      -- What the work was that a hold is for, for whoever finds the hold without the process that placed it.
      alter table credit_holds add column metadata jsonb not null default '{}';
      -- It locked the user's row for every hold. The account that every hold is taken from has one.
      alter table credit_holds drop constraint credit_holds_user_id_fkey;
      -- Holds that ran out: after a crash alone, so it stays small.
      create index credit_holds_expired on credit_holds (closed_at) where state = 'expired';

      -- As before, and: a hold keeps what it is for; and one that need not outlive a crash of the database does not wait for the disk.
      drop function hold_credit;
      create function hold_credit(of_user uuid, amount bigint, now timestamptz, hold_id uuid, request text, hold_description text,
                                  hold_expires_at timestamptz, hold_metadata jsonb, durable boolean,
                                  out id uuid, out balance bigint, out held bigint, out debt bigint, out source uuid)
        language plpgsql as $$
      declare
        account credit_accounts;
      begin
        if not durable then
          perform set_config('synchronous_commit', 'off', true);
        end if;
        update credit_accounts a
           set held_micros = a.held_micros + amount, front_free_micros = a.front_free_micros - amount,
               alarm_at = least(a.alarm_at, hold_expires_at)
         where a.user_id = of_user and a.front_free_micros >= amount and a.alarm_at > now
        returning * into account;
        if found then
          insert into credit_holds (id, user_id, request_id, amount_micros, parts, description, state, placed_at, expires_at, metadata)
            values (hold_id, of_user, request, amount,
                    jsonb_build_array(jsonb_build_object('grant', account.front_grant_id, 'micros', amount)),
                    hold_description, 'open', now, hold_expires_at, hold_metadata);
          update credit_grants g set held_micros = g.held_micros + amount where g.id = account.front_grant_id;
          id := hold_id;
          balance := account.balance_micros;
          held := account.held_micros;
          debt := account.debt_micros;
          source := account.front_grant_id;
        elsif not exists (select from credit_holds h where h.user_id = of_user and h.request_id = request) then
          select a.balance_micros, a.held_micros, a.debt_micros into balance, held, debt from credit_accounts a
           where a.user_id = of_user and a.balance_micros - a.held_micros < amount and a.alarm_at > now;
        end if;
      end $$;

      drop function open_credit_account;
      create function open_credit_account(of_user uuid, request text, now timestamptz)
        returns table (balance_micros bigint, held_micros bigint, debt_micros bigint, sequence bigint,
                       grants json, holds json, next_hold_at timestamptz) language plpgsql as $$
      begin
        perform from credit_accounts a where a.user_id = of_user for no key update;
        if not found then
          insert into credit_accounts (user_id, hash) values (of_user, credit_chain_origin(of_user)) on conflict do nothing;
          perform from credit_accounts a where a.user_id = of_user for no key update;
        end if;
        return query
          select a.balance_micros, a.held_micros, a.debt_micros, a.sequence,
                 (select json_agg(json_build_object(
                           'id', g.id, 'category', g.category, 'amount', g.amount_micros::text, 'remaining', g.remaining_micros::text,
                           'held', g.held_micros::text, 'expires_at', g.expires_at, 'created_at', g.created_at))
                    from credit_grants g where g.user_id = of_user and g.live),
                 (select json_agg(json_build_object(
                           'id', h.id, 'request_id', h.request_id, 'amount', h.amount_micros::text, 'parts', h.parts,
                           'description', h.description, 'metadata', h.metadata, 'state', h.state, 'settled', h.settled_micros::text,
                           'placed_at', h.placed_at, 'expires_at', h.expires_at, 'closed_at', h.closed_at) order by h.expires_at, h.id)
                    from credit_holds h
                   where h.user_id = of_user and (h.request_id = request or (h.state = 'open' and h.expires_at <= now))),
                 (select min(h.expires_at) from credit_holds h
                   where h.user_id = of_user and h.state = 'open' and h.expires_at > now and h.request_id is distinct from request)
            from credit_accounts a where a.user_id = of_user;
      end $$;

      -- Settles a hold in one round trip, when it was made of one grant, costs no more than was held, nothing is owed, nothing
      -- has run out, and what becomes free goes back to the grant in front. False: the account must be opened.
      create function settle_credit(of_user uuid, request text, amount bigint, now timestamptz, entry_id uuid, entry_type text,
                                    entry_description text, entry_metadata jsonb, entry_actor text) returns boolean language plpgsql as $$
      declare
        account credit_accounts;
        hold    credit_holds;
        source  uuid;
      begin
        select * into account from credit_accounts a where a.user_id = of_user for no key update;
        select * into hold from credit_holds h where h.user_id = of_user and h.request_id = request;
        if account.user_id is null or hold.id is null or hold.state <> 'open' or hold.expires_at <= now or account.alarm_at <= now
           or account.debt_micros > 0 or amount > hold.amount_micros or jsonb_array_length(hold.parts) <> 1 then
          return false;
        end if;
        source := (hold.parts -> 0 ->> 'grant')::uuid;
        if amount < hold.amount_micros and source is distinct from account.front_grant_id then
          return false;
        end if;
        if amount > 0 then
          insert into credit_transactions (id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros,
                                           balance_after_micros, debt_after_micros, description, metadata, sources, key, actor,
                                           created_at, hash)
            values (entry_id, of_user, account.sequence + 1, entry_type, -amount, 0, account.balance_micros,
                    account.balance_micros - amount, 0, entry_description, entry_metadata,
                    jsonb_build_array(jsonb_build_object('grant', source, 'micros', amount)), 'hold:' || request, entry_actor, now,
                    credit_hash(account.hash, entry_id, of_user, account.sequence + 1, entry_type, -amount, 0, account.balance_micros,
                      account.balance_micros - amount, 0, entry_description, entry_metadata,
                      jsonb_build_array(jsonb_build_object('grant', source, 'micros', amount)),
                      'hold:' || request, entry_actor, now))
            returning hash into account.hash;
          account.sequence := account.sequence + 1;
        end if;
        update credit_accounts a
           set balance_micros = a.balance_micros - amount, held_micros = a.held_micros - hold.amount_micros,
               front_free_micros = a.front_free_micros + hold.amount_micros - amount,
               sequence = account.sequence, hash = account.hash
         where a.user_id = of_user;
        update credit_grants g
           set remaining_micros = g.remaining_micros - amount, held_micros = g.held_micros - hold.amount_micros
         where g.id = source;
        update credit_holds h set state = 'settled', settled_micros = amount, closed_at = now where h.id = hold.id;
        return true;
      end $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function settle_credit;
      drop index credit_holds_expired;
      drop table provider_circuits, ai_usage_logs, model_routes, model_prices cascade;
      drop type ai_modality, ai_usage_source, ai_outcome;
      drop domain amount_micros;
    `);
  }
}
