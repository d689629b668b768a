import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sign-ins of the billing page: one link, one hour, one browser. */
export class PageSessions1764547200010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table page_sessions (
        id          uuid primary key,
        user_id     uuid not null references users,
        scope       text not null check (scope in ('billing', 'admin')),
        token_hash  text not null,
        -- Written once, at the token's first use.
        opened_as   text check (opened_as in ('cookie', 'bearer')),
        cookie_hash text,
        return_url  text,
        created_at  timestamptz not null,
        expires_at  timestamptz not null check (expires_at > created_at),
        ended_at    timestamptz,
        constraint a_cookie_is_of_one_opened_so check ((cookie_hash is not null) = (opened_as is not distinct from 'cookie'))
      );
      -- The exchange, and every request of an embedded page that is not warm, looks here.
      create unique index page_sessions_token_hash on page_sessions (token_hash);
      -- Every request of a page whose cookie is not warm looks here.
      create unique index page_sessions_cookie_hash on page_sessions (cookie_hash) where cookie_hash is not null;
      -- The sweep of those that are long over, the oldest first.
      create index page_sessions_expires on page_sessions (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table page_sessions');
  }
}
