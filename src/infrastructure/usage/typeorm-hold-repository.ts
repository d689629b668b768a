import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { PlanLimits } from '#domain/plans/plan-limits';
import type { SessionId } from '#domain/sessions/session';
import { Duration } from '#domain/shared/duration';
import type { Limit } from '#domain/shared/limit';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { Hold } from '#domain/usage/hold';
import type { HoldRepository } from '#domain/usage/hold-repository';
import { PeriodUsage } from '#domain/usage/period-usage';
import { LessThan } from 'typeorm';
import { periodEndKey, periodKey } from '../persistence/columns.js';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** Larger than any use: so that a value that went missing (null) compares to nothing and refuses. */
const NO_LIMIT = '9000000000000000000';
export const limitValue = (limit: Limit): number | string => (limit === 'unlimited' ? NO_LIMIT : limit);

@injectable()
export class TypeOrmHoldRepository implements HoldRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async placeWithin(hold: Hold, period: BillingPeriod, limits: PlanLimits): Promise<boolean> {
    void this.database.writer; // Only a transaction that holds the user may place a hold.
    const { rowCount } = await this.database.prepared(PLACE_HOLD, [
      hold.userId,
      periodKey(period.start),
      periodEndKey(period.end),
      hold.id,
      hold.sessionId,
      hold.attempt,
      hold.seconds,
      hold.transcriptions,
      hold.placedAt,
      hold.expiresAt,
      limits.concurrentTranscriptions,
      limitValue(limits.seconds),
      limitValue(limits.transcriptions),
    ]);
    return rowCount === 1;
  }

  ofAttempt(sessionId: SessionId, attempt: number, userId: UserId): Promise<Hold> {
    return this.database.reader.findOneByOrFail(Hold, { sessionId, attempt, userId });
  }

  async close(hold: Hold): Promise<void> {
    await this.database.writer.update(
      Hold,
      { id: hold.id, state: 'open' },
      { state: hold.state, closedAt: hold.closedAt },
    );
  }

  async usageIn(period: BillingPeriod, userId: UserId, now: Date): Promise<PeriodUsage> {
    const { rows } = await this.database.prepared<UsageRow>(USAGE, [userId, periodKey(period.start), now]);
    const row = rows[0]!;
    return new PeriodUsage(
      row.sessions,
      Duration.ofSeconds(Number(row.seconds)),
      row.transcriptions,
      Duration.ofSeconds(row.held_seconds),
      row.held_transcriptions,
      row.running,
    );
  }

  listExpiredBefore(instant: Date, limit: number): Promise<readonly Hold[]> {
    return this.database.reader.find(Hold, {
      where: { state: 'open', expiresAt: LessThan(instant) },
      order: { expiresAt: 'ASC' },
      take: limit,
    });
  }
}

interface UsageRow {
  readonly sessions: number;
  readonly seconds: string;
  readonly transcriptions: number;
  readonly held_seconds: number;
  readonly held_transcriptions: number;
  readonly running: number;
}

/**
 * One statement from look to leap. The user is held by this transaction, so its snapshot holds all that was held
 * before; an expired hold stops counting by the comparison with the clock alone. A hold of no minutes (a free retry)
 * is measured against the number of running ones only.
 */
const PLACE_HOLD: PreparedStatement = {
  name: 'place_hold',
  text: `
    with counters as (
      insert into period_usage as u (user_id, period_start, period_end) values ($1, $2, $3)
      on conflict (user_id, period_start) do update set period_end = u.period_end where u.merged_into is null
      returning seconds, transcriptions
    ), open as (
      select count(*)                                                               as running,
             coalesce(sum(seconds) filter (where period_start = $2), 0)             as seconds,
             coalesce(sum(transcriptions) filter (where period_start = $2), 0)      as transcriptions
        from holds
       where user_id = $1 and state = 'open' and expires_at > $9
    )
    insert into holds (user_id, period_start, id, session_id, attempt, seconds, transcriptions, placed_at, expires_at, state)
    select $1, $2, $4, $5, $6, $7::integer, $8::smallint, $9, $10, 'open'
      from counters, open
     where open.running + 1 <= $11::integer
       and ($8::smallint = 0 or counters.seconds + open.seconds + $7::integer <= $12::bigint)
       and ($8::smallint = 0 or counters.transcriptions + open.transcriptions + 1 <= $13::bigint)`,
};

const USAGE: PreparedStatement = {
  name: 'period_usage',
  text: `
    select coalesce(u.sessions, 0)       as sessions,
           coalesce(u.seconds, 0)        as seconds,
           coalesce(u.transcriptions, 0) as transcriptions,
           held.*
      from (select count(*)::integer                                                              as running,
                   coalesce(sum(seconds) filter (where period_start = $2), 0)::integer            as held_seconds,
                   coalesce(sum(transcriptions) filter (where period_start = $2), 0)::integer     as held_transcriptions
              from holds
             where user_id = $1 and state = 'open' and expires_at > $3) held
      left join period_usage u on u.user_id = $1 and u.period_start = $2`,
};
