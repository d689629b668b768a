import { BudgetSettings } from '#application/budgets/budget-settings';
import { Transaction } from '#application/ports/transaction';
import type { UserId } from '#domain/accounts/user';
import { type BudgetId, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetLedger } from '#domain/budgets/budget-ledger';
import { Money } from '#domain/shared/money';
import { TestApp } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type SlowMotion, slowMotion } from '#test/support/slow-motion';

const usd = (amount: number): Money => Money.ofMicros(BigInt(Math.round(amount * 1_000_000)));
const SPENDERS = 32;
const GLOBAL = usd(320);
/** What the free plan gives a user in a month. */
const PLAN = usd(5);

/** Each test has a month of its own. */
describe('alerts of budgets', () => {
  let app: TestApp;
  let slow: SlowMotion;
  const clock = new ManualClock();

  beforeAll(async () => {
    app = await TestApp.start({
      poolSize: SPENDERS,
      clock,
      budgets: new BudgetSettings(GLOBAL, Money.zero, null),
    });
    const { database } = app.foundation;
    for (let warm = 0; warm < SPENDERS; warm += 8) {
      await Promise.all(Array.from({ length: warm + 8 }, () => database.query('select pg_sleep(0.1)')));
    }
    slow = await slowMotion(app.databaseUrl, 'budget_alerts');
  });
  afterAll(async () => {
    await slow?.stop();
    await app?.stop();
  });

  const spend = (userId: UserId | null, cost: Money): Promise<void> =>
    app.container.get(Transaction).run(() =>
      app.container.get(BudgetLedger).settle({
        userId,
        requestId: crypto.randomUUID(),
        cost,
        isEstimate: false,
        at: clock.now(),
        service: 'llm',
        provider: 'p',
        model: 'm',
        tokens: 0,
      }),
    );

  /** Kinds in the order of what they tell, each as often as it was told. */
  const told = async (budget: BudgetId, periodStart: string): Promise<string[]> => {
    const rows = await app.rows<{ kind: string }>(
      `select kind from budget_alerts where budget_id = $1 and period_start = $2 order by kind`,
      [budget, periodStart],
    );
    return rows.map(({ kind }) => kind);
  };
  const used = async (budget: BudgetId, periodStart: string): Promise<bigint> => {
    const [row] = await app.rows<{ used: string }>(
      `select coalesce(sum(used_micros), 0) as used from budget_periods where budget_id = $1 and period_start = $2`,
      [budget, periodStart],
    );
    return BigInt(row!.used);
  };
  const jobs = async (budget: BudgetId, periodStart: string): Promise<number> => {
    const [row] = await app.rows<{ count: number }>(
      `select count(*)::integer as count
         from graphile_worker._private_jobs j join budget_alerts a on a.id = (j.payload ->> 'alertId')::uuid
        where a.budget_id = $1 and a.period_start = $2`,
      [budget, periodStart],
    );
    return row!.count;
  };
  const part = (whole: Money, of: number): Money => whole.timesRoundedHalfUp(1n, BigInt(of));

  it("come once each when 32 spenders cross all thresholds of a user's budget at once", async () => {
    clock.set('2026-03-20T12:00:00.000Z');
    const { id } = await app.user('free');
    await Promise.all(Array.from({ length: SPENDERS }, () => spend(id, part(PLAN, SPENDERS))));
    expect(await told(budgetOf(id), '2026-03-01T00:00:00Z')).toEqual(['orange', 'red', 'critical', 'forecast']);
    expect(await jobs(budgetOf(id), '2026-03-01T00:00:00Z')).toBe(4);
    expect(await used(budgetOf(id), '2026-03-01T00:00:00Z')).toBe(PLAN.micros);
  });

  it('come once each when 32 users cross all thresholds of the global budget at once', async () => {
    clock.set('2026-05-20T12:00:00.000Z');
    const users = await Promise.all(Array.from({ length: 4 }, () => app.user('coaching_school')));
    const spender = (index: number) => users[index % users.length]!.id;
    await Promise.all(Array.from({ length: SPENDERS }, (_, index) => spend(spender(index), part(GLOBAL, SPENDERS))));
    expect(await told(GLOBAL_BUDGET, '2026-05-01T00:00:00Z')).toEqual(['orange', 'red', 'critical', 'forecast']);
    expect(await jobs(GLOBAL_BUDGET, '2026-05-01T00:00:00Z')).toBe(4);
    expect(await used(GLOBAL_BUDGET, '2026-05-01T00:00:00Z')).toBe(GLOBAL.micros);
  });

  it('come at exactly 75, 90 and 100 percent, and not a micro-dollar before', async () => {
    clock.set('2026-07-31T12:00:00.000Z');
    const { id } = await app.user('free');
    const seen: string[][] = [];
    const micro = Money.ofMicros(1n);
    for (const next of [usd(3.75).minus(micro), micro, usd(0.75).minus(micro), micro, usd(0.5).minus(micro), micro]) {
      await spend(id, next);
      seen.push(await told(budgetOf(id), '2026-07-01T00:00:00Z'));
    }
    const [orange, red, all] = [['orange'], ['orange', 'red'], ['orange', 'red', 'critical']];
    expect(seen).toEqual([[], orange, orange, red, red, all]);
  });

  it('come again, and again once, in the period that follows', async () => {
    const { id } = await app.user('free');
    for (const [now, start] of [
      ['2026-08-31T23:59:59.999Z', '2026-08-01T00:00:00Z'],
      ['2026-09-01T00:00:00.000Z', '2026-09-01T00:00:00Z'],
    ] as const) {
      clock.set(now);
      await Promise.all(Array.from({ length: SPENDERS }, () => spend(id, part(PLAN, SPENDERS))));
      await spend(id, PLAN);
      expect(await told(budgetOf(id), start)).toEqual(['orange', 'red', 'critical']);
    }
  });

  it('forecast once, and not before the third day', async () => {
    const { id } = await app.user('free');
    const start = '2026-10-01T00:00:00Z';
    const seen: string[][] = [];
    for (const now of [
      '2026-10-01T00:00:00.000Z',
      '2026-10-01T23:00:00.000Z',
      '2026-10-02T23:59:59.999Z',
      '2026-10-03T00:00:00.000Z',
      '2026-10-03T12:00:00.000Z',
    ]) {
      clock.set(now);
      await spend(id, usd(0.25));
      seen.push(await told(budgetOf(id), start));
    }
    await Promise.all(Array.from({ length: SPENDERS }, () => spend(id, usd(0.01))));
    expect([...seen, await told(budgetOf(id), start)]).toEqual([[], [], [], ['forecast'], ['forecast'], ['forecast']]);
    const [row] = await app.rows(`select * from budget_alerts where budget_id = $1`, [id]);
    // One dollar in three days is ten and a third in 31.
    expect(row).toMatchObject({ limit_micros: '5000000', used_micros: '1000000', projected_micros: '10333333' });
  });

  it('are not told of what was undone', async () => {
    clock.set('2026-11-20T12:00:00.000Z');
    const { id } = await app.user('free');
    const undone = app.container.get(Transaction).run(async () => {
      await spend(id, PLAN);
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    expect(await told(budgetOf(id), '2026-11-01T00:00:00Z')).toEqual([]);
    expect(await jobs(budgetOf(id), '2026-11-01T00:00:00Z')).toBe(0);
  });
});
