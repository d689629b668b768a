import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Subscriptions and invoices: copies of what the provider says, and what follows from them. */
export class Subscriptions1764547200009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table subscriptions (
        id                   uuid primary key,
        user_id              uuid not null references users,
        gateway              text not null,
        external_id          text not null,
        customer_id          text not null,
        -- Both null while it is in review.
        plan                 text,
        cycle                text check (cycle in ('month', 'year')),
        item_id              text,
        price_id             text,
        status               text not null check (status in ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due',
                                                             'unpaid', 'canceled', 'paused')),
        amount_minor         bigint not null check (amount_minor >= 0),
        currency             text not null check (currency = lower(currency)),
        anchor_at            timestamptz not null,
        period_start         timestamptz not null,
        period_end           timestamptz not null,
        started_at           timestamptz not null,
        trial_end            timestamptz,
        cancel_at_period_end boolean not null,
        cancel_at            timestamptz,
        ended_at             timestamptz,
        card_brand           text,
        card_last4           text,
        pending_plan         text,
        pending_cycle        text check (pending_cycle in ('month', 'year')),
        pending_at           timestamptz,
        dunning              text not null check (dunning in ('clear', 'grace', 'lapsed', 'ended')),
        unpaid_since         timestamptz,
        review               text,
        version              integer not null,
        updated_at           timestamptz not null,
        unique (gateway, external_id),
        constraint ended_has_an_end check ((status in ('canceled', 'incomplete_expired')) = (ended_at is not null)),
        constraint grace_has_a_beginning check ((dunning in ('grace', 'lapsed')) = (unpaid_since is not null))
      );
      -- One that runs for each user, however many tabs were open. A second one that was paid all the same is in review.
      create unique index subscriptions_one_live on subscriptions (user_id)
        where status not in ('incomplete', 'incomplete_expired', 'canceled') and review is null;
      create index subscriptions_user on subscriptions (user_id, started_at desc);
      -- Whose grace ends, and who is reminded.
      create index subscriptions_grace on subscriptions (unpaid_since) where dunning = 'grace';
      create index subscriptions_trial on subscriptions (trial_end) where status = 'trialing';

      create table subscription_checkouts (
        id         uuid primary key,
        user_id    uuid not null references users,
        gateway    text not null,
        plan       text not null,
        cycle      text not null check (cycle in ('month', 'year')),
        price_id   text not null,
        trial_days smallint not null,
        success_url text not null,
        cancel_url text not null,
        -- Null until the provider has opened it.
        session_id text,
        url        text,
        state      text not null check (state in ('open', 'complete', 'expired')),
        created_at timestamptz not null,
        expires_at timestamptz not null,
        unique (gateway, session_id)
      );
      -- One open checkout for each user, however many tabs.
      create unique index subscription_checkouts_one_open on subscription_checkouts (user_id) where state = 'open';

      create table invoices (
        id               uuid primary key,
        user_id          uuid not null references users,
        gateway          text not null,
        external_id      text not null,
        customer_id      text not null,
        subscription_id  text,
        number           text,
        status           text not null check (status in ('draft', 'open', 'paid', 'uncollectible', 'void')),
        reason           text,
        currency         text not null check (currency = lower(currency)),
        total            bigint not null,
        tax              bigint not null,
        amount_due       bigint not null,
        amount_paid      bigint not null,
        amount_remaining bigint not null,
        period_start     timestamptz not null,
        period_end       timestamptz not null,
        attempts         integer not null,
        next_attempt_at  timestamptz,
        due_at           timestamptz,
        created_at       timestamptz not null,
        paid_at          timestamptz,
        hosted_url       text,
        pdf_url          text,
        unique (gateway, external_id)
      );
      create index invoices_user on invoices (user_id, created_at desc);

      -- Every step of every subscription, once, for ever.
      create table subscription_steps (
        id          bigint generated always as identity primary key,
        user_id     uuid not null,
        external_id text not null,
        kind        text not null,
        at          timestamptz not null,
        facts       jsonb not null,
        unique (external_id, kind, at)
      );
      create index subscription_steps_user on subscription_steps (user_id, at desc, id desc);
      create trigger subscription_steps_append_only before update or delete on subscription_steps for each row execute function refuse_change();
      create trigger subscription_steps_append_only_all before truncate on subscription_steps execute function refuse_change();

      -- One day's figures (UTC), written once.
      create table revenue_snapshots (
        day           date primary key,
        -- A list: one currency in each, amounts as text.
        currencies    jsonb not null,
        figures       jsonb not null,
        taken_at      timestamptz not null
      );

      -- The subscriptions of the sandbox: a whole one in each row, as it plays it.
      create table sandbox_subscriptions (
        id          text primary key,
        customer_id text not null,
        state       jsonb not null,
        -- When something happens to it by itself.
        due_at      timestamptz,
        updated_at  timestamptz not null
      );
      create index sandbox_subscriptions_customer on sandbox_subscriptions (customer_id);
      create index sandbox_subscriptions_due on sandbox_subscriptions (due_at) where due_at is not null;

      create table sandbox_subscription_checkouts (
        id              text primary key,
        -- One order is one checkout.
        order_id        uuid not null unique,
        customer_id     text not null,
        price_id        text not null,
        trial_days      smallint not null,
        success_url     text not null,
        cancel_url      text not null,
        state           text not null check (state in ('open', 'complete', 'expired')),
        subscription_id text,
        created_at      timestamptz not null,
        expires_at      timestamptz not null
      );

      -- How far the clock of a sandbox was moved: one row, or none.
      create table sandbox_clock (
        id        boolean primary key default true check (id),
        offset_ms bigint not null check (offset_ms >= 0)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table sandbox_clock, sandbox_subscription_checkouts, sandbox_subscriptions, revenue_snapshots, subscription_steps, invoices, subscription_checkouts, subscriptions',
    );
  }
}
