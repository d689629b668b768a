import { injectable } from 'inversify';
import type { KeptFinding } from '#application/operations/books-report';
import {
  type VerificationResult,
  type VerificationRun,
  type VerificationRunId,
  VerificationRunning,
  type VerificationRuns,
} from '#application/operations/verification-runs';
import type { Page, PageOf } from '#domain/shared/page';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlVerificationRuns implements VerificationRuns {
  constructor(private readonly database: TypeOrmTransaction) {}

  async begin(
    { id, requestedBy, startedAt }: { id: VerificationRunId; requestedBy: string; startedAt: Date },
    lostSince: Date,
  ): Promise<void> {
    const { writer } = this.database;
    await writer.query(
      `update verification_runs set finished_at = $1, outcome = 'lost' where finished_at is null and seen_at <= $2`,
      [startedAt, lostSince],
    );
    const begun = await writer.query<unknown[]>(
      `insert into verification_runs (id, requested_by, started_at, seen_at) values ($1, $2, $3, $3)
       on conflict ((true)) where finished_at is null do nothing returning id`,
      [id, requestedBy, startedAt],
    );
    if (begun.length === 1) return;
    const [running] = await writer.query<{ started_at: Date }[]>(
      `select started_at from verification_runs where finished_at is null`,
    );
    // It may have come to its end since it was in the way.
    throw new VerificationRunning(running?.started_at ?? startedAt);
  }

  async touch(id: VerificationRunId, now: Date): Promise<boolean> {
    const [, touched] = await this.database.writer.query<[unknown, number]>(
      `update verification_runs set seen_at = $2 where id = $1 and finished_at is null`,
      [id, now],
    );
    return touched === 1;
  }

  async finish(id: VerificationRunId, result: VerificationResult, now: Date): Promise<void> {
    const { findingsCount, truncated, findings, checked } = result;
    await this.database.writer.query(
      `update verification_runs
          set finished_at = $2, seen_at = $2, outcome = 'verified', findings_count = $3, truncated = $4, findings = $5, checked = $6,
              entries_checked = $7
        where id = $1 and (outcome is null or outcome = 'lost')`,
      [id, now, findingsCount, truncated, JSON.stringify(findings), checked, entriesOf(checked)],
    );
  }

  async fail(id: VerificationRunId, error: string, now: Date): Promise<void> {
    await this.database.writer.query(
      `update verification_runs set finished_at = $2, seen_at = $2, outcome = 'failed', error = $3
        where id = $1 and (outcome is null or outcome = 'lost')`,
      [id, now, error],
    );
  }

  async list({ limit, offset }: Page, lostSince: Date): Promise<PageOf<VerificationRun>> {
    const rows = await this.database.reader.query<Row[]>(
      `select ${COLUMNS}, coalesce(outcome, case when seen_at <= $3 then 'lost' end) as outcome
         from verification_runs
        order by started_at desc, id desc
        limit $1 offset $2`,
      [limit, offset, lostSince],
    );
    const [{ total }] = await this.database.reader.query<[{ total: number }]>(
      `select count(*)::integer as total from verification_runs`,
    );
    return { items: rows.map(runOf), total };
  }

  async latest(): Promise<VerificationRun | null> {
    const [row] = await this.database.reader.query<Row[]>(
      `select ${COLUMNS}, outcome
         from verification_runs
        where finished_at is not null
        order by started_at desc, id desc
        limit 1`,
    );
    return row ? runOf(row) : null;
  }
}

const COLUMNS =
  'id, requested_by, started_at, finished_at, error, findings_count, findings, truncated, checked, entries_checked';

/** Of logs: periods, accounts and counters are what the entries add up to. */
function entriesOf(checked: VerificationResult['checked']): number {
  const { credit_entries: credit = 0, ai_requests: ai = 0, budget_entries: spent = 0 } = checked;
  return credit + ai + spent;
}

interface Row {
  readonly id: VerificationRunId;
  readonly requested_by: string;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly outcome: VerificationRun['outcome'];
  readonly error: string | null;
  readonly findings_count: number;
  readonly findings: readonly KeptFinding[];
  readonly truncated: boolean;
  readonly checked: Readonly<Record<string, number>>;
  readonly entries_checked: string;
}

function runOf(row: Row): VerificationRun {
  return {
    id: row.id,
    requestedBy: row.requested_by,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    outcome: row.outcome,
    error: row.error,
    findingsCount: row.findings_count,
    findings: row.findings,
    truncated: row.truncated,
    checked: row.checked,
    entriesChecked: Number(row.entries_checked),
  };
}
