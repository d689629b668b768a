import { setTimeout as pause } from 'node:timers/promises';
import { BudgetVerification } from '#application/budgets/budget-verification';
import type { UserId } from '#domain/accounts/user';
import { Thresholds } from '#domain/budgets/alert-level';
import { Budget, type BudgetId, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetExceeded, type BudgetDemand } from '#domain/budgets/budget-ledger';
import { Money } from '#domain/shared/money';
import { SqlBudgetFindings } from '#infrastructure/budgets/sql-budget-findings';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { aSpend, rulesOf } from '#test/contracts/budget-life';
import type { PostgresBudgetBooks } from '#test/contracts/postgres-budget-books';
import { Given, HOUR, later, newId } from '#test/contracts/given';
import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';

const RUNS = 20;
const AT_ONCE = 64;
const SLOTS = 8;
const AMPLE = 10_000_000_000;
/** Of one hold, and what must be left for it. */
const [COST, PADDED] = [50_000, 55_000];

const micros = (amount: number): Money => Money.ofMicros(BigInt(amount));

let world: PostgresWorld;
let books: PostgresBudgetBooks;
const given = new Given(() => world);
let month = 0;

beforeAll(async () => {
  world = await postgresWorld(70);
  books = world.budgetBooks(
    rulesOf({ global: AMPLE, free: AMPLE, pro: AMPLE, microAllowance: 0 }),
  ) as PostgresBudgetBooks;
});
// Each in a month of its own, since all share the global budget.
beforeEach(() => nextMonth());
afterEach(async () => {
  await limitTo(GLOBAL_BUDGET, AMPLE);
  const { findings } = await new BudgetVerification(
    new SqlBudgetFindings(new TypeOrmTransaction(world.database)),
  ).execute(null);
  expect(findings).toEqual([]);
});
afterAll(() => world?.close());

function nextMonth(): void {
  books.clock.set(new Date(Date.UTC(2030, (month += 2), 2, 12)));
}

async function limitTo(id: BudgetId, limit: number): Promise<void> {
  const { schedule, permissions } = Budget.unconfigured(id);
  await books.configure(new Budget(id, micros(limit), schedule, Thresholds.usual, 'block', permissions, null, 'test'));
}

const aDemand = (userId: UserId, cost: number, lastsMs = HOUR): BudgetDemand => {
  const at = books.clock.now();
  return { userId, requestId: newId(), cost: micros(cost), at, expiresAt: later(at, lastsMs) };
};

/** Null when it is held. */
async function refusalOf(demand: BudgetDemand): Promise<BudgetExceeded | null> {
  try {
    await books.hold(demand);
    return null;
  } catch (error) {
    if (error instanceof BudgetExceeded) return error;
    throw error;
  }
}

async function usersOfAllSlots(): Promise<readonly UserId[]> {
  const slots = new Map<number, UserId[]>();
  while (slots.size < SLOTS || [...slots.values()].some((users) => users.length < 2)) {
    const { id } = await given.user();
    const slot = parseInt(id.slice(-2), 16) % SLOTS;
    slots.set(slot, [...(slots.get(slot) ?? []), id]);
  }
  return [...slots.values()].flatMap((users) => users.slice(0, 2));
}

const standing = async (id: BudgetId): Promise<{ used: bigint; held: bigint }> => {
  const { used, held } = (await books.stateOf([id], books.clock.now()))[0]!;
  return { used, held };
};

const heldOf = async (id: BudgetId): Promise<bigint> => (await standing(id)).held;

describe('the last of a budget', () => {
  it.each([
    ['a user', async () => [(await given.user()).id]],
    ['all users together', usersOfAllSlots],
  ] as const)(
    `of %s is held by exactly as many of ${AT_ONCE} at once as fit, ${RUNS} times of ${RUNS}`,
    async (_, whose) => {
      const users = await whose();
      const id = users.length === 1 ? budgetOf(users[0]!) : GLOBAL_BUDGET;
      for (let run = 0; run < RUNS; run++) {
        nextMonth();
        const fit = (run % 5) + 1;
        await limitTo(id, (fit - 1) * COST + PADDED);
        const demands = Array.from({ length: AT_ONCE }, (_, n) => aDemand(users[n % users.length]!, COST));
        const refusals = (await Promise.all(demands.map(refusalOf))).filter((refusal) => refusal !== null);
        expect(refusals).toHaveLength(AT_ONCE - fit);
        const scope = users.length === 1 ? 'user' : 'global';
        for (const refusal of refusals) expect(refusal).toMatchObject({ scope, reason: 'budget_spent' });
        expect(await heldOf(id)).toBe(BigInt(fit * COST));
        // In the other budget, too: what one refused the other has given back.
        const others = await Promise.all((users.length === 1 ? [GLOBAL_BUDGET] : users.map(budgetOf)).map(heldOf));
        expect(others.reduce((sum, held) => sum + held)).toBe(BigInt(fit * COST));
      }
    },
  );

  it('is refused to two of five concurrent requests of 30 % of it each, and to nobody when those have ended', async () => {
    const { id: userId } = await given.user();
    const id = budgetOf(userId);
    await limitTo(id, 1_000_000);
    await books.settle(aSpend({ ...aDemand(userId, 0), cost: micros(800_000) }));
    const burst = Array.from({ length: 5 }, () => aDemand(userId, 60_000));
    const refusals = await Promise.all(burst.map(refusalOf));
    expect(refusals.filter((refusal) => refusal !== null)).toHaveLength(2);
    expect(refusals.find((refusal) => refusal !== null)).toMatchObject({
      code: 'budget_exceeded',
      facts: {
        budget: 'user',
        limit_micros: 1_000_000,
        used_micros: 800_000,
        held_micros: 180_000,
        required_with_buffer_micros: 66_000,
      },
    });
    const running = burst.filter((_, n) => refusals[n] === null);
    await Promise.all(running.map((demand) => books.settle(aSpend({ ...demand, cost: micros(20_000) }))));
    expect(await standing(id)).toEqual({ used: 860_000n, held: 0n });
    for (const demand of [aDemand(userId, 60_000), aDemand(userId, 60_000)]) expect(await refusalOf(demand)).toBeNull();
  });

  it('is whole again after fifty requests that were cancelled or failed', async () => {
    const { id: userId } = await given.user();
    const id = budgetOf(userId);
    await limitTo(id, 50 * 10_000 + 1_000);
    const demands = Array.from({ length: 50 }, () => aDemand(userId, 10_000));
    expect(await Promise.all(demands.map(refusalOf))).toEqual(demands.map(() => null));
    expect(await refusalOf(aDemand(userId, 10_000))).not.toBeNull();
    await Promise.all(
      demands.map((demand, n) =>
        n % 2 === 0
          ? books.release(userId, demand.requestId)
          : books.settle(aSpend({ ...demand, cost: Money.zero, provider: null, model: null })),
      ),
    );
    expect([await heldOf(id), await heldOf(GLOBAL_BUDGET)]).toEqual([0n, 0n]);
    const left = await world.database.query('select request_id from budget_holds where user_id = $1', [userId]);
    expect(left).toEqual([]);
    expect(await refusalOf(aDemand(userId, 455_000))).toBeNull();
  });

  it('is there again when holds ran out, by the clock alone', async () => {
    const { id: userId } = await given.user();
    for (const id of [budgetOf(userId), GLOBAL_BUDGET]) await limitTo(id, 100_000);
    for (let n = 0; n < 3; n++) await books.hold(aDemand(userId, 30_000, 60_000));
    const wanted = aDemand(userId, 90_000);
    expect(await refusalOf(wanted)).toMatchObject({ scope: 'user', facts: { held_micros: 90_000 } });
    books.clock.advance(59.999);
    expect(await refusalOf(wanted)).not.toBeNull();
    books.clock.advance(0.001);
    expect(await refusalOf(wanted)).toBeNull();
    expect([await heldOf(budgetOf(userId)), await heldOf(GLOBAL_BUDGET)]).toEqual([90_000n, 90_000n]);
  });
});

describe('a storm of 32 writers', () => {
  const WRITERS = 32;
  const DEEDS = 60;
  const [GLOBAL, OWN] = [3_000_000, 400_000];

  it('never has more spent and held than the limit, tells each alert once, and locks nobody out', async () => {
    const users = await usersOfAllSlots();
    await limitTo(GLOBAL_BUDGET, GLOBAL);
    for (const id of users) await limitTo(budgetOf(id), OWN);
    const limits = new Map<BudgetId, number>([
      [GLOBAL_BUDGET, GLOBAL],
      ...users.map((id) => [budgetOf(id), OWN] as const),
    ]);
    const before = await deadlocks();
    const seen = { samples: 0, most: 0n, held: 0, refused: 0 };
    let isOver = false;

    const sampler = async (): Promise<void> => {
      while (!isOver) {
        const states = await books.stateOf([...limits.keys()], books.clock.now());
        const over = states.filter(({ id, used, held }) => used + held > BigInt(limits.get(id)!));
        expect(over).toEqual([]);
        seen.samples++;
        if (states[0]!.used > seen.most) seen.most = states[0]!.used;
        await pause(2);
      }
    };
    const writer = async (_: unknown, number: number): Promise<void> => {
      const running: BudgetDemand[] = [];
      for (let n = 0; n < DEEDS; n++) {
        const kind = (n * 7 + number) % 10;
        const known = kind < 5 ? undefined : running.shift();
        if (known && kind === 9) await books.release(known.userId, known.requestId);
        else if (known)
          await books.settle(aSpend({ ...known, cost: micros(Number(known.cost.micros) - ((n * number) % 5_000)) }));
        else {
          const demand = aDemand(users[(n * 5 + number) % users.length]!, 5_000 + ((n * 37 + number * 11) % 3_000));
          if ((await refusalOf(demand)) === null) running.push(demand);
          else seen.refused++;
          seen.held = Math.max(seen.held, running.length);
        }
        if (number === 0 && n % 10 === 9) books.clock.advance(60);
      }
      for (const { userId, requestId } of running) await books.release(userId, requestId);
    };
    const sampling = sampler();
    await Promise.all(Array.from({ length: WRITERS }, writer)).finally(() => (isOver = true));
    await sampling;

    expect(seen.samples).toBeGreaterThan(20);
    expect(seen.refused).toBeGreaterThan(50);
    expect(await heldOf(GLOBAL_BUDGET)).toBe(0n);
    const alerts = await world.database.query<readonly { n: string }[]>(
      `select count(*) as n from budget_alerts where budget_id = $1 and period_start > now() group by period_start, kind having count(*) > 1`,
      [GLOBAL_BUDGET],
    );
    expect(alerts).toEqual([]);
    expect(await deadlocks()).toBe(before);
  }, 120_000);

  async function deadlocks(): Promise<string> {
    await world.database.query('select pg_stat_force_next_flush()');
    const [{ deadlocks: count }] = await world.database.query<[{ deadlocks: string }]>(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    return count;
  }
});
