import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Purchases of credit, what the payment provider told us of them, and what was looked up to be sure. */
export class Payments1764547200003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One customer per user at each provider (and at a provider's test mode), made once.
      create table payment_customers (
        user_id     uuid not null references users,
        gateway     text not null,
        customer_id text not null,
        created_at  timestamptz not null,
        primary key (user_id, gateway),
        unique (gateway, customer_id)
      );

      create table payments (
        id                uuid primary key,
        user_id           uuid not null references users,
        gateway           text not null,
        -- What makes the repeated request the same purchase: the caller's Idempotency-Key, or this row's id.
        request_key       text not null,
        status            text not null check (status in ('pending', 'processing', 'completed', 'failed', 'expired', 'review')),
        package_id        text,
        amount_minor      bigint not null check (amount_minor > 0),
        currency          text not null check (currency = lower(currency)),
        -- Decided here before anything is asked of the provider, and never by what comes back.
        credit_micros     bigint not null check (credit_micros > 0),
        success_url       text not null,
        cancel_url        text not null,
        checkout_id       text,
        checkout_url      text,
        payment_intent_id text,
        -- Why it waits for a person, or failed.
        problem           text,
        refunded_minor    bigint not null default 0 check (refunded_minor >= 0),
        disputed_minor    bigint not null default 0 check (disputed_minor >= 0),
        created_at        timestamptz not null,
        expires_at        timestamptz not null,
        completed_at      timestamptz,
        updated_at        timestamptz not null,
        version           integer not null default 1,
        check (status <> 'completed' or completed_at is not null)
      );
      -- The same request twice is one purchase.
      create unique index payments_request on payments (user_id, request_key);
      -- What an event names.
      create unique index payments_checkout on payments (gateway, checkout_id) where checkout_id is not null;
      create unique index payments_intent on payments (gateway, payment_intent_id) where payment_intent_id is not null;
      -- The owner's list, newest first.
      create index payments_user_created on payments (user_id, created_at desc, id);
      -- What the reconciler asks about: purchases without an end.
      create index payments_open on payments (created_at) where status in ('pending', 'processing');
      -- What waits for a person.
      create index payments_review on payments (created_at) where status = 'review';

      create function keep_price() returns trigger language plpgsql as $$
      begin
        raise exception 'what a purchase costs and gives is decided once: change refused' using errcode = 'integrity_constraint_violation';
      end $$;
      create trigger payments_keep_their_price before update on payments for each row
        when (old.user_id <> new.user_id or old.amount_minor <> new.amount_minor or old.currency <> new.currency
              or old.credit_micros <> new.credit_micros or old.gateway <> new.gateway or old.created_at <> new.created_at)
        execute function keep_price();
      create trigger payments_are_kept before delete on payments for each row execute function refuse_change();
      create trigger payments_are_kept_all before truncate on payments execute function refuse_change();

      -- Refunds and disputes of a purchase, and how much credit each has taken back so far.
      create table payment_corrections (
        id           text primary key,
        payment_id   uuid not null references payments,
        kind         text not null check (kind in ('refund', 'dispute')),
        amount_minor bigint not null check (amount_minor >= 0),
        status       text not null,
        -- Whether the money is with the buyer by now, as far as the provider says.
        effective    boolean not null,
        taken_micros bigint not null check (taken_micros >= 0),
        -- How often credit was taken or given back: part of the key of the next entry.
        moves        integer not null check (moves >= 0),
        created_at   timestamptz not null,
        updated_at   timestamptz not null
      );
      create index payment_corrections_payment on payment_corrections (payment_id);
      -- Those that are not decided: the reconciler asks about them however old they are.
      create index payment_corrections_undecided on payment_corrections (payment_id)
        where status not in ('succeeded', 'failed', 'canceled', 'won', 'lost', 'prevented', 'warning_closed');

      -- Every event that carried a valid signature, as it came.
      create table payment_events (
        id          text primary key,
        gateway     text not null,
        type        text not null,
        api_version text,
        live        boolean not null,
        created_at  timestamptz not null,
        payload     json not null,
        received_at timestamptz not null,
        status      text not null check (status in ('received', 'applied', 'ignored', 'dead')),
        -- Deliveries to the handler that failed.
        failures    integer not null default 0,
        last_error  text,
        payment_id  uuid references payments,
        closed_at   timestamptz
      );
      -- The operator's list, newest first.
      create index payment_events_received on payment_events (received_at desc, id);
      -- Those that were not brought to an end.
      create index payment_events_open on payment_events (received_at) where status in ('received', 'dead');
      create trigger payment_events_are_kept before delete on payment_events for each row execute function refuse_change();

      create table payment_reconciliations (
        id         uuid primary key,
        actor      text not null,
        began_at   timestamptz not null,
        ended_at   timestamptz not null,
        since      timestamptz not null,
        examined   integer not null,
        repaired   integer not null,
        failed     integer not null,
        -- What was found to differ: [{payment_id, before, after}].
        repairs    jsonb not null
      );
      create index payment_reconciliations_ended on payment_reconciliations (ended_at desc);

      -- The sandbox's own book, as a payment provider would have one.
      create table sandbox_checkouts (
        id                text primary key,
        payment_id        uuid not null unique,
        user_id           uuid not null,
        status            text not null check (status in ('open', 'complete', 'expired')),
        payment_status    text not null check (payment_status in ('unpaid', 'paid', 'declined')),
        amount_minor      bigint not null,
        currency          text not null,
        payment_intent_id text not null,
        -- Refunds and disputes: [{"id", "kind", "amount_minor", "status", "created_at"}].
        corrections       jsonb not null default '[]',
        success_url       text not null,
        cancel_url        text not null,
        created_at        timestamptz not null,
        updated_at        timestamptz not null,
        expires_at        timestamptz not null
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table sandbox_checkouts, payment_reconciliations, payment_events, payment_corrections, payments, payment_customers;
      drop function keep_price;
    `);
  }
}
