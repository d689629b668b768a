import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, sessions, transcripts, usage and everything that a decision about a plan's limits reads or writes. */
export class TheFirstBook1764547200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Whoever changes a row that is evidence is stopped here, with whatever privileges and by whatever path.
      create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'integrity_constraint_violation';
      end $$;

      create table users (
        id                  uuid primary key,
        email               text not null check (email = lower(email) and email like '%_@_%'),
        name                text not null check (name <> ''),
        role                text not null check (role in ('user', 'admin')),
        -- Not a closed list: plans are data, and a plan that the catalogue does not know is refused when it is used.
        plan                text not null check (plan <> ''),
        current_month_start timestamptz,
        period_anchor       timestamptz,
        suspended_at        timestamptz,
        version             integer not null default 1,
        created_at          timestamptz not null,
        constraint a_start_has_an_anchor check ((current_month_start is null) = (period_anchor is null))
      );
      -- Sign-in and the CLI find a user by address; two users never share one.
      create unique index users_email on users (email);
      -- The operator's list, newest first.
      create index users_created on users (created_at desc, id);
      -- period reset --all-ended walks the users by the day their stored period began.
      create index users_current_month_start on users (current_month_start, id);

      create table devices (
        id           uuid primary key,
        user_id      uuid not null references users,
        name         text not null check (name <> ''),
        key_hash     text not null,
        prefix       text not null,
        last_four    text not null,
        created_at   timestamptz not null,
        last_seen_at timestamptz,
        revoked_at   timestamptz
      );
      -- Every request whose key is not warm looks here.
      create unique index devices_key_hash on devices (key_hash);
      -- Lists a user's devices and counts the active ones; a name is unique while it is active.
      create unique index devices_active_name on devices (user_id, lower(name)) where revoked_at is null;
      create index devices_user on devices (user_id, created_at desc);

      -- One row of counters per user and period: a cache of the log, written in the same transaction.
      -- The open period of an imported user starts at -infinity.
      create table period_usage (
        user_id        uuid not null references users,
        period_start   timestamptz not null,
        period_end     timestamptz not null,
        sessions       integer not null default 0 check (sessions >= 0),
        seconds        bigint not null default 0 check (seconds >= 0),
        transcriptions integer not null default 0 check (transcriptions >= 0),
        -- Set when a reset was undone: what was counted here counts in that period instead.
        merged_into    timestamptz,
        primary key (user_id, period_start),
        check (period_start < period_end)
      ) with (fillfactor = 70); -- Counters change often; free space keeps those updates off the index.

      create table sessions (
        id               uuid primary key,
        user_id          uuid not null references users,
        period_start     timestamptz not null,
        title            text not null,
        language         text not null,
        stt_provider     text not null,
        status           text not null check (status in ('uploading', 'pending', 'processing', 'completed', 'failed', 'cancelled')),
        upload_key       text,
        filename         text,
        content_type     text,
        bytes            bigint check (bytes > 0),
        duration_seconds integer check (duration_seconds between 1 and 86400),
        attempts         integer not null default 0 check (attempts >= 0),
        error            text,
        created_at       timestamptz not null,
        updated_at       timestamptz not null,
        deleted_at       timestamptz
      ) with (fillfactor = 85); -- A session is updated a handful of times in its life.
      -- A user's list, newest first; also the evidence of one period's sessions.
      create index sessions_user_created on sessions (user_id, created_at desc);

      create function keep_session_evidence() returns trigger language plpgsql as $$
      begin
        raise exception 'who created a session, and when, is evidence of usage: change refused'
          using errcode = 'integrity_constraint_violation';
      end $$;
      create trigger sessions_are_evidence before update on sessions for each row
        when (old.user_id <> new.user_id or old.period_start <> new.period_start or old.created_at <> new.created_at)
        execute function keep_session_evidence();
      create trigger sessions_are_kept before delete on sessions for each row execute function refuse_change();
      create trigger sessions_are_kept_all before truncate on sessions execute function refuse_change();

      create table rate_cards (
        id                uuid primary key,
        provider          text not null,
        model             text not null,
        micros_per_minute bigint not null check (micros_per_minute >= 0),
        effective_from    timestamptz not null,
        source            text not null,
        unique (provider, model, effective_from)
      );
      create trigger rate_cards_are_dated before update or delete on rate_cards for each row execute function refuse_change();
      create trigger rate_cards_are_dated_all before truncate on rate_cards execute function refuse_change();

      create table transcription_attempts (
        session_id    uuid not null references sessions,
        attempt       integer not null check (attempt > 0),
        user_id       uuid not null references users,
        type          text not null check (type in ('original', 'retry_failed', 'retry_success')),
        provider      text not null,
        model         text not null,
        rate_card_id  uuid not null references rate_cards,
        upload_key    text not null,
        audio_seconds integer not null check (audio_seconds > 0),
        external_id   text,
        started_at    timestamptz not null,
        primary key (session_id, attempt)
      );

      create table holds (
        id             uuid primary key,
        user_id        uuid not null references users,
        session_id     uuid not null references sessions,
        attempt        integer not null,
        period_start   timestamptz not null,
        seconds        integer not null check (seconds >= 0),
        transcriptions smallint not null check (transcriptions in (0, 1)),
        placed_at      timestamptz not null,
        expires_at     timestamptz not null,
        state          text not null check (state in ('open', 'settled', 'released')),
        closed_at      timestamptz,
        unique (session_id, attempt),
        check (placed_at < expires_at),
        check ((state = 'open') = (closed_at is null))
      );
      -- What a user holds now is summed in every claim and every view of usage; closed holds never are.
      create index holds_open_of_user on holds (user_id) include (period_start, seconds, transcriptions, expires_at) where state = 'open';
      -- The sweep for lost work walks the oldest first.
      create index holds_open_by_expiry on holds (expires_at) where state = 'open';

      create table usage_logs (
        id                     uuid primary key,
        user_id                uuid not null references users,
        -- The session's id is this row's own copy: no key ties the log to anything that may go away.
        session_id             uuid not null,
        attempt                integer not null check (attempt > 0),
        period_start           timestamptz not null,
        transcription_type     text not null check (transcription_type in ('original', 'retry_failed', 'retry_success')),
        outcome                text not null check (outcome in ('completed', 'failed')),
        parent_log_id          uuid references usage_logs,
        upload_key             text not null,
        audio_seconds          integer not null check (audio_seconds between 0 and 86400),
        counted_seconds        integer not null check (counted_seconds >= 0),
        counted_transcriptions smallint not null check (counted_transcriptions in (0, 1)),
        billable               boolean not null,
        billing_reason         text not null,
        cost_micros            bigint not null check (cost_micros >= 0),
        provider_cost_micros   bigint not null check (provider_cost_micros >= 0),
        provider               text not null,
        model                  text not null,
        rate_card_id           uuid not null references rate_cards,
        plan                   text not null,
        plan_version           text not null,
        plan_limits            jsonb not null,
        language               text not null,
        filename               text,
        file_bytes             bigint,
        provider_metadata      jsonb not null,
        started_at             timestamptz not null,
        completed_at           timestamptz not null,
        -- One attempt is logged once, however often its result is delivered.
        unique (session_id, attempt),
        constraint a_retry_has_a_parent check ((transcription_type = 'original') or (parent_log_id is not null)),
        constraint free_counts_nothing check (billable or (counted_seconds = 0 and counted_transcriptions = 0 and cost_micros = 0))
      );
      -- The entries behind the numbers of one period.
      create index usage_logs_user_period on usage_logs (user_id, period_start, completed_at);
      -- The entries of a span of days, for trends and export.
      create index usage_logs_user_completed on usage_logs (user_id, completed_at);
      -- The operator's figures over all users.
      create index usage_logs_completed on usage_logs (completed_at);
      create trigger usage_logs_append_only before update or delete on usage_logs for each row execute function refuse_change();
      create trigger usage_logs_append_only_all before truncate on usage_logs execute function refuse_change();

      create table transcripts (
        session_id    uuid not null references sessions,
        attempt       integer not null,
        language      text not null,
        speaker_roles jsonb not null,
        created_at    timestamptz not null,
        primary key (session_id, attempt)
      );
      create table transcript_segments (
        session_id uuid not null,
        attempt    integer not null,
        position   integer not null,
        id         uuid not null,
        speaker    integer not null check (speaker > 0),
        start_ms   integer not null check (start_ms >= 0),
        end_ms     integer not null check (end_ms >= start_ms),
        text       text not null,
        confidence real check (confidence between 0 and 1),
        role       text check (role in ('coach', 'client', 'unknown')),
        primary key (session_id, attempt, position),
        foreign key (session_id, attempt) references transcripts on delete cascade
      );

      create table period_resets (
        id             uuid primary key,
        user_id        uuid not null references users,
        previous_start  timestamptz,
        previous_anchor timestamptz,
        -- The period that the reset ended, as its counters are keyed.
        ended_period   timestamptz not null,
        new_start      timestamptz not null,
        actor          text not null,
        reason         text not null check (reason <> ''),
        created_at     timestamptz not null,
        undone_at      timestamptz,
        undone_by      text,
        undo_reason    text,
        check ((undone_at is null) = (undone_by is null)),
        -- A period begins once, so its counters never mix with those of a reset that was undone.
        unique (user_id, new_start)
      );
      -- The latest reset of a user is the one that can be undone.
      create index period_resets_user on period_resets (user_id, created_at desc);

      create table audit_log (
        id         uuid primary key,
        -- Who did it: a user's id, or cli:<name of the operating system's user>.
        actor      text not null,
        action     text not null,
        user_id    uuid references users,
        reason     text,
        before     jsonb,
        after      jsonb,
        created_at timestamptz not null
      );
      create index audit_log_user on audit_log (user_id, created_at desc);
      create trigger audit_log_append_only before update or delete on audit_log for each row execute function refuse_change();
      create trigger audit_log_append_only_all before truncate on audit_log execute function refuse_change();

      -- Answers to requests that carried an Idempotency-Key, kept for ever in the transaction of their effect.
      create table idempotent_answers (
        user_id     uuid not null references users,
        key         text not null,
        fingerprint text not null,
        status      smallint not null,
        -- json keeps what was answered to the letter; jsonb would refuse some of what a refusal may have to quote.
        body        json,
        created_at  timestamptz not null,
        primary key (user_id, key)
      );
      create trigger idempotent_answers_append_only before update or delete on idempotent_answers
        for each row execute function refuse_change();
      create trigger idempotent_answers_append_only_all before truncate on idempotent_answers execute function refuse_change();

      -- A worker that stops beating is dead, and what it had locked is given to the others.
      create table worker_beats (
        worker_id text primary key,
        beat_at   timestamptz not null
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table worker_beats, idempotent_answers, audit_log, period_resets, transcript_segments, transcripts,
                 usage_logs, holds, transcription_attempts, rate_cards, sessions, period_usage, devices, users;
      drop function keep_session_evidence, refuse_change;
    `);
  }
}
