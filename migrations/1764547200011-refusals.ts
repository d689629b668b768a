import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What users were refused, so that they can be told why and what to do; and by which Telegram account they are known. */
export class Refusals1764547200011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table refusals (
        id         uuid primary key,
        user_id    uuid not null references users,
        at         timestamptz not null,
        code       text not null check (code <> ''),
        kind       text not null check (kind <> ''),
        message    text not null check (message <> ''),
        -- The numbers that were compared, as the answer had them.
        facts      jsonb not null check (jsonb_typeof(facts) = 'object'),
        route      text not null,
        request_id text not null
      );
      -- A user's list, newest first; and, read in this order, which of each user's are beyond the newest that are kept.
      create index refusals_newest on refusals (user_id, at desc, id desc);

      create table telegram_accounts (
        -- Telegram promises at most 52 significant bits.
        telegram_user_id bigint primary key check (telegram_user_id between 1 and 4503599627370495),
        -- One account of each: the index is also how an operator's change finds what was linked before.
        user_id          uuid not null constraint telegram_accounts_one_each unique references users,
        linked_at        timestamptz not null
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table telegram_accounts, refusals`);
  }
}
