import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, type ParsedCronItem, parseCronItems, run, type Runner, type WorkerEvents } from 'graphile-worker';
import { injectable, multiInject } from 'inversify';
import { Pool } from 'pg';
import { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';
import { Telemetry } from '#application/ports/telemetry';
import { graphileLog } from './graphile-log.js';
import { WorkerBeats } from './worker-beats.js';

export interface WorkerSettings {
  readonly connectionString: string;
  /** How many jobs run at the same time in this process. */
  readonly concurrency: number;
  /** How often this worker says that it lives; 5 s unless given. */
  readonly beatMs?: number;
  /** After what silence a worker is taken for dead; 20 s unless given. */
  readonly deadAfterMs?: number;
  /** How long jobs under way may take to finish when the worker stops; 25 s unless given. */
  readonly drainMs?: number;
}

/** New jobs are announced; this is for those whose time comes, and for what an announcement did not reach. */
const POLL_MS = 1000;
/** One connection listens, one beats. */
const CONNECTIONS_BESIDE_JOBS = 2;
const DAY_MS = 24 * 60 * 60 * 1000;
const PAUSES_MS = [1000, 2000, 5000, 10_000, 30_000];

/** Delivers jobs to their handlers, in as many processes as there are, each job in one of them at a time. */
@injectable()
export class GraphileWorker {
  private pool: Pool | null = null;
  private beats: WorkerBeats | null = null;
  private runner: Promise<Runner> | null = null;
  private drainMs = 25_000;
  private readonly stopping = new AbortController();
  private stopped: Promise<void> | null = null;

  constructor(
    @multiInject(JobHandler) private readonly handlers: readonly JobHandler[],
    private readonly telemetry: Telemetry,
    private readonly log: Log,
  ) {}

  /** Once. Rejects when the database cannot be reached; later on it is waited for. */
  async start(settings: WorkerSettings): Promise<void> {
    const { connectionString, concurrency, beatMs = 5000, deadAfterMs = 20_000 } = settings;
    const max = concurrency + CONNECTIONS_BESIDE_JOBS;
    const pool = new Pool({ connectionString, max, application_name: 'minutebook worker', keepAlive: true });
    const lost = (error: Error): void => {
      // A connection that is being closed may hear of the database's own end first.
      if (!this.stopping.signal.aborted) this.log.warn({ error: error.message }, 'worker lost a connection');
    };
    pool.on('error', lost).on('connect', (client) => client.on('error', lost));
    this.pool = pool;
    this.beats = new WorkerBeats(pool, this.log, { beatMs, deadAfterMs });
    this.drainMs = settings.drainMs ?? this.drainMs;

    this.runner = this.launch(pool, this.beats, concurrency);
    try {
      await this.runner;
    } catch (error) {
      this.runner = null;
      await pool.end();
      throw error;
    }
    void this.keepRunning(pool, this.beats, concurrency);
  }

  /** Takes no more jobs, lets those under way finish, and gives back what does not finish in time. */
  stop(): Promise<void> {
    this.stopped ??= this.windDown();
    return this.stopped;
  }

  private async windDown(): Promise<void> {
    this.stopping.abort();
    const runner = await this.runner?.catch(() => null);
    if (runner) await this.drain(runner);
    await this.beats?.stop();
    await this.pool?.end();
  }

  private launch(pgPool: Pool, beats: WorkerBeats, concurrency: number): Promise<Runner> {
    const events = new EventEmitter() as WorkerEvents;
    events.on('pool:create', ({ workerPool }) => beats.start(workerPool.id));
    return run({
      pgPool,
      concurrency,
      events,
      logger: graphileLog(this.log),
      noHandleSignals: true,
      pollInterval: POLL_MS,
      taskList: Object.fromEntries(this.handlers.map((handler) => [handler.task, this.delivery(handler)])),
      parsedCronItems: this.schedule(),
      // Unbatched, a job that cannot be marked as done is a rejection that nobody handles, which ends the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    });
  }

  /** A job that cannot be marked as done, because the database is away, ends the runner: another takes over. */
  private async keepRunning(pool: Pool, beats: WorkerBeats, concurrency: number): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; ; failures++) {
      const began = performance.now();
      const error = await this.runner!.then(({ promise }) => promise).catch((reason: unknown) => reason);
      if (signal.aborted) return;
      if (performance.now() - began > PAUSES_MS.at(-1)!) failures = 0;
      const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)]!;
      this.log.error(
        error ?? new Error('The runner ended.'),
        { pause_ms: pause },
        'worker ended, and is started again',
      );
      await sleep(pause, null, { signal }).catch(() => null);
      if (signal.aborted) return;
      this.runner = this.launch(pool, beats, concurrency);
    }
  }

  private async drain(runner: Runner): Promise<void> {
    const timer = new AbortController();
    const late = sleep(this.drainMs, false, { signal: timer.signal }).catch(() => false);
    // A runner that ended by itself rejects, and is as good as stopped.
    const stopped = runner.stop().then(
      () => true,
      () => true,
    );
    const drained = await Promise.race([stopped, late]);
    timer.abort();
    if (!drained) this.log.warn({ drain_ms: this.drainMs }, 'jobs under way are given back unfinished');
  }

  private schedule(): ParsedCronItem[] {
    return parseCronItems(
      this.handlers.flatMap(({ task, schedule }) => {
        if (schedule === null) return [];
        // One at a time waits, and an error is not tried again: the next comes by itself.
        const options = { backfillPeriod: schedule.catchUp ? DAY_MS : 0, jobKey: task, maxAttempts: 1 };
        return [{ task, match: schedule.cron, identifier: task, options }];
      }),
    );
  }

  private delivery(handler: JobHandler): (payload: unknown, helpers: { readonly job: Job }) => Promise<void> {
    const { task } = handler;
    return async (payload, { job }) => {
      const began = performance.now();
      const run = (outcome: 'done' | 'failed'): Readonly<Record<string, unknown>> => {
        const seconds = (performance.now() - began) / 1000;
        this.telemetry.jobRan(task, outcome, seconds);
        return { task, job: job.id, delivery: job.attempts, ms: Math.round(seconds * 1000) };
      };
      try {
        await handler.handle(payload);
        this.log.info(run('done'), 'job done');
      } catch (error) {
        this.log.error(error, run('failed'), 'job failed');
        throw error;
      }
    };
  }
}
