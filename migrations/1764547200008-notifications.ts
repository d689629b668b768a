import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people are told, and what they do not want to be told. */
export class Notifications1764547200008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table notifications (
        id         uuid primary key,
        user_id    uuid not null references users,
        kind       text not null check (kind <> ''),
        severity   text not null check (severity in ('info', 'warning', 'critical')),
        title      text not null check (title <> ''),
        message    text not null check (message <> ''),
        facts      jsonb not null check (jsonb_typeof(facts) = 'object'),
        -- What it is about: a user is told of it once, however often somebody tries.
        source_key text not null check (source_key <> ''),
        created_at timestamptz not null,
        read_at    timestamptz,
        constraint notifications_once unique (user_id, source_key)
      );
      -- A user's list, newest first, and the part of it that is unread.
      create index notifications_newest on notifications (user_id, created_at desc, id desc);
      create index notifications_unread on notifications (user_id, created_at desc, id desc) where read_at is null;

      -- Of users who changed something. Everybody else is told of everything.
      create table notification_preferences (
        user_id     uuid primary key references users,
        muted_kinds text[] not null,
        changed_at  timestamptz not null
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table notification_preferences, notifications`);
  }
}
