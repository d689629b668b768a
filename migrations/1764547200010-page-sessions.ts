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
        -- A user's id, or cli:<name>: whose right it lives by, and who is named for what it does.
        created_by   text not null check (created_by like 'cli:%' or created_by ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
        created_from uuid references devices,
        constraint a_cookie_is_of_one_opened_so check ((cookie_hash is not null) = (opened_as is not distinct from 'cookie'))
      );
      -- The exchange, and every request of an embedded page that is not warm, looks here.
      create unique index page_sessions_token_hash on page_sessions (token_hash);
      -- Every request of a page whose cookie is not warm looks here.
      create unique index page_sessions_cookie_hash on page_sessions (cookie_hash) where cookie_hash is not null;
      -- Counts and ends the open ones of a user.
      create index page_sessions_open on page_sessions (user_id, expires_at) where ended_at is null;
      -- The sweep of those that are long over, the oldest first.
      create index page_sessions_expires on page_sessions (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table page_sessions');
  }
}
