import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Prepaid credit: the ledger, what it adds up to, the grants that pay, the holds that reserve. All keys begin with the
 * user, so that the tables can be spread over servers by user.
 */
export class Credits1764547200002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table credit_transactions (
        id                    uuid primary key,
        -- No foreign key: it would lock the user's row for every entry. The account has one.
        user_id               uuid not null,
        -- The place in the user's chain, from 1, without a gap.
        sequence              bigint not null,
        type                  text not null,
        amount_micros         bigint not null,
        -- What this entry changes of what the user owes.
        debt_micros           bigint not null,
        balance_before_micros bigint not null,
        balance_after_micros  bigint not null check (balance_after_micros >= 0),
        debt_after_micros     bigint not null check (debt_after_micros >= 0),
        description           text not null check (description <> ''),
        metadata              jsonb not null,
        -- Which grants paid, and how much each: [{"grant": id, "micros": n}].
        sources               jsonb not null,
        key                   text not null check (key <> ''),
        actor                 text not null check (actor <> ''),
        created_at            timestamptz not null,
        hash                  bytea not null,
        constraint amounts_add_up check (balance_after_micros = balance_before_micros + amount_micros),
        constraint a_type_has_a_sign check (
          case when type in ('purchase', 'bonus', 'referral_bonus', 'admin_grant', 'reversal')
                 then amount_micros > 0 and debt_micros = 0
               when type in ('api_usage', 'transcription', 'admin_debit', 'refund', 'chargeback', 'expiry')
                 then amount_micros < 0 and debt_micros = 0
               when type = 'debt' then amount_micros = 0 and debt_micros > 0
               when type = 'debt_payment' then amount_micros < 0 and debt_micros = amount_micros
               else false end)
      );
      -- The chain, and a user's list from the newest.
      create unique index credit_transactions_chain on credit_transactions (user_id, sequence);
      -- What has this key has happened, once and for ever.
      create unique index credit_transactions_key on credit_transactions (user_id, key);

      -- Everything that an entry says, after the hash of the one before: whoever changes one must change all that follow.
      create function credit_hash(previous bytea, id uuid, user_id uuid, sequence bigint, type text, amount bigint, debt bigint,
                                  balance_before bigint, balance_after bigint, debt_after bigint, description text,
                                  metadata jsonb, sources jsonb, key text, actor text, created_at timestamptz)
        returns bytea stable parallel safe language sql as $$
        select sha256(previous || convert_to(jsonb_build_array(id, user_id, sequence, type, amount, debt, balance_before, balance_after,
                 debt_after, description, metadata, sources, key, actor, extract(epoch from created_at))::text, 'UTF8'))
      $$;
      create function credit_transaction_hash(previous bytea, entry credit_transactions)
        returns bytea stable parallel safe language sql as $$
        select credit_hash(previous, entry.id, entry.user_id, entry.sequence, entry.type, entry.amount_micros, entry.debt_micros,
                 entry.balance_before_micros, entry.balance_after_micros, entry.debt_after_micros, entry.description,
                 entry.metadata, entry.sources, entry.key, entry.actor, entry.created_at)
      $$;
      -- What the first entry of a user commits to: no entry fits into another user's chain.
      create function credit_chain_origin(of_user uuid) returns bytea immutable parallel safe language sql as $$
        select sha256(convert_to('minutebook:' || of_user, 'UTF8'))
      $$;

      -- An entry that does not continue what the one before left is refused, whoever writes it. The writer holds the
      -- account, and a volatile function sees what was committed while it waited for that. Its plan is kept by the connection, and must not be one for a table that was small then.
      create function chain_credit_transaction() returns trigger language plpgsql set enable_seqscan = off as $$
      declare
        previous record;
      begin
        if new.sequence = 1 then
          select credit_chain_origin(new.user_id) as hash, 0::bigint as balance, 0::bigint as debt into previous;
        else
          select hash, balance_after_micros as balance, debt_after_micros as debt into previous
            from credit_transactions where user_id = new.user_id and sequence = new.sequence - 1;
        end if;
        if not found or previous.balance <> new.balance_before_micros or previous.debt + new.debt_micros <> new.debt_after_micros then
          raise exception 'entry % of user % does not continue the one before', new.sequence, new.user_id
            using errcode = 'integrity_constraint_violation';
        end if;
        new.hash := credit_transaction_hash(previous.hash, new);
        return new;
      end $$;
      -- spend_credit brings the hash along: it has locked the account, which knows the last one.
      create trigger credit_transactions_chained before insert on credit_transactions
        for each row when (new.hash is null) execute function chain_credit_transaction();
      create trigger credit_transactions_append_only before update or delete on credit_transactions
        for each row execute function refuse_change();
      create trigger credit_transactions_append_only_all before truncate on credit_transactions execute function refuse_change();

      -- What the entries of a user add up to, and the row that every deed on them locks.
      create table credit_accounts (
        user_id           uuid primary key references users,
        balance_micros    bigint not null default 0,
        held_micros       bigint not null default 0,
        debt_micros       bigint not null default 0 check (debt_micros >= 0),
        -- The number of entries.
        sequence          bigint not null default 0,
        -- The hash of the last one, which the next one continues.
        hash              bytea not null,
        -- The grant that is spent next, and how much of it nobody holds: what fits into it needs no look at the others.
        front_grant_id    uuid,
        front_free_micros bigint not null default 0 check (front_free_micros >= 0),
        -- No open hold and no grant with anything left runs out before this instant.
        alarm_at          timestamptz not null default 'infinity',
        constraint never_negative check (balance_micros >= 0 and held_micros >= 0 and held_micros <= balance_micros)
      ) with (fillfactor = 50); -- One row is updated by every deed of its user; free space keeps that off the indexes.
      -- Accounts in which something has run out.
      create index credit_accounts_alarm on credit_accounts (alarm_at) where alarm_at < 'infinity';

      -- Credit that came in at once. Its id is that of the entry that brought it.
      create table credit_grants (
        id               uuid primary key references credit_transactions,
        user_id          uuid not null references users,
        category         text not null check (category in ('promotional', 'paid')),
        amount_micros    bigint not null check (amount_micros > 0),
        remaining_micros bigint not null,
        held_micros      bigint not null,
        expires_at       timestamptz,
        created_at       timestamptz not null,
        live             boolean not null generated always as (remaining_micros > 0) stored,
        constraint parts_of_a_grant check (0 <= held_micros and held_micros <= remaining_micros and remaining_micros <= amount_micros)
      ) with (fillfactor = 70);
      -- The grants that can still pay. By a column of its own: an index on what remains would move with every payment.
      create index credit_grants_live on credit_grants (user_id) where live;

      create table credit_holds (
        id             uuid primary key,
        user_id        uuid not null references users,
        request_id     text not null check (request_id <> ''),
        amount_micros  bigint not null check (amount_micros > 0),
        -- Out of which grants: [{"grant": id, "micros": n}].
        parts          jsonb not null,
        description    text not null check (description <> ''),
        state          text not null check (state in ('open', 'settled', 'released', 'expired')),
        settled_micros bigint check (settled_micros >= 0),
        placed_at      timestamptz not null,
        expires_at     timestamptz not null,
        closed_at      timestamptz,
        check (placed_at < expires_at),
        check ((state = 'open') = (closed_at is null)),
        check ((state = 'settled') = (settled_micros is not null))
      ) with (fillfactor = 85);
      -- One request is one hold, for ever.
      create unique index credit_holds_request on credit_holds (user_id, request_id);
      -- What runs out next, and what has.
      create index credit_holds_open on credit_holds (user_id, expires_at) where state = 'open';
      create trigger credit_holds_are_kept before delete on credit_holds for each row execute function refuse_change();

      -- What one operator gave away on one day (UTC): the row that his cap is compared with.
      create table credit_allowances (
        actor          text not null,
        day            date not null,
        granted_micros bigint not null check (granted_micros >= 0),
        primary key (actor, day)
      );

      -- Locks the account of a user, made if need be, then reads it with all that a deed needs: what can still pay, holds that
      -- ran out, and the one of a request. A function, because its second statement sees what was committed while the
      -- first waited for the lock, and both cost one round trip. It decides nothing.
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
                           'description', h.description, 'state', h.state, 'settled', h.settled_micros::text,
                           'placed_at', h.placed_at, 'expires_at', h.expires_at, 'closed_at', h.closed_at) order by h.expires_at, h.id)
                    from credit_holds h
                   where h.user_id = of_user and (h.request_id = request or (h.state = 'open' and h.expires_at <= now))),
                 (select min(h.expires_at) from credit_holds h
                   where h.user_id = of_user and h.state = 'open' and h.expires_at > now and h.request_id is distinct from request)
            from credit_accounts a where a.user_id = of_user;
      end $$;

      -- The two deeds of every request, each in one round trip, when they fit into the grant that is spent next and nothing has
      -- run out. Functions, because what follows the update must see what was committed while it waited for the row. An id
      -- means done. A balance without an id: too little, for sure. Neither: it does not fit, or the key is known; the account
      -- must be opened. A key that comes in twice at once is refused by its index.
      create function spend_credit(of_user uuid, amount bigint, now timestamptz, entry_id uuid, entry_type text,
                                   entry_description text, entry_metadata jsonb, entry_key text, entry_actor text,
                                   out id uuid, out sequence bigint, out balance bigint, out held bigint, out debt bigint,
                                   out source uuid) language plpgsql as $$
      declare
        account credit_accounts;
      begin
        update credit_accounts a
           set balance_micros = a.balance_micros - amount, front_free_micros = a.front_free_micros - amount, sequence = a.sequence + 1,
               hash = credit_hash(a.hash, entry_id, of_user, a.sequence + 1, entry_type, -amount, 0, a.balance_micros,
                        a.balance_micros - amount, a.debt_micros, entry_description, entry_metadata,
                        jsonb_build_array(jsonb_build_object('grant', a.front_grant_id, 'micros', amount)),
                        entry_key, entry_actor, now)
         where a.user_id = of_user and a.front_free_micros >= amount and a.alarm_at > now
        returning * into account;
        if found then
          insert into credit_transactions (id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros,
                                           balance_after_micros, debt_after_micros, description, metadata, sources, key, actor,
                                           created_at, hash)
            values (entry_id, of_user, account.sequence, entry_type, -amount, 0, account.balance_micros + amount,
                    account.balance_micros, account.debt_micros, entry_description, entry_metadata,
                    jsonb_build_array(jsonb_build_object('grant', account.front_grant_id, 'micros', amount)),
                    entry_key, entry_actor, now, account.hash);
          update credit_grants g set remaining_micros = g.remaining_micros - amount where g.id = account.front_grant_id;
          id := entry_id;
          sequence := account.sequence;
          balance := account.balance_micros;
          held := account.held_micros;
          debt := account.debt_micros;
          source := account.front_grant_id;
        elsif not exists (select from credit_transactions t where t.user_id = of_user and t.key = entry_key) then
          select a.balance_micros, a.held_micros, a.debt_micros into balance, held, debt from credit_accounts a
           where a.user_id = of_user and a.balance_micros - a.held_micros < amount and a.alarm_at > now;
        end if;
      end $$;

      create function hold_credit(of_user uuid, amount bigint, now timestamptz, hold_id uuid, request text, hold_description text,
                                  hold_expires_at timestamptz,
                                  out id uuid, out balance bigint, out held bigint, out debt bigint, out source uuid)
        language plpgsql as $$
      declare
        account credit_accounts;
      begin
        update credit_accounts a
           set held_micros = a.held_micros + amount, front_free_micros = a.front_free_micros - amount,
               alarm_at = least(a.alarm_at, hold_expires_at)
         where a.user_id = of_user and a.front_free_micros >= amount and a.alarm_at > now
        returning * into account;
        if found then
          insert into credit_holds (id, user_id, request_id, amount_micros, parts, description, state, placed_at, expires_at)
            values (hold_id, of_user, request, amount,
                    jsonb_build_array(jsonb_build_object('grant', account.front_grant_id, 'micros', amount)),
                    hold_description, 'open', now, hold_expires_at);
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
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function open_credit_account, spend_credit, hold_credit;
      drop table credit_allowances, credit_holds, credit_grants, credit_accounts, credit_transactions cascade;
      drop function chain_credit_transaction, credit_chain_origin, credit_hash;
    `);
  }
}
