import type { Pool } from 'pg';
import type { BudgetFinding } from '#application/budgets/budget-findings';
import { type BudgetVerificationReport, BudgetVerification } from '#application/budgets/budget-verification';
import type { UserId } from '#domain/accounts/user';
import { Thresholds } from '#domain/budgets/alert-level';
import { Budget, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { BudgetDemand } from '#domain/budgets/budget-ledger';
import { Money } from '#domain/shared/money';
import { SqlBudgetFindings } from '#infrastructure/budgets/sql-budget-findings';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import type { BudgetBooks } from '#test/contracts/budget-books';
import { aSpend, rulesOf } from '#test/contracts/budget-life';
import { Given, HOUR, later, newId } from '#test/contracts/given';
import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';

const START = new Date('2030-06-01T00:00:00.000Z');
const NOW = later(START, 36 * HOUR);

describe('minutebook verify, of budgets', () => {
  let world: PostgresWorld;
  let books: BudgetBooks;
  let user: UserId;
  const given = new Given(() => world);

  // One each: what is planted is planted for good.
  beforeEach(async () => {
    world = await postgresWorld(4);
    books = world.budgetBooks(rulesOf({ global: 5_000_000, free: 1_000_000, pro: 2_000_000, microAllowance: 0 }));
    books.clock.set(NOW);
    user = await lived();
  });
  afterEach(() => world.close());

  /** A user who spent 40 000 micros, 15 000 of them by estimate, and for whom 7 000 are held. */
  async function lived(): Promise<UserId> {
    const { id } = await given.user();
    for (const [cost, isEstimate] of [
      [25_000, false],
      [15_000, true],
    ] as const) {
      const demand = aDemand(id, 30_000);
      await books.hold(demand);
      await books.settle(aSpend({ ...demand, cost: Money.ofMicros(BigInt(cost)), isEstimate }));
    }
    await books.hold(aDemand(id, 7_000));
    return id;
  }

  function aDemand(userId: UserId, cost: number): BudgetDemand {
    return { userId, requestId: newId(), cost: Money.ofMicros(BigInt(cost)), at: NOW, expiresAt: later(NOW, HOUR) };
  }

  const verify = (userId: UserId | null): Promise<BudgetVerificationReport> =>
    new BudgetVerification(new SqlBudgetFindings(new TypeOrmTransaction(world.database))).execute(userId);

  const findingsOf = async (userId: UserId | null): Promise<readonly BudgetFinding[]> =>
    (await verify(userId)).findings;

  /** What a superuser with a reason of his own can do, past every trigger. */
  async function tamper(sql: string, values: readonly unknown[] = []): Promise<void> {
    const pool = (world.database.driver as unknown as { master: Pool }).master;
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('set local session_replication_role = replica');
      const { rowCount } = await client.query(sql, [...values]);
      await client.query('commit');
      expect(rowCount).toBeGreaterThan(0);
    } finally {
      client.release();
    }
  }

  const about = { id: START.toISOString() };

  it('finds nothing in books that the product wrote, and says how much it looked at', async () => {
    await books.settle(aSpend({ userId: null, requestId: newId(), at: NOW, cost: Money.ofMicros(900n) }));
    expect(await verify(null)).toEqual({ periods: 2, entries: 3, findings: [], truncated: false });
    expect(await verify(user)).toEqual({ periods: 1, entries: 2, findings: [], truncated: false });
  });

  it('finds nothing when a plan with less is given after a period that is over', async () => {
    const { id } = await given.user();
    await books.givePlan(id, 'pro');
    const at = new Date('2024-03-05T00:00:00.000Z');
    books.clock.set(at);
    const demand = { ...aDemand(id, 30_000), at, expiresAt: later(at, HOUR) };
    await books.hold(demand);
    await books.settle(aSpend(demand));
    await books.givePlan(id, 'free');
    expect(await findingsOf(id)).toEqual([]);
  });

  it('names a period that has not counted what was spent, or what of it is estimated', async () => {
    await tamper('update budget_periods set used_micros = used_micros - 5 where budget_id = $1', [user]);
    await tamper('update budget_periods set estimated_micros = 0 where budget_id = $1', [GLOBAL_BUDGET]);
    const recomputed = { used_micros: '40000', estimated_micros: '15000' };
    const kind = 'budget_used_differs';
    expect(await findingsOf(null)).toEqual([
      { kind, budgetId: GLOBAL_BUDGET, ...about, stored: { used_micros: '40000', estimated_micros: '0' }, recomputed },
      { kind, budgetId: user, ...about, stored: { used_micros: '39995', estimated_micros: '15000' }, recomputed },
    ]);
    expect((await findingsOf(user)).map(({ budgetId }) => budgetId)).toEqual([user]);
  });

  it('names a spend that no period counted', async () => {
    await tamper(`update provider_usage_logs set at = at + interval '1 month' where actual_micros is null`);
    expect(await findingsOf(user)).toMatchObject([
      { kind: 'budget_used_differs', stored: { used_micros: '40000' }, recomputed: { used_micros: '25000' } },
      { kind: 'budget_day_differs', stored: { requests: '2' }, recomputed: { requests: '1', cost_micros: '25000' } },
      { kind: 'budget_day_differs', id: '2030-07-02 llm sandbox sandbox-chat', stored: { requests: null } },
    ]);
  });

  it('names a period that has not counted what is held', async () => {
    await tamper('update budget_periods set held_micros = held_micros - 1 where budget_id = $1', [user]);
    expect(await findingsOf(null)).toEqual([
      {
        kind: 'budget_held_differs',
        budgetId: budgetOf(user),
        ...about,
        stored: { held_micros: '6999' },
        recomputed: { held_micros: '7000' },
      },
    ]);
    await tamper('delete from budget_holds');
    expect((await findingsOf(null)).map(({ budgetId, recomputed }) => [budgetId, recomputed])).toEqual([
      [GLOBAL_BUDGET, { held_micros: '0' }],
      [user, { held_micros: '0' }],
    ]);
  });

  it.each([
    ['another sum', 'update budget_days set cost_micros = 1, requests = 3', { cost_micros: '1', requests: '3' }],
    ['none', 'delete from budget_days', { cost_micros: null, requests: null }],
  ])('names a day that has %s', async (_, sql, stored) => {
    await tamper(sql);
    expect(await findingsOf(null)).toMatchObject([
      {
        kind: 'budget_day_differs',
        budgetId: user,
        id: '2030-06-02 llm sandbox sandbox-chat',
        stored,
        recomputed: { requests: '2', tokens: '24', cost_micros: '40000', estimated_micros: '15000' },
      },
    ]);
  });

  it('names periods that have time in common, and one of which a slot is missing', async () => {
    await tamper(`insert into budget_periods (budget_id, slot, period_start, period_end) values ($1, 0, $2, $3)`, [
      user,
      later(START, -HOUR),
      later(START, HOUR),
    ]);
    await tamper(
      'delete from budget_periods where budget_id = $1 and used_micros = 0 and held_micros = 0 and slot = (select min(slot) from budget_periods where budget_id = $1 and used_micros = 0 and held_micros = 0)',
      [GLOBAL_BUDGET],
    );
    const overlaps = (await findingsOf(null)).filter(({ kind }) => kind === 'budget_periods_overlap');
    expect(overlaps).toMatchObject([
      { budgetId: GLOBAL_BUDGET, stored: { slots: '7' }, recomputed: { slots: '8' } },
      {
        budgetId: user,
        id: later(START, -HOUR).toISOString(),
        stored: { period_end: later(START, HOUR).toISOString(), next_period_start: START.toISOString() },
      },
    ]);
  });

  it.each([
    ['one of eight slots of', GLOBAL_BUDGET, 5_000_000],
    ['', null, 1_000_000],
  ])('names %s a budget that gives out more than is left', async (_, whose, limit) => {
    const id = whose ?? budgetOf(user);
    await tamper(`update budget_periods set free_micros = free_micros + 4000000 where budget_id = $1 and slot = 0`, [
      id,
    ]);
    expect(await findingsOf(null)).toMatchObject([
      { kind: 'budget_overpromised', budgetId: id, ...about, recomputed: { free_micros: String(limit - 47_000) } },
    ]);
    // Whoever comes next looks anew, so nothing is given out.
    await tamper(`update budget_periods set rules = '' where budget_id = $1`, [id]);
    expect(await findingsOf(null)).toEqual([]);
  });

  it('takes a configured limit, and none at all where a budget only tells', async () => {
    const { schedule, permissions } = Budget.unconfigured(budgetOf(user));
    const configured = (limit: bigint, mode: 'block' | 'alert_only'): Budget =>
      new Budget(budgetOf(user), Money.ofMicros(limit), schedule, Thresholds.usual, mode, permissions, null, 'test');
    await books.configure(configured(60_000n, 'block'));
    await books.hold(aDemand(user, 1_000));
    expect(await findingsOf(null)).toEqual([]);
    await tamper('update budget_periods set free_micros = 12001 where budget_id = $1', [user]);
    expect(await findingsOf(null)).toMatchObject([
      { stored: { free_micros: '12001' }, recomputed: { free_micros: '12000' } },
    ]);
    await books.configure(configured(10n, 'alert_only'));
    await books.hold(aDemand(user, 1_000));
    expect(await findingsOf(null)).toEqual([]);
  });
});
