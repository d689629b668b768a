import { injectable } from 'inversify';
import { ClockShift } from '#application/billing/clock-shift';
import type { JobQueue, Tasks } from '#application/ports/job-queue';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** A provider that cannot be asked is asked again with growing pauses: 25 times are more than a week. */
const MOST_DELIVERIES = 25;

@injectable()
export class GraphileJobQueue implements JobQueue {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly shift: ClockShift,
  ) {}

  async add<T extends keyof Tasks>(
    task: T,
    payload: Tasks[T],
    { runAt, key }: { readonly runAt?: Date; readonly key?: string } = {},
  ): Promise<void> {
    // Workers go by the world's time, also where the product's is ahead of it.
    const at = runAt ? new Date(runAt.getTime() - this.shift.offsetMs) : null;
    await this.database.writer.query(
      `select graphile_worker.add_job($1, $2::json, run_at => $3, job_key => $4, max_attempts => $5)`,
      [task, JSON.stringify(payload), at, key ?? null, MOST_DELIVERIES],
    );
  }
}
