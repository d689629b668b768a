import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import { Duration } from '#domain/shared/duration';
import { Money } from '#domain/shared/money';
import type { BillingPeriod } from '#domain/usage/billing-period';
import type { StandingReset } from '#domain/usage/period-timeline';
import { TRANSCRIPTION_TYPES, type TranscriptionType } from '#domain/usage/transcription-type';
import type { Grouping, LifetimeTotals, PeriodTotals, UsageBucket, UsageShare } from '#domain/usage/usage-totals';
import type { UsageReport } from '#application/usage/usage-report';
import { periodKey } from '../persistence/columns.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { membersOf, periodsAsked } from './period-members.js';

@injectable()
export class SqlUsageReport implements UsageReport {
  constructor(private readonly database: TypeOrmTransaction) {}

  async standingResets(userId: UserId): Promise<readonly StandingReset[]> {
    const rows = await this.database.reader.query<{ previous_anchor: Date | null; new_start: Date }[]>(
      `select previous_anchor, new_start from period_resets where user_id = $1 and undone_at is null order by new_start`,
      [userId],
    );
    return rows.map((row) => ({ previousAnchor: row.previous_anchor, newStart: row.new_start }));
  }

  async totalsOf(periods: readonly BillingPeriod[], userId: UserId): Promise<readonly PeriodTotals[]> {
    const rows = await this.database.reader.query<TotalsRow[]>(TOTALS, [
      userId,
      periods.map(({ start }) => periodKey(start)),
    ]);
    return rows.map((row, index) => totalsOf(row, periods[index]!));
  }

  async lifetime(userId: UserId): Promise<LifetimeTotals> {
    // A merged row's numbers are contained in the row it was merged into.
    const [row] = await this.database.reader.query<
      [{ sessions: number; seconds: string; transcriptions: number; cost: string }]
    >(
      `select coalesce(sum(sessions), 0)::integer       as sessions,
              coalesce(sum(seconds), 0)::text           as seconds,
              coalesce(sum(transcriptions), 0)::integer as transcriptions,
              (select coalesce(sum(cost_micros), 0)::text from usage_logs where user_id = $1) as cost
         from period_usage
        where user_id = $1 and merged_into is null`,
      [userId],
    );
    return {
      sessions: row.sessions,
      used: Duration.ofSeconds(Number(row.seconds)),
      transcriptions: row.transcriptions,
      cost: Money.ofMicros(BigInt(row.cost)),
    };
  }

  async buckets(
    { from, to, by }: { readonly from: Date; readonly to: Date; readonly by: Grouping },
    userId: UserId,
  ): Promise<readonly UsageBucket[]> {
    const rows = await this.database.reader.query<BucketRow[]>(BUCKETS, [userId, from, to, by]);
    return rows.map((row) => ({
      start: row.start,
      sessions: row.sessions,
      counted: Duration.ofSeconds(row.seconds),
      transcriptions: row.transcriptions,
      completed: row.completed,
      failed: row.failed,
      cost: Money.ofMicros(BigInt(row.cost)),
    }));
  }
}

/** Counters and log in one statement, which sees both as of one instant: their numbers agree while others write. */
const TOTALS = `
  with recursive ${membersOf(periodsAsked('$1', '$2'))},
  share as (
    select m.counted_in,
           l.transcription_type                                as type,
           l.provider,
           grouping(l.transcription_type, l.provider)          as level,
           count(*)                                            as runs,
           count(*) filter (where l.outcome = 'failed')        as failed,
           sum(l.counted_seconds)                              as seconds,
           sum(l.cost_micros)::text                            as cost,
           max(l.file_bytes)                                   as largest
      from member m
      join usage_logs l on l.user_id = m.user_id and l.period_start = m.start
     group by grouping sets ((m.counted_in), (m.counted_in, l.transcription_type), (m.counted_in, l.provider))
  )
  select coalesce(u.sessions, 0)       as sessions,
         coalesce(u.seconds, 0)::text  as seconds,
         coalesce(u.transcriptions, 0) as transcriptions,
         (select coalesce(json_agg(s order by s.provider), '[]') from share s where s.counted_in = asked.start) as shares
    from unnest($2::timestamptz[]) with ordinality as asked (start, position)
    left join period_usage u on u.user_id = $1 and u.period_start = asked.start
   order by asked.position`;

/** The two bits of grouping() tell which column a share is not divided by: both, the provider, or the type. */
const LEVEL = { all: 3, byType: 1, byProvider: 2 } as const;

const BUCKETS = `
  with bucket as (
    select at
      from generate_series(date_trunc($4, $2::timestamptz at time zone 'UTC'), $3::timestamptz at time zone 'UTC',
                           ('1 ' || $4)::interval) as at
  ), span as (
    select min(at) at time zone 'UTC' as start from bucket
  ), logged as (
    select date_trunc($4, completed_at at time zone 'UTC')  as at,
           sum(counted_seconds)                             as seconds,
           sum(counted_transcriptions)                      as transcriptions,
           count(*) filter (where outcome = 'completed')    as completed,
           count(*) filter (where outcome = 'failed')       as failed,
           sum(cost_micros)                                 as cost
      from usage_logs
     where user_id = $1 and completed_at >= (select start from span) and completed_at <= $3
     group by 1
  ), created as (
    select date_trunc($4, created_at at time zone 'UTC') as at, count(*) as sessions
      from sessions
     where user_id = $1 and created_at >= (select start from span) and created_at <= $3
     group by 1
  )
  select bucket.at at time zone 'UTC'                as start,
         coalesce(created.sessions, 0)::integer      as sessions,
         coalesce(logged.seconds, 0)::integer        as seconds,
         coalesce(logged.transcriptions, 0)::integer as transcriptions,
         coalesce(logged.completed, 0)::integer      as completed,
         coalesce(logged.failed, 0)::integer         as failed,
         coalesce(logged.cost, 0)::text              as cost
    from bucket
    left join logged using (at)
    left join created using (at)
   order by bucket.at`;

interface ShareRow {
  readonly type: TranscriptionType | null;
  readonly provider: string | null;
  readonly level: number;
  readonly runs: number;
  readonly failed: number;
  readonly seconds: number;
  readonly cost: string;
  readonly largest: number | null;
}

interface TotalsRow {
  readonly sessions: number;
  readonly seconds: string;
  readonly transcriptions: number;
  readonly shares: readonly ShareRow[];
}

interface BucketRow {
  readonly start: Date;
  readonly sessions: number;
  readonly seconds: number;
  readonly transcriptions: number;
  readonly completed: number;
  readonly failed: number;
  readonly cost: string;
}

const NOTHING: UsageShare = { runs: 0, failed: 0, counted: Duration.zero, cost: Money.zero };

function totalsOf({ sessions, seconds, transcriptions, shares }: TotalsRow, period: BillingPeriod): PeriodTotals {
  const at = (level: number): readonly ShareRow[] => shares.filter((share) => share.level === level);
  const all = at(LEVEL.all)[0];
  const types = new Map(at(LEVEL.byType).map((share) => [share.type, shareOf(share)]));
  return {
    period,
    sessions,
    used: Duration.ofSeconds(Number(seconds)),
    transcriptions,
    all: all ? shareOf(all) : NOTHING,
    byType: TRANSCRIPTION_TYPES.map((type) => ({ type, ...(types.get(type) ?? NOTHING) })),
    byProvider: at(LEVEL.byProvider).map((share) => ({ provider: share.provider!, ...shareOf(share) })),
    largestFileBytes: all?.largest ?? null,
  };
}

function shareOf({ runs, failed, seconds, cost }: ShareRow): UsageShare {
  return { runs, failed, counted: Duration.ofSeconds(seconds), cost: Money.ofMicros(BigInt(cost)) };
}
