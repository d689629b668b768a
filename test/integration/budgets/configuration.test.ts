import fc from 'fast-check';
import { BudgetConfiguration } from '#application/budgets/budget-configuration';
import { BudgetRestart } from '#application/budgets/budget-restart';
import { GetBudgetStatus } from '#application/budgets/get-budget-status';
import { ListUserBudgets } from '#application/budgets/list-user-budgets';
import { Transaction } from '#application/ports/transaction';
import type { UserId } from '#domain/accounts/user';
import { type BudgetId, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { type BudgetDemand, BudgetLedger } from '#domain/budgets/budget-ledger';
import { BudgetPeriod, type BudgetSchedule } from '#domain/budgets/budget-period';
import { Money } from '#domain/shared/money';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { aSpend } from '#test/contracts/budget-life';
import { TestApp, type TestUser } from '#test/support/app';
import { jest } from '@jest/globals';
import type { QueryRunner } from 'typeorm';

jest.setTimeout(60_000);

const BY = { actor: 'cli:ada', reason: 'a new project' };
const DAY = 24 * 60 * 60 * 1000;

describe('budgets that are configured and reset while they are spent from', () => {
  let app: TestApp;
  beforeAll(async () => (app = await TestApp.start()));
  afterAll(() => app.stop());

  const micros = (amount: number): Money => Money.ofMicros(BigInt(amount));
  const run = <T>(work: () => Promise<T>): Promise<T> => app.container.get(Transaction).run(work);

  const log = ({ userId, requestId, at }: Pick<BudgetDemand, 'userId' | 'requestId' | 'at'>, cost: Money) =>
    app.container.get(TypeOrmTransaction).writer.query(
      `insert into provider_usage_logs (id, user_id, request_id, service, provider, model, operation, tokens,
                                        estimated_micros, actual_micros, succeeded, metadata, actor, at)
         values (gen_random_uuid(), $1, $2, 'llm', 'sandbox', 'sandbox-chat', 'test', 1, 0, $3, true, '{}', 'test', $4)`,
      [userId, requestId, cost.micros, at],
    );

  const spend = async (userId: UserId, cost: Money, spent = cost): Promise<void> => {
    const at = new Date();
    const demand = { userId, requestId: crypto.randomUUID(), cost, at, expiresAt: new Date(at.getTime() + DAY) };
    await run(() => app.container.get(BudgetLedger).hold(demand));
    await run(async () => {
      await log(demand, spent);
      await app.container.get(BudgetLedger).settle(aSpend({ ...demand, cost: spent }));
    });
  };

  /** What every stored period holds, beside what the logs say of it. */
  const periods = (id: BudgetId) =>
    app.rows<{ from: Date; used: string; held: string; logged: string }>(
      `select p.period_start as from, sum(p.used_micros)::text as used, sum(p.held_micros)::text as held,
              (select coalesce(sum(s.cost_micros), 0)::text from provider_spend s
                where ($1::uuid = $2::uuid or s.user_id = $1) and s.at >= p.period_start and s.at < p.period_end) as logged
         from budget_periods p where p.budget_id = $1 group by p.period_start, p.period_end order by p.period_start`,
      [id, GLOBAL_BUDGET],
    );

  /** Until the statement of this connection waits for a lock. */
  const waitingFor = async (runner: QueryRunner): Promise<void> => {
    const { processID: pid } = (await runner.connect()) as { processID: number };
    const isWaiting = async (): Promise<boolean> =>
      (await app.rows('select from pg_locks where pid = $1 and not granted', [pid])).length > 0;
    while (!(await isWaiting()));
  };

  const users = async (count: number): Promise<TestUser[]> => {
    const made: TestUser[] = [];
    for (let n = 0; n < count; n++) made.push(await app.user('coaching_school'));
    return made;
  };

  it('tells what a lowered limit has crossed at once, and once', async () => {
    const user = await app.user('free');
    const id = budgetOf(user.id);
    await spend(user.id, micros(100_000));
    const configuration = app.container.get(BudgetConfiguration);
    const kinds = async (): Promise<readonly string[]> => {
      const told = await app.rows<{ kind: string }>(
        'select kind from budget_alerts where budget_id = $1 order by kind',
        [id],
      );
      return told.map(({ kind }) => kind);
    };
    await configuration.execute(id, { limit: micros(1_000_000) }, BY);
    expect(await kinds()).toEqual([]);
    await configuration.execute(id, { limit: micros(110_000) }, BY);
    expect(await kinds()).toEqual(expect.arrayContaining(['orange', 'red']));
    await configuration.execute(id, { limit: micros(50_000) }, BY);
    await configuration.execute(id, { limit: micros(40_000) }, BY);
    const all = await kinds();
    expect(all).toEqual(expect.arrayContaining(['orange', 'red', 'critical']));
    expect(new Set(all).size).toBe(all.length);
  });

  it('lets a change of plan wait for a reset, and neither for the other in a circle', async () => {
    const user = await app.user('free');
    const id = budgetOf(user.id);
    for (let n = 0; n < 3; n++) {
      await spend(user.id, micros(10));
      await app.container.get(BudgetRestart).execute(id, BY);
    }
    await app.rows(`update budget_periods set rules = 'as reckoned' where budget_id = $1`, [id]);
    const [resetting, planning] = [0, 1].map(() => app.foundation.database.createQueryRunner());
    try {
      // As SqlBudgetRepository.hold and save do, with the change of plan between them.
      await resetting!.startTransaction();
      await resetting!.query('select from budgets where id = $1 for update', [id]);
      await resetting!.query('select from budget_periods where budget_id = $1 and period_end > now() for update', [id]);
      await planning!.startTransaction();
      const planned = planning!.query(`update users set plan = 'pro' where id = $1`, [user.id]);
      await waitingFor(planning!);
      await resetting!.query(`update budget_periods set rules = '' where budget_id = $1 and rules <> ''`, [id]);
      await resetting!.commitTransaction();
      await planned;
      await planning!.commitTransaction();
    } finally {
      await resetting!.release();
      await planning!.release();
    }
    const [{ plan }] = (await app.rows<{ plan: string }>('select plan from users where id = $1', [user.id])) as [
      { plan: string },
    ];
    expect(plan).toBe('pro');
  });

  it('loses nothing and counts nothing twice when budgets are reset in the middle of 16 writers', async () => {
    const [WRITERS, EACH] = [16, 12];
    const globally = async (): Promise<number> =>
      (await periods(GLOBAL_BUDGET)).reduce((sum, { used }) => sum + Number(used), 0);
    const before = await globally();
    const spenders = await users(4);
    await spend(spenders[0]!.id, micros(1000));
    const restart = app.container.get(BudgetRestart);
    const resets = async (id: BudgetId): Promise<void> => {
      for (let n = 0; n < 6; n++) await restart.execute(id, BY);
    };
    const writer = async (index: number): Promise<void> => {
      for (let n = 0; n < EACH; n++) await spend(spenders[index % 4]!.id, micros(1000 + n), micros(900 + n));
    };
    await Promise.all([
      ...Array.from({ length: WRITERS }, (_, index) => writer(index)),
      ...[GLOBAL_BUDGET, budgetOf(spenders[0]!.id), budgetOf(spenders[1]!.id)].map(resets),
    ]);

    for (const id of [GLOBAL_BUDGET, ...spenders.map((user) => budgetOf(user.id))]) {
      const kept = await periods(id);
      expect(kept.map(({ used, held }) => [used, held])).toEqual(kept.map(({ logged }) => [logged, '0']));
      expect(kept.length).toBeGreaterThan(id === GLOBAL_BUDGET ? 1 : 0);
      const { spend: shown } = await app.container.get(GetBudgetStatus).execute(id);
      expect([shown.used.micros, shown.held.micros]).toEqual([BigInt(kept.at(-1)!.used), 0n]);
    }
    const each = EACH * 900 + (EACH * (EACH - 1)) / 2;
    expect(await globally()).toBe(before + WRITERS * each + 1000);
  });

  it('keeps every change of many that are made to one budget at once, with resets among them', async () => {
    const [user] = (await users(1)) as [TestUser];
    const id = budgetOf(user.id);
    const configuration = app.container.get(BudgetConfiguration);
    await Promise.all([
      configuration.execute(id, { limit: micros(7_000_000) }, BY),
      app.container.get(BudgetRestart).execute(id, BY),
      configuration.execute(id, { notes: 'kept' }, BY),
      configuration.execute(id, { mode: 'fallback' }, BY),
      configuration.execute(id, { canReset: true }, BY),
      configuration.execute(id, { yellow: 20, orange: 40, red: 60 }, BY),
    ]);
    const { budget, limit } = await app.container.get(GetBudgetStatus).execute(id);
    expect(limit).toEqual(micros(7_000_000));
    expect([budget.notes, budget.mode, budget.permissions.canReset]).toEqual(['kept', 'fallback', true]);
    expect(budget.thresholds).toMatchObject({ yellow: 20, orange: 40, red: 60 });
    expect(budget.schedule.anchor).not.toBeNull();
    const audited = await app.rows(`select action from audit_log where user_id = $1 and action like 'budget.%'`, [id]);
    expect(audited).toHaveLength(6);
  });

  it('shows what was logged where nobody counted in the period yet, and writes nothing for it', async () => {
    const [user] = (await users(1)) as [TestUser];
    await run(() => log({ userId: user.id, requestId: crypto.randomUUID(), at: new Date() }, micros(1234)));
    const { spend: shown, period } = await app.container.get(GetBudgetStatus).execute(budgetOf(user.id));
    expect([shown.used.micros, shown.held.micros]).toEqual([1234n, 0n]);
    expect(period.contains(new Date())).toBe(true);
    expect(await periods(budgetOf(user.id))).toEqual([]);
    expect(await app.rows('select from budgets where id = $1', [user.id])).toEqual([]);
  });

  it('lists the budgets of a page of users in a number of statements that does not grow with it', async () => {
    await users(5);
    const { driver } = app.foundation.database;
    const pool = (driver as unknown as { master: { query: (...of: never[]) => unknown } }).master;
    const runner = jest.spyOn(app.foundation.database, 'query');
    const prepared = jest.spyOn(pool, 'query');
    const statements = async (limit: number): Promise<number> => {
      runner.mockClear();
      prepared.mockClear();
      const { items } = await app.container.get(ListUserBudgets).execute({ limit, offset: 0 });
      expect(items).toHaveLength(limit);
      return runner.mock.calls.length + prepared.mock.calls.length;
    };
    const few = await statements(1);
    expect(few).toBeGreaterThan(0);
    expect(await statements(5)).toBe(few);
    runner.mockRestore();
    prepared.mockRestore();
  });

  it('derives any period of any schedule as BudgetPeriod does', async () => {
    const [first, last] = [Date.UTC(2023, 0, 1), Date.UTC(2033, 0, 1)];
    const boundaries = [Date.UTC(2024, 1, 29), Date.UTC(2024, 2, 1), Date.UTC(2024, 11, 31), Date.UTC(2025, 0, 1)];
    const instant = fc
      .oneof(
        fc.integer({ min: first, max: last }),
        fc.constantFrom(...boundaries).chain((of) => fc.constantFrom(of - 1, of, of + 1)),
      )
      .map((ms) => new Date(ms));
    const anchor = fc.option(instant, { nil: null });
    const schedule: fc.Arbitrary<BudgetSchedule> = fc.oneof(
      fc
        .tuple(fc.constantFrom('monthly' as const, 'weekly' as const, 'daily' as const), anchor)
        .map(([cadence, since]) => ({ cadence, customDays: null, anchor: since })),
      fc
        .tuple(fc.integer({ min: 1, max: 365 }), anchor)
        .map(([customDays, since]) => ({ cadence: 'custom' as const, customDays, anchor: since })),
    );
    const near = fc.integer({ min: -2, max: 2 });
    await fc.assert(
      fc.asyncProperty(schedule, instant, fc.option(near, { nil: null }), async (of, somewhen, beside) => {
        const at = of.anchor !== null && beside !== null ? new Date(of.anchor.getTime() + beside) : somewhen;
        const [row] = await app.rows<{ starts: Date; ends: Date }>(
          `select starts, ends from budget_period(
             row($1::uuid, null, $2, $3, $4, 50, 75, 90, 'block', true, false, false, null, null)::budgets, $5)`,
          [GLOBAL_BUDGET, of.cadence, of.customDays, of.anchor, at],
        );
        const { start, end } = BudgetPeriod.containing(at, of);
        expect([row!.starts, row!.ends]).toEqual([start, end]);
        expect(start <= at && at < end).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
