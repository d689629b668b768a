import { injectable } from 'inversify';
import type { JobQueue, Tasks } from '#application/ports/job-queue';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** A provider that cannot be asked is asked again with growing pauses: 25 times are more than a week. */
const MOST_DELIVERIES = 25;

@injectable()
export class GraphileJobQueue implements JobQueue {
  constructor(private readonly database: TypeOrmTransaction) {}

  async add<T extends keyof Tasks>(
    task: T,
    payload: Tasks[T],
    { runAt, key }: { readonly runAt?: Date; readonly key?: string } = {},
  ): Promise<void> {
    await this.database.writer.query(
      `select graphile_worker.add_job($1, $2::json, run_at => $3, job_key => $4, max_attempts => $5)`,
      [task, JSON.stringify(payload), runAt ?? null, key ?? null, MOST_DELIVERIES],
    );
  }
}
