import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import { BillingPeriod } from '#domain/usage/billing-period';
import {
  NothingToUndo,
  PeriodAlreadyReset,
  type PeriodReset,
  type PeriodResetId,
  type PeriodResetRepository,
} from '#domain/usage/period-reset';
import { periodEndKey, periodKey, periodOf } from '../persistence/columns.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlPeriodResetRepository implements PeriodResetRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async add(reset: PeriodReset): Promise<void> {
    const added = await this.database.writer.query<unknown[]>(
      `insert into period_resets (id, user_id, previous_start, previous_anchor, ended_period, new_start, actor, reason, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (user_id, new_start) do nothing
       returning id`,
      [
        reset.id,
        reset.userId,
        reset.previousStart,
        reset.previousAnchor,
        periodKey(reset.endedPeriod.start),
        reset.newStart,
        reset.actor,
        reset.reason,
        reset.createdAt,
      ],
    );
    if (added.length === 0) throw new PeriodAlreadyReset(reset.userId, reset.newStart);
  }

  async latest(userId: UserId): Promise<PeriodReset> {
    const rows = await this.database.writer.query<ResetRow[]>(
      `select * from period_resets where user_id = $1 and undone_at is null order by created_at desc, id desc limit 1`,
      [userId],
    );
    const row = rows[0];
    if (!row) throw new NothingToUndo(userId);
    const endedStart = periodOf(row.ended_period);
    return {
      id: row.id,
      userId,
      previousStart: row.previous_start,
      previousAnchor: row.previous_anchor,
      endedPeriod:
        endedStart && row.previous_anchor
          ? BillingPeriod.containing(endedStart, row.previous_anchor)
          : BillingPeriod.open,
      newStart: row.new_start,
      actor: row.actor,
      reason: row.reason,
      createdAt: row.created_at,
    };
  }

  async isOverruled(userId: UserId, actor: string, since: Date): Promise<boolean> {
    const [row] = await this.database.writer.query<{ overruled: boolean }[]>(
      `select exists (select from period_resets
                       where user_id = $1 and new_start >= $3 and (actor = $2) = (undone_at is not null)) as overruled`,
      [userId, actor, since],
    );
    return row!.overruled;
  }

  async undo(
    reset: PeriodReset,
    by: { readonly actor: string; readonly reason: string; readonly at: Date },
  ): Promise<void> {
    const { userId, endedPeriod } = reset;
    const ended = periodKey(endedPeriod.start);
    const since = periodsSince(reset, by.at);
    // The rows must exist even if nothing has been counted in them, so that a claim phrased before finds them closed.
    const undone = await this.database.writer.query<{ sessions: number; seconds: string; transcriptions: number }[]>(
      `insert into period_usage as u (user_id, period_start, period_end, merged_into)
       select $1, start, "end", $4 from unnest($2::timestamptz[], $3::timestamptz[]) as period (start, "end")
       on conflict (user_id, period_start) do update set merged_into = $4 where u.merged_into is null
       returning sessions, seconds, transcriptions`,
      [userId, since.map(({ start }) => start), since.map(({ end }) => end), ended],
    );
    await this.database.writer.query(
      `insert into period_usage as u (user_id, period_start, period_end, sessions, seconds, transcriptions)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (user_id, period_start) do update
         set sessions = u.sessions + $4, seconds = u.seconds + $5, transcriptions = u.transcriptions + $6`,
      [
        userId,
        ended,
        periodEndKey(endedPeriod.end),
        undone.reduce((all, { sessions }) => all + sessions, 0),
        undone.reduce((all, { seconds }) => all + Number(seconds), 0),
        undone.reduce((all, { transcriptions }) => all + transcriptions, 0),
      ],
    );
    await this.database.writer.query(
      `update holds set period_start = $3 where user_id = $1 and period_start = any($2::timestamptz[]) and state = 'open'`,
      [userId, since.map(({ start }) => start), ended],
    );
    await this.database.writer.query(
      `update period_resets set undone_at = $2, undone_by = $3, undo_reason = $4 where id = $1`,
      [reset.id, by.at, by.actor, by.reason],
    );
  }
}

/** The periods that the reset began, as far as `now`: more than one only for a user whose period had been open. */
function periodsSince({ newStart }: PeriodReset, now: Date): { readonly start: Date; readonly end: Date }[] {
  const periods: { start: Date; end: Date }[] = [];
  for (let begin = newStart; begin <= now || periods.length === 0;) {
    const { start, end } = BillingPeriod.containing(begin, newStart);
    periods.push({ start: start!, end: end! });
    begin = end!;
  }
  return periods;
}

interface ResetRow {
  readonly id: PeriodResetId;
  readonly previous_start: Date | null;
  readonly previous_anchor: Date | null;
  readonly ended_period: Date | number;
  readonly new_start: Date;
  readonly actor: string;
  readonly reason: string;
  readonly created_at: Date;
}
