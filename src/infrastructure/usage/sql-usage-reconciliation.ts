import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { CounterDifference, LooseEnd, UsageReconciliation } from '#application/usage/usage-reconciliation';
import { periodOf } from '../persistence/columns.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { membersOf } from './period-members.js';

@injectable()
export class SqlUsageReconciliation implements UsageReconciliation {
  constructor(private readonly database: TypeOrmTransaction) {}

  async countersOf(userId: UserId | null): Promise<number> {
    const [row] = await this.database.reader.query<[{ rows: number }]>(
      `select count(*)::integer as rows from period_usage where $1::uuid is null or user_id = $1`,
      [userId],
    );
    return row.rows;
  }

  async differences(userId: UserId | null, limit: number): Promise<readonly CounterDifference[]> {
    const rows = await this.database.reader.query<DifferenceRow[]>(DIFFERENCES, [userId, limit]);
    return rows.map((row) => ({
      kind: 'counter_differs',
      userId: row.user_id,
      periodStart: periodOf(row.period_start),
      counter: row.counter,
      stored: row.stored === null ? null : BigInt(row.stored),
      recomputed: BigInt(row.recomputed),
    }));
  }

  async looseEnds(kind: LooseEnd['kind'], userId: UserId | null, limit: number): Promise<readonly LooseEnd[]> {
    const rows = await this.database.reader.query<LooseEndRow[]>(LOOSE_ENDS[kind], [userId, limit]);
    return rows.map((row) => ({
      kind,
      userId: row.user_id,
      sessionId: row.session_id,
      attempt: row.attempt,
      holdId: row.hold_id,
      logId: row.log_id,
    }));
  }
}

/**
 * One statement, one snapshot: counters and evidence are written in the same transactions, so that what is half done
 * shows in neither. Periods that have evidence and no counters are recomputed like those that have both.
 */
const DIFFERENCES = `
  with recursive logged as (
    select user_id, period_start, sum(counted_seconds) as seconds, sum(counted_transcriptions) as transcriptions
      from usage_logs where $1::uuid is null or user_id = $1 group by 1, 2
  ), created as (
    select user_id, period_start, count(*) as sessions
      from sessions where $1::uuid is null or user_id = $1 group by 1, 2
  ), ${membersOf(`
      select user_id, period_start from period_usage where $1::uuid is null or user_id = $1
      union select user_id, period_start from logged
      union select user_id, period_start from created`)},
  recomputed as (
    select m.user_id, m.counted_in             as period_start,
           coalesce(sum(c.sessions), 0)        as sessions,
           coalesce(sum(l.seconds), 0)         as seconds,
           coalesce(sum(l.transcriptions), 0)  as transcriptions
      from member m
      left join created c on c.user_id = m.user_id and c.period_start = m.start
      left join logged  l on l.user_id = m.user_id and l.period_start = m.start
     group by 1, 2
  )
  select r.user_id, r.period_start, counter.name as counter, counter.stored::text, counter.recomputed::text
    from recomputed r
    left join period_usage u on u.user_id = r.user_id and u.period_start = r.period_start
   cross join lateral (values ('sessions',       u.sessions::numeric,       r.sessions::numeric),
                              ('seconds',        u.seconds::numeric,        r.seconds),
                              ('transcriptions', u.transcriptions::numeric, r.transcriptions)) as counter (name, stored, recomputed)
   where counter.stored is distinct from counter.recomputed
     and (counter.stored is not null or counter.recomputed <> 0)
   order by 1, 2, 3
   limit $2`;

const LOOSE_ENDS: Readonly<Record<LooseEnd['kind'], string>> = {
  open_hold_without_attempt: `
    select h.user_id, h.session_id, h.attempt, h.id as hold_id, null as log_id
      from holds h
     where h.state = 'open' and ($1::uuid is null or h.user_id = $1)
       and not exists (select from transcription_attempts a where a.session_id = h.session_id and a.attempt = h.attempt)
     order by h.placed_at limit $2`,
  log_with_open_hold: `
    select l.user_id, l.session_id, l.attempt, h.id as hold_id, l.id as log_id
      from holds h
      join usage_logs l on l.session_id = h.session_id and l.attempt = h.attempt
     where h.state = 'open' and ($1::uuid is null or h.user_id = $1)
     order by l.completed_at limit $2`,
  completed_session_without_log: `
    select s.user_id, s.id as session_id, s.attempts as attempt, null as hold_id, null as log_id
      from sessions s
     where s.status = 'completed' and ($1::uuid is null or s.user_id = $1)
       and not exists (select from usage_logs l where l.session_id = s.id and l.outcome = 'completed')
     order by s.created_at limit $2`,
};

interface DifferenceRow {
  readonly user_id: UserId;
  readonly period_start: Date | number;
  readonly counter: CounterDifference['counter'];
  readonly stored: string | null;
  readonly recomputed: string;
}

interface LooseEndRow {
  readonly user_id: UserId;
  readonly session_id: LooseEnd['sessionId'];
  readonly attempt: number;
  readonly hold_id: LooseEnd['holdId'];
  readonly log_id: LooseEnd['logId'];
}
