import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { injectable } from 'inversify';
import type { PaymentsState, QueueState, ScheduleState, SystemState } from '#application/operations/system-state';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { DiskUploadSettings } from '../sessions/disk-upload-storage.js';
import { pendingMigrations } from './pending-migrations.js';

@injectable()
export class SqlSystemState implements SystemState {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly uploads: DiskUploadSettings,
  ) {}

  async queue(now: Date): Promise<QueueState> {
    const [row] = await this.database.reader.query<[{ due: number; oldest: Date | null; dead: number }]>(
      `select count(*) filter (where due)::int as due,
              min(run_at) filter (where due)   as oldest,
              count(*) filter (where dead)::int as dead
         from (select run_at,
                      attempts >= max_attempts                                            as dead,
                      attempts < max_attempts and run_at <= $1 and locked_at is null      as due
                 from graphile_worker.jobs) as jobs`,
      [now],
    );
    return { due: row.due, oldestDueAt: row.oldest, dead: row.dead };
  }

  async countWorkersSeen(withinSeconds: number): Promise<number> {
    return this.count(
      `select count(*)::int as count from worker_beats where beat_at > now() - make_interval(secs => $1)`,
      [withinSeconds],
    );
  }

  async countExpiredHolds(before: Date): Promise<number> {
    return this.count(`select count(*)::int as count from holds where state = 'open' and expires_at < $1`, [before]);
  }

  async payments(late: Date, stale: Date): Promise<PaymentsState> {
    const [row] = await this.database.reader.query<[PaymentsState]>(
      `select dead_events as "deadEvents", late_events as "lateEvents", oldest_late_at as "oldestLateAt",
              (select count(*)::int from payments where status = 'review')                            as "inReview",
              (select count(*)::int from payments where status = 'pending' and expires_at < $2)       as "overdue",
              exists (select from payments where created_at < $2)                                     as "hasPayments"
         from (select count(*) filter (where status = 'dead')::int                                    as dead_events,
                      count(*) filter (where status = 'received' and received_at < $1)::int           as late_events,
                      min(received_at) filter (where status = 'received' and received_at < $1)        as oldest_late_at
                 from payment_events
                where status in ('received', 'dead')) as events`,
      [late, stale],
    );
    return row;
  }

  async schedule(task: string): Promise<ScheduleState | null> {
    const [row] = await this.database.reader.query<{ known: string; ran: string | null }[]>(
      `select extract(epoch from now() - known_since) * 1000 as known, extract(epoch from now() - last_execution) * 1000 as ran
         from graphile_worker._private_known_crontabs
        where identifier = $1`,
      [task],
    );
    return row ? { knownForMs: Number(row.known), ranMsAgo: row.ran === null ? null : Number(row.ran) } : null;
  }

  pendingMigrations(): Promise<readonly string[]> {
    return pendingMigrations(this.database.reader.dataSource);
  }

  async plansInUse(): Promise<readonly { plan: string; users: number }[]> {
    return this.database.reader.query(`select plan, count(*)::int as users from users group by plan order by plan`);
  }

  async uploadsRefusal(): Promise<string | null> {
    let directory = this.uploads.directory;
    for (;;) {
      try {
        await access(directory, constants.W_OK | constants.X_OK);
        return null;
      } catch (error) {
        // It is made when the first recording comes: then the nearest directory above it must be writable.
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT' || directory === dirname(directory)) return message;
        directory = dirname(directory);
      }
    }
  }

  private async count(sql: string, values: readonly unknown[]): Promise<number> {
    const [row] = await this.database.reader.query<[{ count: number }]>(sql, [...values]);
    return row.count;
  }
}
