import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose turn it is to decide about a user's subscription, and customers that are gone at the provider. */
export class BillingTurns1764547200014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Leased, and by this server's clock: never by the product's, which a sandbox moves. Gone with a crash of the database, as are those
      -- who had one.
      create unlogged table billing_turns (
        user_id    uuid primary key,
        holder     uuid not null,
        expires_at timestamptz not null
      );

      -- A customer that was deleted at the provider: notices about it are still its user's, and nothing more is sold to it.
      alter table payment_customers add column gone_at timestamptz;
      alter table payment_customers drop constraint payment_customers_pkey;
      -- One that is there for each user, and any number that were.
      create unique index payment_customers_one on payment_customers (user_id, gateway) where gone_at is null;

      -- Subscriptions of the sandbox have had no credit so far, and no invoice was paid by any.
      update sandbox_subscriptions
         set state = jsonb_set(state || '{"balance": 0}', '{invoices}', (
           select coalesce(jsonb_agg(i.invoice || '{"fromBalance": 0}' order by i.place), '[]')
             from jsonb_array_elements(state -> 'invoices') with ordinality as i (invoice, place)));
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      delete from payment_customers where gone_at is not null;
      drop index payment_customers_one;
      alter table payment_customers add primary key (user_id, gateway);
      alter table payment_customers drop column gone_at;
      drop table billing_turns;
    `);
  }
}
