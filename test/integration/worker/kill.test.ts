import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SessionId } from '#domain/sessions/session';
import { TestApp } from '#test/support/app';
import { tinyWav } from '#test/support/audio';
import { slowMotion } from '#test/support/slow-motion';
import { Stage } from '../stage.js';
import { succeeded, Visitor } from '../visitor.js';

const PROGRAM = fileURLToPath(new URL('./worker-process.mjs', import.meta.url));
const DEADLINE_MS = 20_000;

/** A worker in a process of its own, which can be killed. */
class WorkerProcess {
  readonly lines: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.lines.push(line));
  }

  static start(app: TestApp, { hangs }: { hangs: boolean }): WorkerProcess {
    const settings = {
      WORKER_DATABASE_URL: app.databaseUrl,
      WORKER_UPLOADS: app.foundation.uploads.directory,
      WORKER_HANGS: hangs ? 'yes' : '',
    };
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings };
    return new WorkerProcess(spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'inherit'] }));
  }

  said(what: string): number {
    return this.lines.filter((line) => line.startsWith(what)).length;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}

describe('a worker that is killed in the middle of its work', () => {
  let app: TestApp;
  let stage: Stage;
  let visitor: Visitor;
  const workers: WorkerProcess[] = [];

  beforeAll(async () => {
    app = await TestApp.start();
    stage = new Stage(app);
    visitor = new Visitor(app, await app.user('coaching_school'));
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await app?.stop();
  });

  const start = (hangs: boolean): WorkerProcess => {
    const worker = WorkerProcess.start(app, { hangs });
    workers.push(worker);
    return worker;
  };

  const started = async (filename: string): Promise<SessionId> => {
    const id = await visitor.create();
    await visitor.put(id, tinyWav(61), filename);
    await succeeded(visitor.deed(id, 'confirm-upload'));
    await succeeded(visitor.deed(id, 'start-transcription'));
    return id;
  };

  const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
    const began = performance.now();
    while (!(await isSo())) {
      if (performance.now() - began > DEADLINE_MS) {
        throw new Error(`Waited in vain: ${what}. ${JSON.stringify(workers.map(({ lines }) => lines))}`);
      }
      await app.rows('select pg_sleep(0.02)');
    }
  };
  const exists = async (sql: string, values: readonly unknown[] = []): Promise<boolean> =>
    (await app.rows(sql, values)).length > 0;

  const ledger = async (): Promise<unknown> => [
    await app.rows(`select * from usage_logs order by id`),
    await app.rows(`select * from holds order by id`),
    await app.rows(`select * from period_usage`),
    await app.rows(`select * from sessions order by id`),
    await app.rows(`select * from transcript_segments order by id`),
  ];

  it('loses nothing: another finishes, and everything is logged once', async () => {
    const motion = await slowMotion(app.databaseUrl, 'usage_logs', { seconds: 2 });
    const [hanging, landing, accepted] = [
      await started('hang.wav'),
      await started('land.wav'),
      await started('accept.wav'),
    ];
    const sessions = [hanging, landing, accepted];

    const first = start(true);
    await until('one is with the provider', () => first.said('submit hang.wav') > 0);
    await until('one is accepted by the provider', () =>
      exists(`select from transcription_attempts where session_id = $1 and external_id = 'order-7'`, [accepted]),
    );
    await until('one is landing', () =>
      exists(
        `select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep' and query like '%usage_logs%'`,
      ),
    );
    await first.kill();
    await motion.stop();
    expect(await stage.count('usage_logs', visitor.user)).toBe(0);
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 0, held_seconds: 183 });

    const second = start(false);
    await until(
      'all are completed',
      async () => !(await exists(`select from sessions where id = any($1) and status <> 'completed'`, [sessions])),
    );
    // What was under way when the worker died is ordered again under the same key; what was accepted is only asked after.
    expect([second.said(`submit hang.wav ${hanging}:1`), second.said(`submit land.wav ${landing}:1`)]).toEqual([1, 1]);
    expect([second.said('submit accept.wav'), second.said('poll accept.wav order-7')]).toEqual([0, 1]);

    for (const id of sessions) {
      expect(await visitor.runs(id)).toMatchObject([{ attempt_number: 1, outcome: 'completed', counted_seconds: 61 }]);
    }
    const states = await app.rows(`select distinct state from holds where user_id = $1`, [visitor.user.id]);
    expect(states).toEqual([{ state: 'settled' }]);
    expect(await stage.counters(visitor.user)).toEqual([{ sessions: 3, seconds: 183, transcriptions: 3 }]);
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 183, held_seconds: 0 });
    await stage.mustBalance(visitor.user);

    // Delivered once more, as a queue that promises at least once may do.
    const before = await ledger();
    await until('the queue is empty', async () => !(await exists(`select from graphile_worker._private_jobs`)));
    const orders = second.said('submit') + second.said('poll');
    for (const sessionId of sessions) {
      await app.rows(`select graphile_worker.add_job('transcribe', $1::json)`, [
        JSON.stringify({ sessionId, attempt: 1 }),
      ]);
    }
    await until('the queue is empty again', async () => !(await exists(`select from graphile_worker._private_jobs`)));
    expect(second.said('submit') + second.said('poll')).toBe(orders);
    expect(second.said('error')).toBe(0);
    expect(await ledger()).toEqual(before);
  });
});
