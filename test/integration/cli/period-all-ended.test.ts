import { jest } from '@jest/globals';
import { CommandLine } from './command-line.js';

const USERS = 100_000;
const NOW = '2026-06-15T12:00:00.000Z';
const all = ['period', 'reset', '--all-ended', '--reason', 'nightly', '--json'];
let cli: CommandLine;

// Seconds on a quiet machine; what is asserted is what was moved, never how fast.
jest.setTimeout(60_000);

beforeAll(async () => {
  cli = await CommandLine.start(NOW);
  await cli.rows(
    `insert into users (id, email, name, role, plan, current_month_start, period_anchor, created_at)
     select gen_random_uuid(), 'bulk' || i || '@example.com', 'Bulk', 'user', 'free', at, at, at
       from (select i, timestamptz '2026-01-31T00:00:00Z' + make_interval(secs => i) as at
               from generate_series(1, $1) as i) as bulk`,
    [USERS],
  );
  // Three whose period goes on, and one imported user who has none: all of them are left alone.
  await cli.rows(
    `insert into users (id, email, name, role, plan, current_month_start, period_anchor, created_at)
     select gen_random_uuid(), 'current' || i || '@example.com', 'Current', 'user', 'free', at, at, now()
       from (values (1, timestamptz '2026-06-15T12:00:00Z'), (2, '2026-05-15T12:00:01Z'), (3, '2026-06-01T00:00:00Z'), (4, null))
         as current (i, at)`,
  );
});
afterAll(() => cli.cleanUp());

async function ended(): Promise<number> {
  const [row] = await cli.rows<{ count: number }>(
    `select count(*)::int as count from users where email like 'bulk%' and current_month_start = period_anchor`,
  );
  return row!.count;
}

async function moved(): Promise<number> {
  const [row] = await cli.rows<{ moved: number | null }>(
    `select sum((after ->> 'moved')::int)::int as moved from audit_log where action = 'period.reset_all_ended'`,
  );
  return row!.moved ?? 0;
}

// One story in four steps, since each of them needs what the one before it left.
describe('minutebook period reset --all-ended, over 100 000 users', () => {
  it('says in a dry run how many periods have ended, and changes none', async () => {
    expect(await cli.json([...all.slice(0, 3), '--dry-run'])).toMatchObject({ dry_run: true, moved: USERS });
    expect([await ended(), await moved()]).toEqual([USERS, 0]);
  });

  it('interrupted, ends after the batch that runs, and keeps what it told of', async () => {
    const interruption = new AbortController();
    interruption.abort();
    const { exitCode, stdout } = await cli.run(all, { interruption });
    const answer = JSON.parse(stdout);
    expect([exitCode, answer.interrupted]).toEqual([130, true]);
    expect(answer.moved).toBeGreaterThan(0);
    expect([USERS - (await ended()), await moved()]).toEqual([answer.moved, answer.moved]);
  });

  it('run twice at once, moves each of the rest once, to the period that contains now', async () => {
    const before = await ended();
    const began = performance.now();
    const answers = (await Promise.all([cli.run(all), cli.run(all)])).map(({ exitCode, stdout }) => {
      expect(exitCode).toBe(0);
      return JSON.parse(stdout).moved as number;
    });
    const seconds = (performance.now() - began) / 1000;
    console.log(`${before} periods by two runs (${answers.join(' and ')}) in ${seconds.toFixed(1)} s`);
    expect(answers[0]! + answers[1]!).toBe(before);
    expect([await ended(), await moved()]).toEqual([0, USERS]);

    // The anchors are the 31st of January and the 1st of February; the periods that contain now began on these days.
    const starts = await cli.rows(
      `select distinct to_char(current_month_start at time zone 'UTC', 'YYYY-MM-DD') as day, version
         from users where email like 'bulk%' order by 1`,
    );
    expect(starts).toEqual([
      { day: '2026-05-31', version: 2 },
      { day: '2026-06-01', version: 2 },
    ]);
  });

  it('finds nothing to do the next time, and never touched who had not ended', async () => {
    expect(await cli.json(all.slice(0, -1))).toMatchObject({ changed: false, moved: 0, left: 0 });
    const untouched = await cli.rows(`select version from users where email like 'current%' and version = 1`);
    expect(untouched).toHaveLength(4);
  });
});
