import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an invoice is for, portals of the sandbox that only their address opens, and when a provider was last asked by a user. */
export class InvoiceLines1764547200013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A list: description, amount, isProration, periodStart, periodEnd. Empty for what was kept before.
      alter table invoices add column lines jsonb not null default '[]';

      -- So that a page which asks again and again does not ask the provider each time.
      alter table payment_customers add column asked_at timestamptz;

      create table sandbox_portal_sessions (
        -- Random: it is all that a visitor shows.
        id          text primary key,
        customer_id text not null,
        flow        text check (flow in ('payment_method', 'cancel')),
        return_url  text not null,
        created_at  timestamptz not null,
        expires_at  timestamptz not null
      );
      -- Those that are over are cleared away with each new one.
      create index sandbox_portal_sessions_expiry on sandbox_portal_sessions (expires_at);

      -- Subscriptions that began before get what makes the addresses of their invoices unguessable, from what nobody was shown, …
      update sandbox_subscriptions s
         set state = s.state || jsonb_build_object('secret', encode(sha256(convert_to('invoices:' || c.order_id, 'UTF8')), 'hex'))
        from sandbox_subscription_checkouts c where c.subscription_id = s.id;
      -- … and their invoices one line each, by the name of what is paid for now: what it was then is not known.
      update sandbox_subscriptions
         set state = jsonb_set(state, '{invoices}', (
           select coalesce(jsonb_agg(i.invoice || jsonb_build_object('lines', jsonb_build_array(jsonb_build_object(
                    'description', state -> 'price' ->> 'name', 'amount', i.invoice -> 'total', 'isProration', false))) order by i.place), '[]')
             from jsonb_array_elements(state -> 'invoices') with ordinality as i (invoice, place)));
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table sandbox_portal_sessions;
      alter table payment_customers drop column asked_at;
      alter table invoices drop column lines;
    `);
  }
}
