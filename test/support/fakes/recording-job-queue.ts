import type { JobQueue, Tasks } from '#application/ports/job-queue';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export interface RecordedJob {
  readonly task: keyof Tasks;
  readonly payload: unknown;
  /** Null means at once. */
  readonly runAt: Date | null;
  readonly key: string | null;
}

/** Keeps what was enqueued, as far as its transaction was committed. Nobody works on it. */
export class RecordingJobQueue implements JobQueue {
  private readonly rows: Table<RecordedJob>;
  private added = 0;

  constructor(transaction: InMemoryTransaction) {
    this.rows = transaction.table('jobs');
  }

  async add<T extends keyof Tasks>(
    task: T,
    payload: Tasks[T],
    { runAt, key }: { readonly runAt?: Date; readonly key?: string } = {},
  ): Promise<void> {
    this.rows.put(key ?? `job ${++this.added}`, { task, payload, runAt: runAt ?? null, key: key ?? null });
  }

  /** In the order of adding. */
  get jobs(): readonly RecordedJob[] {
    return this.rows.all();
  }

  of(task: keyof Tasks): readonly RecordedJob[] {
    return this.jobs.filter((job) => job.task === task);
  }
}
