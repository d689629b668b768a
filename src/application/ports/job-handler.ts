import type { Tasks } from './job-queue.js';

export interface Schedule {
  /** Minute, hour, day of the month, month, day of the week, as crontab has them; in UTC. */
  readonly cron: string;
  /** Whether a time that passed while no worker ran is made up for when one runs again. */
  readonly catchUp: boolean;
}

/**
 * Does the jobs of one task. They are delivered at least once, and again, with growing pauses, after an error: what is
 * thrown is logged and counted by whoever delivers.
 */
export abstract class JobHandler {
  abstract readonly task: keyof Tasks;

  /** Null when deeds alone enqueue it. */
  abstract readonly schedule: Schedule | null;

  /** `payload` was kept as JSON, perhaps by another version of this program: it is parsed, not trusted. */
  abstract handle(payload: unknown): Promise<void>;
}
