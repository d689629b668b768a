import { AllEndedPeriodsReset, type AllEndedReset } from '#application/usage/all-ended-periods-reset';
import { BillingPeriod } from '#domain/usage/billing-period';
import { SqlAuditLog } from '#infrastructure/accounts/sql-audit-log';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { UuidGenerator } from '#infrastructure/system/uuid-generator';
import { SqlStoredPeriods } from '#infrastructure/usage/sql-stored-periods';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type PostgresWorld, postgresWorld } from '../../contracts/postgres-world.js';

const NOW = new Date('2026-03-20T12:00:00.000Z');

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
  await addUsers(730);
});
beforeEach(() =>
  world.database.query(`update users set current_month_start = created_at, period_anchor = created_at, version = 1`),
);
afterAll(() => world.close());

/** Users whose periods began on all days of the last year, some microseconds before a whole second. */
const addUsers = (count: number): Promise<unknown> =>
  world.database.query(
    `insert into users (id, email, name, role, plan, current_month_start, period_anchor, version, created_at)
     select id, id || '@example.com', 'User', 'user', 'free', start, start, 1, start
       from generate_series(1, $1::integer) n,
            lateral (select gen_random_uuid() as id, n as day) made,
            lateral (select $2::timestamptz - day % 365 * interval '1 day' - interval '0.000123 seconds' as start) began`,
    [count, NOW],
  );

const reset = (dryRun = false, reason = 'nightly'): Promise<AllEndedReset> => {
  const transaction = world.transaction as TypeOrmTransaction;
  const clock = new ManualClock(NOW);
  const audit = new SqlAuditLog(transaction, clock, new UuidGenerator());
  const resetting = new AllEndedPeriodsReset(new SqlStoredPeriods(transaction), audit, transaction, clock);
  return resetting.execute({ actor: 'test', reason }, { dryRun });
};

interface Row {
  readonly current_month_start: Date;
  readonly period_anchor: Date;
  readonly version: number;
}
const users = (): Promise<Row[]> =>
  world.database.query(`select current_month_start, period_anchor, version from users order by id`);
const derived = ({ period_anchor: anchor }: Row): Date => BillingPeriod.containing(NOW, anchor).start!;

describe('the reset of all ended periods', () => {
  it('brings every stored start to the one that the domain derives, and leaves the anchors', async () => {
    const before = await users();
    const due = before.filter((row) => derived(row) > row.current_month_start).length;
    expect(await reset()).toMatchObject({ moved: due, left: 0 });
    const after = await users();
    expect(after.map(({ current_month_start: start }) => start)).toEqual(after.map(derived));
    expect(after.map(({ period_anchor: anchor }) => anchor)).toEqual(before.map(({ period_anchor: anchor }) => anchor));
    expect(after.filter(({ version }) => version === 2)).toHaveLength(due);
    expect(due).toBeGreaterThan(600);
  });

  it('finds nothing to do the second time', async () => {
    await reset();
    expect(await reset()).toMatchObject({ moved: 0, left: 0 });
  });

  it('as a dry run counts the same and changes nothing', async () => {
    const before = await users();
    const { moved, done } = await reset(true);
    expect(done).toBe(false);
    expect(await users()).toEqual(before);
    expect((await reset()).moved).toBe(moved);
  });

  it('waits for nobody: who is held by somebody else is left for the next run', async () => {
    const [held] = await world.database.query<{ id: string }[]>(
      `select id from users order by current_month_start limit 1`,
    );
    const { moved: due } = await reset(true);
    const runner = world.database.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query(`select 1 from users where id = $1 for no key update`, [held!.id]);
      expect(await reset()).toMatchObject({ moved: due - 1, left: 1 });
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
    expect(await reset()).toMatchObject({ moved: 1, left: 0 });
  });

  it('leaves users whose period is open', async () => {
    await world.database.query(`update users set current_month_start = null, period_anchor = null`);
    expect(await reset()).toMatchObject({ moved: 0, left: 0 });
  });
});

describe('the reset of more periods than one batch has', () => {
  beforeAll(() => addUsers(11_000));

  it('run twice at once moves everybody once, and leaves a trace of every batch', async () => {
    const { moved: due } = await reset(true);
    const began = performance.now();
    const [one, other] = await Promise.all([reset(false, 'traced'), reset(false, 'traced')]);
    console.log(`period reset --all-ended, twice at once: ${due} users in ${Math.round(performance.now() - began)} ms`);
    expect(one.moved + other.moved).toBe(due);
    expect((await users()).filter(({ version }) => version > 2)).toEqual([]);
    expect((await reset(true)).moved).toBe(0);

    const [trace] = await world.database.query<{ batches: number; moved: number }[]>(
      `select count(*)::integer as batches, sum((after ->> 'moved')::integer)::integer as moved
         from audit_log where action = 'period.reset_all_ended' and reason = 'traced' and created_at = $1`,
      [NOW],
    );
    expect(trace!.batches).toBeGreaterThanOrEqual(3);
    expect(trace!.moved).toBe(due);
  });
});
