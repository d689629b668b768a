import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { SessionId, SessionStatus } from '#domain/sessions/session';
import type { Page } from '#domain/shared/page';
import type { BillingPeriod } from '#domain/usage/billing-period';
import type {
  CreationLine,
  EvidenceSum,
  ExplainedMetric,
  LogLine,
  LogMetric,
  UsageEvidence,
} from '#application/usage/usage-evidence';
import { periodKey, periodOf } from '../persistence/columns.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { membersOf, periodsAsked } from './period-members.js';

/** What an entry of the log adds to a metric. */
const AMOUNT: Readonly<Record<LogMetric, string>> = {
  minutes: 'counted_seconds',
  transcriptions: 'counted_transcriptions',
  cost: 'cost_micros',
};

const COUNTER: Readonly<Record<ExplainedMetric, string>> = {
  sessions: 'coalesce(max(u.sessions), 0)::text',
  minutes: 'coalesce(max(u.seconds), 0)::text',
  transcriptions: 'coalesce(max(u.transcriptions), 0)::text',
  cost: 'null',
};

const MEMBERS = membersOf(periodsAsked('$1', 'array[$2]'));

@injectable()
export class SqlUsageEvidence implements UsageEvidence {
  constructor(private readonly database: TypeOrmTransaction) {}

  async sumOf(metric: ExplainedMetric, period: BillingPeriod, userId: UserId): Promise<EvidenceSum> {
    const evidence =
      metric === 'sessions'
        ? `select 1 as amount from member m join sessions s on s.user_id = m.user_id and s.period_start = m.start`
        : `select l.${AMOUNT[metric]} as amount from member m
             join usage_logs l on l.user_id = m.user_id and l.period_start = m.start where l.${AMOUNT[metric]} > 0`;
    const [row] = await this.database.reader.query<[{ entries: number; recomputed: string; counter: string | null }]>(
      `with recursive ${MEMBERS}, evidence as (${evidence})
       select count(*)::integer as entries, coalesce(sum(amount), 0)::text as recomputed,
              (select ${COUNTER[metric]} from period_usage u where u.user_id = $1 and u.period_start = $2) as counter
         from evidence`,
      [userId, periodKey(period.start)],
    );
    return {
      entries: row.entries,
      recomputed: BigInt(row.recomputed),
      counter: row.counter === null ? null : BigInt(row.counter),
    };
  }

  async lines(metric: LogMetric, period: BillingPeriod, userId: UserId, page: Page): Promise<readonly LogLine[]> {
    const rows = await this.database.reader.query<LineRow[]>(
      `with recursive ${MEMBERS}
       select ${LINE} from member m
         join usage_logs l on l.user_id = m.user_id and l.period_start = m.start
        where l.${AMOUNT[metric]} > 0
        order by l.completed_at desc, l.id desc limit $3 offset $4`,
      [userId, periodKey(period.start), page.limit, page.offset],
    );
    return rows.map(lineOf);
  }

  async creations(period: BillingPeriod, userId: UserId, page: Page): Promise<readonly CreationLine[]> {
    const rows = await this.database.reader.query<CreationRow[]>(
      `with recursive ${MEMBERS}
       select s.id, s.title, s.status, s.created_at, s.deleted_at, s.period_start from member m
         join sessions s on s.user_id = m.user_id and s.period_start = m.start
        order by s.created_at desc, s.id desc limit $3 offset $4`,
      [userId, periodKey(period.start), page.limit, page.offset],
    );
    return rows.map((row) => ({
      sessionId: row.id,
      title: row.deleted_at ? null : row.title,
      status: row.status,
      createdAt: row.created_at,
      deletedAt: row.deleted_at,
      periodStart: periodOf(row.period_start),
    }));
  }

  async linesBetween(
    { from, to }: { readonly from: Date; readonly to: Date },
    userId: UserId,
    limit: number,
  ): Promise<readonly LogLine[]> {
    const rows = await this.database.reader.query<LineRow[]>(
      `select ${LINE} from usage_logs l
        where l.user_id = $1 and l.completed_at >= $2 and l.completed_at < $3
        order by l.completed_at, l.id limit $4`,
      [userId, from, to, limit],
    );
    return rows.map(lineOf);
  }
}

const LINE = [
  ...['id', 'session_id', 'attempt', 'period_start', 'transcription_type', 'outcome', 'audio_seconds'],
  ...['counted_seconds', 'counted_transcriptions', 'billable', 'billing_reason', 'cost_micros', 'provider', 'model'],
  ...['plan', 'plan_version', 'language', 'filename', 'started_at', 'completed_at'],
]
  .map((column) => `l.${column}`)
  .join(', ');

interface LineRow {
  readonly id: LogLine['id'];
  readonly session_id: SessionId;
  readonly attempt: number;
  readonly period_start: Date | number;
  readonly transcription_type: LogLine['transcriptionType'];
  readonly outcome: LogLine['outcome'];
  readonly audio_seconds: number;
  readonly counted_seconds: number;
  readonly counted_transcriptions: 0 | 1;
  readonly billable: boolean;
  readonly billing_reason: string;
  readonly cost_micros: string;
  readonly provider: string;
  readonly model: string;
  readonly plan: string;
  readonly plan_version: string;
  readonly language: string;
  readonly filename: string | null;
  readonly started_at: Date;
  readonly completed_at: Date;
}

interface CreationRow {
  readonly id: SessionId;
  readonly title: string;
  readonly status: SessionStatus;
  readonly created_at: Date;
  readonly deleted_at: Date | null;
  readonly period_start: Date | number;
}

function lineOf(row: LineRow): LogLine {
  return {
    id: row.id,
    sessionId: row.session_id,
    attempt: row.attempt,
    periodStart: periodOf(row.period_start),
    transcriptionType: row.transcription_type,
    outcome: row.outcome,
    audioSeconds: row.audio_seconds,
    countedSeconds: row.counted_seconds,
    countedTranscriptions: row.counted_transcriptions,
    billable: row.billable,
    billingReason: row.billing_reason,
    costMicros: BigInt(row.cost_micros),
    provider: row.provider,
    model: row.model,
    plan: row.plan,
    planVersion: row.plan_version,
    language: row.language,
    filename: row.filename,
    startedAt: row.started_at,
    completedAt: row.completed_at,
  };
}
