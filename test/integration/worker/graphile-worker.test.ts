import 'reflect-metadata';
import { jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { JobHandler } from '#application/ports/job-handler';
import type { Tasks } from '#application/ports/job-queue';
import { GraphileJobQueue } from '#infrastructure/jobs/graphile-job-queue';
import { GraphileWorker } from '#infrastructure/jobs/graphile-worker';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { StandingClockShift } from '#infrastructure/system/standing-clock-shift';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { RecordingTelemetry } from '#test/support/fakes/recording-telemetry';
import { createTestDatabase, type TestDatabase } from '#test/support/test-database';

let testDatabase: TestDatabase;
let database: DataSource;
let pool: Pool;
const workers: GraphileWorker[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await dataSource({ url: testDatabase.url, poolSize: 4 }).initialize();
  pool = new Pool({ connectionString: testDatabase.url, max: 2 });
  pool.on('error', () => undefined);
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await pool.query('delete from graphile_worker._private_jobs; delete from worker_beats');
});

afterAll(async () => {
  await pool.end();
  await database.destroy();
  await testDatabase.drop();
});

/** Removes no recordings: it does what the test says, and remembers for which keys. */
class Hands implements JobHandler {
  readonly task: keyof Tasks = 'remove_recording';
  readonly schedule = null;
  readonly keys: string[] = [];

  constructor(private readonly work: (key: string) => Promise<void> = async () => undefined) {}

  async handle(payload: unknown): Promise<void> {
    const { uploadKey } = payload as { uploadKey: string };
    this.keys.push(uploadKey);
    await this.work(uploadKey);
  }
}

async function start(hands: Hands, of: { drainMs?: number } = {}) {
  const [telemetry, log] = [new RecordingTelemetry(), new RecordingLog()];
  const worker = new GraphileWorker([hands], telemetry, log);
  workers.push(worker);
  await worker.start({
    connectionString: testDatabase.url,
    concurrency: 2,
    drainMs: of.drainMs ?? 5000,
    beatMs: 100,
    deadAfterMs: 1000,
  });
  return { worker, telemetry, log };
}

const enqueue = (uploadKey: string, runAt?: Date) => {
  const transaction = new TypeOrmTransaction(database);
  return transaction.run(() =>
    new GraphileJobQueue(transaction, new StandingClockShift()).add('remove_recording', { uploadKey }, { runAt }),
  );
};

async function until(truth: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await truth())) {
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${truth.toString()}`);
    await sleep(20);
  }
}

const jobs = async () => (await pool.query(`select * from graphile_worker.jobs order by id`)).rows;
const beats = async () =>
  (await pool.query(`select worker_id from worker_beats`)).rows.map(({ worker_id }) => worker_id);
/** Locks the waiting jobs as a worker would, and vanishes. */
const lockBy = (worker: string, seconds: number) =>
  pool.query(
    `update graphile_worker._private_jobs
        set locked_by = $1, locked_at = now() - make_interval(secs => $2), attempts = attempts + 1`,
    [worker, seconds],
  );

describe('a worker', () => {
  it('does a job as soon as its transaction commits, and none of a transaction that did not', async () => {
    const hands = new Hands();
    const { telemetry, log } = await start(hands);
    const transaction = new TypeOrmTransaction(database);
    const undone = transaction.run(async () => {
      await new GraphileJobQueue(transaction, new StandingClockShift()).add('remove_recording', {
        uploadKey: 'undone',
      });
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    await enqueue('kept');
    await until(() => hands.keys.length > 0, 900);
    await until(async () => (await jobs()).length === 0);
    expect(hands.keys).toEqual(['kept']);
    expect(telemetry.counted).toEqual(['jobRan remove_recording done']);
    expect(log.lines).toMatchObject([
      { level: 'info', message: 'job done', fields: { task: 'remove_recording', delivery: 1 } },
    ]);
  });

  it('does a job not before its time', async () => {
    const hands = new Hands();
    await start(hands);
    const dueAt = new Date(Date.now() + 1500);
    await enqueue('later', dueAt);
    await until(() => hands.keys.length > 0);
    expect(Date.now()).toBeGreaterThanOrEqual(dueAt.getTime() - 50);
  });

  it('logs and counts a job that failed, and does it again', async () => {
    let failures = 1;
    const hands = new Hands(async () => {
      if (failures-- > 0) throw new Error('storage is down');
    });
    const { telemetry, log } = await start(hands);
    await enqueue('twice');
    await until(() => hands.keys.length === 2);
    await until(async () => (await jobs()).length === 0);
    expect(telemetry.counted).toEqual(['jobRan remove_recording failed', 'jobRan remove_recording done']);
    expect(log.lines).toMatchObject([
      { level: 'error', message: 'job failed', error: { message: 'storage is down' }, fields: { delivery: 1 } },
      { level: 'info', message: 'job done', fields: { delivery: 2 } },
    ]);
  });

  it('lets a job under way finish before it stops', async () => {
    let finished = false;
    const hands = new Hands(async () => {
      await sleep(600);
      finished = true;
    });
    const { worker } = await start(hands);
    await enqueue('slow');
    await until(() => hands.keys.length === 1);
    await worker.stop();
    expect([finished, await jobs(), await beats()]).toEqual([true, [], []]);
  });

  it('gives a job back that does not finish in time, for another worker to do', async () => {
    let release = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const hands = new Hands(() => stuck);
    const { worker, log } = await start(hands, { drainMs: 100 });
    await enqueue('stuck');
    await until(() => hands.keys.length === 1);
    await worker.stop();
    expect(await jobs()).toMatchObject([{ locked_by: null, attempts: 1 }]);
    expect(log.lines.some(({ message }) => message === 'jobs under way are given back unfinished')).toBe(true);
    release();
  });

  it('works on after its connections were cut', async () => {
    const hands = new Hands();
    await start(hands);
    await enqueue('before');
    await until(() => hands.keys.length === 1);
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'minutebook worker' and datname = current_database()`,
    );
    await enqueue('after');
    await until(() => hands.keys.includes('after'), 15_000);
  });

  it('works on after a job was done that could not be marked as done', async () => {
    // graphile-worker shows the stack of a worker that ended there.
    const shown = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const hands = new Hands(async () => {
      if (hands.keys.length > 1) return;
      await pool.query(`alter table graphile_worker._private_jobs rename to out_of_reach`);
    });
    const { log } = await start(hands);
    await enqueue('done, and who knows it');
    await until(() => log.lines.some(({ message }) => message === 'worker ended, and is started again'));
    await pool.query(`alter table graphile_worker.out_of_reach rename to _private_jobs`);
    await until(() => hands.keys.length === 2);
    await until(async () => (await jobs()).length === 0);
    shown.mockRestore();
  });
});

describe('the jobs of a worker that died', () => {
  it('are done by another as soon as its last beat is too old', async () => {
    await enqueue('orphan');
    await lockBy('pool-dead', 30);
    await pool.query(`insert into worker_beats values ('pool-dead', now() - interval '2 seconds')`);
    const hands = new Hands();
    const { log } = await start(hands);
    await until(() => hands.keys.length === 1);
    expect(log.lines).toMatchObject([
      { level: 'warn', fields: { workers: ['pool-dead'] }, message: 'the jobs of workers that died were given back' },
      { level: 'info', fields: { delivery: 2 } },
    ]);
    expect(await beats()).not.toContain('pool-dead');
  });

  it('are found although it died before its first beat', async () => {
    await enqueue('orphan');
    await lockBy('pool-stillborn', 30);
    const hands = new Hands();
    await start(hands);
    await until(() => hands.keys.length === 1);
  });

  it('stay with a worker that beats', async () => {
    await enqueue('long work');
    await lockBy('pool-alive', 3600);
    await pool.query(`insert into worker_beats values ('pool-alive', now() + interval '1 minute')`);
    const hands = new Hands();
    await start(hands);
    await enqueue('marker');
    await until(() => hands.keys.includes('marker'));
    await until(async () => (await beats()).length === 2);
    await sleep(500);
    expect(hands.keys).toEqual(['marker']);
  });

  it('stay for a while with one that has only just begun, and has not beaten yet', async () => {
    await enqueue('begun just now');
    await lockBy('pool-newborn', 0);
    const lockedAt = performance.now();
    const hands = new Hands();
    await start(hands);
    await until(() => hands.keys.length === 1);
    expect(performance.now() - lockedAt).toBeGreaterThan(900);
  });
});

describe('two workers', () => {
  it('do each job once', async () => {
    const [one, other] = [new Hands(), new Hands()];
    await start(one);
    await start(other);
    const keys = Array.from({ length: 40 }, (_, n) => `${n}`);
    for (const key of keys) await enqueue(key);
    await until(() => one.keys.length + other.keys.length >= keys.length);
    await until(async () => (await jobs()).length === 0);
    expect([...one.keys, ...other.keys].sort()).toEqual([...keys].sort());
  });
});
