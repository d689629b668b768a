import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the operators' page reads: one line of time for each user, and the verifications of the books.
 *
 * An index that is made beside its users' work (`concurrently`) cannot be made in a transaction, and a migration is one. So they
 * are made as those of the migrations before: writers of a table wait while its index is made, readers do not; the lock itself is
 * waited for by three seconds at most, after which the migration has changed nothing and is run again. Nothing that an older
 * process reads or writes is changed.
 */
export class Operations1764547200012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A user's entries by their instant. The chain has them by their place, which is another order where clocks differ.
      create index credit_transactions_user_created on credit_transactions (user_id, created_at desc);
      -- The revoked ones in the order of that. No other change of a device touches it.
      create index devices_user_revoked on devices (user_id, revoked_at desc) where revoked_at is not null;
      -- A user's sign-ins to the page, newest first.
      create index page_sessions_user on page_sessions (user_id, created_at desc);
      -- Who spends most at present: the running periods among all that ever were. Counting in them does not touch it.
      create index budget_periods_end on budget_periods (period_end) where slot = 0;

      create table verification_runs (
        id              uuid primary key,
        -- A user's id, cli:<name>, or 'system' for the daily one.
        requested_by    text not null check (requested_by <> ''),
        started_at      timestamptz not null,
        -- Its last sign of life: begun, or one more book verified.
        seen_at         timestamptz not null,
        finished_at     timestamptz,
        outcome         text check (outcome in ('verified', 'failed', 'lost')),
        -- Why it failed.
        error           text,
        -- How many differences were found, and the first of them.
        findings_count  integer not null default 0 check (findings_count >= 0),
        findings        jsonb not null default '[]' check (jsonb_typeof(findings) = 'array' and jsonb_array_length(findings) <= 1000),
        -- There are more differences than were counted.
        truncated       boolean not null default false,
        -- What was recomputed, by book: {"counters": n, "credit_entries": n}.
        checked         jsonb not null default '{}' check (jsonb_typeof(checked) = 'object'),
        entries_checked bigint not null default 0 check (entries_checked >= 0),
        constraint finished_has_an_outcome check ((finished_at is null) = (outcome is null))
      );
      -- One at a time, however many ask for it at once.
      create unique index verification_runs_one on verification_runs ((true)) where finished_at is null;
      -- The list, newest first.
      create index verification_runs_newest on verification_runs (started_at desc, id desc);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table verification_runs;
      drop index credit_transactions_user_created, devices_user_revoked, page_sessions_user, budget_periods_end;
    `);
  }
}
