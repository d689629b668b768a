import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandLine } from './command-line.js';

let cli: CommandLine;

beforeEach(async () => {
  cli = await CommandLine.start();
});
afterEach(() => cli.cleanUp());

async function aliveWorker(): Promise<void> {
  await cli.rows(`insert into worker_beats (worker_id, beat_at) values ('one', now())`);
}

async function emptyDatabase(): Promise<void> {
  await cli.rows(`drop schema public cascade`);
  await cli.rows(`drop schema graphile_worker cascade`);
  await cli.rows(`create schema public`);
}

async function tables(): Promise<number> {
  const [row] = await cli.rows<{ count: number }>(
    `select count(*)::int as count from pg_tables where schemaname in ('public', 'graphile_worker')`,
  );
  return row!.count;
}

interface Diagnosed {
  readonly exitCode: number;
  readonly of: (check: string) => any;
}

async function doctor(settings: Readonly<Record<string, string>> = {}): Promise<Diagnosed> {
  const { exitCode, stdout } = await cli.run(['doctor', '--json'], { settings });
  const { findings } = JSON.parse(stdout);
  return { exitCode, of: (check) => findings.find((found: { check: string }) => found.check === check) };
}

describe('minutebook migrate, over a database', () => {
  it('lists in a dry run what an empty database lacks, and makes no table', async () => {
    await emptyDatabase();
    const { migrations } = await cli.json(['migrate', '--dry-run']);
    expect(migrations[0]).toMatch(/^TheFirstBook/);
    expect(migrations.at(-1)).toMatch(/^graphile_worker \d+$/);
    expect(await tables()).toBe(0);
  });

  it('brings an empty database to the newest schema, and has nothing to do the second time', async () => {
    await emptyDatabase();
    const { migrations } = await cli.json(['migrate', '--dry-run']);
    expect(await cli.json(['migrate'])).toEqual({ dry_run: false, changed: true, migrations });
    expect(await cli.json(['migrate'])).toEqual({ dry_run: false, changed: false, migrations: [] });
    expect(await cli.json(['user', 'list'])).toMatchObject({ total: 0 });
  });

  it('is never done silently: every other command says to run it, and ends with 69', async () => {
    await emptyDatabase();
    for (const args of [
      ['user', 'list'],
      ['verify'],
      ['seed', '--dry-run'],
      ['period', 'reset', '--all-ended', '--reason', 'x'],
    ]) {
      const { exitCode, stdout, stderr } = await cli.run(args);
      expect([exitCode, stdout]).toEqual([69, '']);
      expect(stderr).toContain('minutebook migrate');
    }
    expect(await tables()).toBe(0);
  });

  it('is asked for when the job queue alone is behind', async () => {
    await cli.rows(
      `delete from graphile_worker.migrations where id = (select max(id) from graphile_worker.migrations)`,
    );
    const { exitCode } = await cli.run(['user', 'list']);
    expect(exitCode).toBe(69);
  });
});

describe('minutebook migrate, over a table that somebody is at work on', () => {
  it('gives up rather than stop everybody behind it, and says to come back', async () => {
    await cli.rows(
      `do $$ begin execute format('alter database %I set lock_timeout = 100', current_database()); end $$`,
    );
    const free = await cli.lock('migrations');
    const { exitCode, stdout, stderr } = await cli.run(['migrate']);
    await free();
    expect([exitCode, stdout]).toEqual([69, '']);
    expect(stderr).toMatch(/^minutebook: A migration waited too long .* again in a quieter moment\.\n$/);
  });
});

describe('minutebook doctor, over a database', () => {
  it('finds nothing wrong with an installation that is well', async () => {
    await aliveWorker();
    expect((await doctor()).exitCode).toBe(0);
  });

  it('says in one finding that the database cannot be reached, without its password', async () => {
    const settings = { DATABASE_URL: 'postgres://someone:hunter2@127.0.0.1:1/nowhere' };
    const { exitCode, stdout } = await cli.run(['doctor', '--json'], { settings });
    expect([exitCode, JSON.parse(stdout).findings[0].check]).toEqual([69, 'database']);
    expect(stdout).not.toContain('hunter2');
  });

  it('says which setting is bad, and ends with 78', async () => {
    const { exitCode, of } = await doctor({ PORT: 'a door' });
    expect([exitCode, of('configuration').summary]).toEqual([78, expect.stringContaining('PORT')]);
  });

  it('looks no further when the schema is behind', async () => {
    await emptyDatabase();
    const { exitCode, of } = await doctor();
    expect([exitCode, of('database').verdict, of('schema').verdict, of('plans')]).toEqual([
      69,
      'ok',
      'unavailable',
      undefined,
    ]);
  });

  it('misses workers that fell silent', async () => {
    await cli.rows(`insert into worker_beats (worker_id, beat_at) values ('dead', now() - interval '21 seconds')`);
    const { exitCode, of } = await doctor();
    expect([exitCode, of('workers').verdict]).toEqual([69, 'unavailable']);
  });

  it('finds users on a plan that the catalogue does not have', async () => {
    await aliveWorker();
    await cli.rows(
      `insert into users (id, email, name, role, plan, created_at) values (gen_random_uuid(), 'a@b.c', 'A', 'user', 'gold', now())`,
    );
    const { exitCode, of } = await doctor();
    expect([exitCode, of('plans').verdict]).toEqual([65, 'broken']);
    expect(of('plans').summary).toContain('"gold" (1 user)');
  });

  it('finds jobs that were given up, and jobs that wait for long, and leaves out those that wait for their time', async () => {
    await aliveWorker();
    const at = cli.clock.now();
    const add = (task: string, run: Date): Promise<unknown> =>
      cli.rows(`select graphile_worker.add_job($1, '{}', run_at => $2, max_attempts => 1)`, [task, run]);
    await add('due', new Date(at.getTime() - 61_000));
    await add('later', new Date(at.getTime() + 1000));
    expect((await doctor()).of('queue')).toMatchObject({
      verdict: 'warning',
      summary: expect.stringMatching(/^Waiting: 1 job, /),
    });

    await cli.rows(`update graphile_worker._private_jobs set attempts = 1 where run_at < $1`, [at]);
    const { exitCode, of } = await doctor();
    expect([exitCode, of('queue').verdict, of('dead_jobs').verdict]).toEqual([65, 'ok', 'broken']);
  });

  it('finds holds that ran out long ago and that nobody has closed', async () => {
    await aliveWorker();
    const user = await cli.json(['user', 'create', '--email', 'a@b.c', '--name', 'A', '--reason', 'x']);
    const hold = (expiresAt: string, state: string, closedAt: string | null): Promise<unknown> =>
      cli.rows(
        `with opened as (
           insert into sessions (id, user_id, period_start, title, language, stt_provider, status, created_at, updated_at)
           values (gen_random_uuid(), $1, $2, 'T', 'auto', 'auto', 'processing', $2, $2) returning id)
         insert into holds (id, user_id, session_id, attempt, period_start, seconds, transcriptions, placed_at, expires_at, state, closed_at)
         select gen_random_uuid(), $1, id, 1, $2, 60, 1, $2, $3, $4, $5 from opened`,
        [user.user.id, '2026-03-10T08:00:00Z', expiresAt, state, closedAt],
      );
    await hold('2026-03-10T11:44:59Z', 'settled', '2026-03-10T11:00:00Z');
    await hold('2026-03-10T11:45:01Z', 'open', null);
    expect((await doctor()).of('holds').verdict).toBe('ok');
    await hold('2026-03-10T11:44:59Z', 'open', null);
    const { exitCode, of } = await doctor();
    expect([exitCode, of('holds').verdict]).toEqual([65, 'broken']);
  });

  it('takes a directory of recordings that cannot be written for an outage', async () => {
    await aliveWorker();
    const parent = await mkdtemp(join(tmpdir(), 'minutebook-locked-'));
    try {
      // A file where a directory is wanted: not even root can make one below it.
      const { exitCode, of } = await doctor({ MINUTEBOOK_DATA_DIR: '/dev/null' });
      expect([exitCode, of('uploads').verdict]).toEqual([69, 'unavailable']);
      // One that is not there yet is made when it is needed.
      expect((await doctor({ MINUTEBOOK_DATA_DIR: join(parent, 'not', 'yet') })).of('uploads').verdict).toBe('ok');
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  });
});

describe('minutebook seed and verify, over a database', () => {
  it('tells the demo story once, whose every number can be proved', async () => {
    await emptyDatabase();
    const { changed, keys } = await cli.json(['seed']);
    expect([changed, keys.length]).toEqual([true, 4]);
    expect(await cli.json(['seed'])).toEqual({ dry_run: false, changed: false, keys: [] });
    const { correct, checked } = await cli.json(['verify']);
    expect([correct, checked > 0]).toEqual([true, true]);

    const [free] = keys;
    const usage = await cli.json(['usage', 'show', '--email', free.email]);
    const explained = await cli.json([
      'usage',
      'explain',
      '--email',
      free.email,
      '--metric',
      'minutes',
      '--limit',
      '100',
    ]);
    const sum = explained.data.reduce(
      (total: number, line: { counted_seconds: number }) => total + line.counted_seconds,
      0,
    );
    expect([explained.sum, explained.counter, explained.agrees]).toEqual([
      String(sum),
      String(usage.used_seconds),
      true,
    ]);
    expect(sum).toBe(usage.used_seconds);
  });

  it('names a counter that somebody changed, and ends with 65, for everybody and for that user alone', async () => {
    const { keys } = await cli.json(['seed']);
    const [free, student] = keys;
    await cli.rows(
      `update period_usage set seconds = seconds + 1
        where (user_id, period_start) = (select p.user_id, max(p.period_start) from period_usage p join users u on u.id = p.user_id
                                          where u.email = $1 group by p.user_id)`,
      [free.email],
    );
    for (const whom of [[], ['--email', free.email]]) {
      const { exitCode, stdout } = await cli.run(['verify', ...whom, '--json']);
      const { correct, findings } = JSON.parse(stdout);
      expect([exitCode, correct, findings.length]).toEqual([65, false, 1]);
      expect(findings[0]).toMatchObject({ kind: 'counter_differs', counter: 'seconds' });
      expect(BigInt(findings[0].stored) - BigInt(findings[0].recomputed)).toBe(1n);
    }
    expect((await cli.run(['verify', '--email', student.email])).exitCode).toBe(0);
    expect((await cli.run(['usage', 'explain', '--email', free.email])).exitCode).toBe(65);
  });
});
