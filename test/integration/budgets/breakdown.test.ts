import fc from 'fast-check';
import type { BudgetSlice, SpendShares } from '#application/budgets/budget-report';
import type { User, UserId } from '#domain/accounts/user';
import { type BudgetId, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetPeriod } from '#domain/budgets/budget-period';
import { SqlBudgetLedger } from '#infrastructure/budgets/sql-budget-ledger';
import { SqlBudgetReport } from '#infrastructure/budgets/sql-budget-report';
import type { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { AMPLE_BUDGETS } from '#test/support/builders/budgets';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { Given } from '../../contracts/given.js';
import { type PostgresWorld, postgresWorld } from '../../contracts/postgres-world.js';
import { SpendBook, type Spending } from './spend-book.js';

const HOUR_MS = 60 * 60 * 1000;
const MARCH = new Date('2026-03-01T00:00:00.000Z');
const NOW = new Date('2026-03-31T23:00:00.000Z');

let world: PostgresWorld;
let report: SqlBudgetReport;
let book: SpendBook;
const given = new Given(() => world);

beforeAll(async () => {
  world = await postgresWorld();
  const transaction = world.transaction as TypeOrmTransaction;
  report = new SqlBudgetReport(transaction);
  const ledger = new SqlBudgetLedger(transaction, new ManualClock(NOW), AMPLE_BUDGETS);
  book = new SpendBook(world, ledger, await given.rateCard());
});
afterAll(() => world.close());

/** Whose transcriptions are counted somewhere, as they are once one was started. */
const aSpender = async (): Promise<User> => {
  const user = await given.user();
  await given.hold(await given.session(user));
  return user;
};

const spend = (userId: UserId | null, at: string, cost: number, of: Partial<Spending> = {}): Promise<void> =>
  book.spend({
    ...{ source: 'ai', userId, at: new Date(at), cost, isEstimate: false, provider: 'openai', tokens: 10, ...of },
  });

const sharesOf = (id: BudgetId, start: string, end: string): Promise<SpendShares> =>
  report.sharesOf(id, BudgetPeriod.of(new Date(start), new Date(end)));

interface Row {
  readonly name: string | null;
  readonly cost: string;
  readonly estimated: string;
  readonly requests: number;
  readonly tokens: number;
}

/** The logs themselves, added up one by one. */
async function addedUp(id: BudgetId, { start, end }: BudgetPeriod, name: string): Promise<readonly Row[]> {
  return world.database.query<Row[]>(
    `select name, sum(cost_micros)::text as cost, coalesce(sum(cost_micros) filter (where is_estimate), 0)::text as estimated,
            count(*)::integer as requests, sum(tokens)::integer as tokens
       from (select s.*, ${name} as name from provider_spend s where s.at >= $1 and s.at < $2 and ($3::uuid is null or s.user_id = $3)) s
      group by name order by sum(cost_micros) desc, name collate "C"`,
    [start, end, id === GLOBAL_BUDGET ? null : id],
  );
}

const asRow = ({ cost, estimated, requests, tokens }: BudgetSlice, name: string): Row => ({
  ...{ name, cost: cost.micros.toString(), estimated: estimated.micros.toString(), requests, tokens },
});

/** Every figure, by the logs. */
async function mustAddUp(id: BudgetId, period: BudgetPeriod): Promise<void> {
  const shares = await report.sharesOf(id, period);
  const [total] = await addedUp(id, period, `''`);
  expect(asRow(shares.total, '')).toEqual(total ?? { name: '', cost: '0', estimated: '0', requests: 0, tokens: 0 });
  const named = [
    [shares.byProvider, 's.provider'],
    [shares.byService, 's.service::text'],
    [shares.byModel, `s.provider || '/' || s.model`],
  ] as const;
  for (const [slices, name] of named) {
    expect(slices.map((slice) => asRow(slice, slice.name))).toEqual(await addedUp(id, period, name));
  }
  const days = await addedUp(id, period, 's.day::text');
  const byDate = (one: Row, other: Row): number => (one.name! < other.name! ? -1 : 1);
  expect(shares.byDay.map((slice) => asRow(slice, slice.date))).toEqual([...days].sort(byDate));
  const dearest = await world.database.query<{ cost: string }[]>(
    `select s.cost_micros::text as cost from provider_spend s
      where s.at >= $1 and s.at < $2 and ($3::uuid is null or s.user_id = $3) order by s.cost_micros desc limit 10`,
    [period.start, period.end, id === GLOBAL_BUDGET ? null : id],
  );
  expect(shares.dearest.map(({ cost }) => cost.micros.toString())).toEqual(dearest.map(({ cost }) => cost));
}

describe('A breakdown', () => {
  it('of nothing is nothing', async () => {
    const { id } = await given.user();
    const nothing = { cost: { micros: 0n }, estimated: { micros: 0n }, requests: 0, tokens: 0 };
    expect(await sharesOf(budgetOf(id), '2026-03-01', '2026-04-01')).toMatchObject({
      ...{ total: nothing, byProvider: [], byService: [], byModel: [], byDay: [], dearest: [] },
    });
  });

  it('divides what was spent by provider, service, model and day, the dearest first', async () => {
    const { id } = await aSpender();
    await spend(id, '2026-03-01T00:00:00.000Z', 500);
    await spend(id, '2026-03-02T10:00:00.000Z', 300, { isEstimate: true, tokens: 3 });
    await spend(id, '2026-03-02T10:00:00.000Z', 900, { source: 'report', provider: 'mistral', tokens: 1 });
    await spend(id, '2026-03-31T22:59:59.999Z', 200, { source: 'session' });
    const shares = await sharesOf(budgetOf(id), '2026-03-01', '2026-04-01');
    const told = (slices: readonly (BudgetSlice & { readonly name?: string; readonly date?: string })[]): unknown =>
      slices.map((slice) => [slice.name ?? slice.date, slice.cost.micros, slice.estimated.micros, slice.requests]);
    expect(shares.total).toMatchObject({ cost: { micros: 1900n }, requests: 4, tokens: 10 + 7 + 3 + 7 + 1 });
    expect(told(shares.byProvider)).toEqual([
      ['mistral', 900n, 0n, 1],
      ['openai', 800n, 300n, 2],
      ['sandbox', 200n, 0n, 1],
    ]);
    expect(told(shares.byService)).toEqual([
      ['tts', 900n, 0n, 1],
      ['llm', 800n, 300n, 2],
      ['stt', 200n, 0n, 1],
    ]);
    expect(told(shares.byModel.slice(0, 2))).toEqual([
      ['mistral/voice', 900n, 0n, 1],
      ['openai/gpt-4o-mini', 800n, 300n, 2],
    ]);
    expect(told(shares.byDay)).toEqual([
      ['2026-03-01', 500n, 0n, 1],
      ['2026-03-02', 1200n, 300n, 2],
      ['2026-03-31', 200n, 0n, 1],
    ]);
    expect(shares.dearest.map(({ source, cost }) => [source, cost.micros])).toEqual([
      ['report', 900n],
      ['ai', 500n],
      ['ai', 300n],
      ['session', 200n],
    ]);
    expect(shares.dearest[1]).toMatchObject({
      ...{ at: new Date('2026-03-01T00:00:00.000Z'), userId: id, service: 'llm', provider: 'openai' },
      ...{ model: 'gpt-4o-mini', operation: '/v1/chat/completions', isEstimate: false, tokens: 17 },
    });
  });

  it('counts nothing before its period began, and nothing from its end on, whatever the hour', async () => {
    const { id } = await given.user();
    for (const at of ['11:59:59.999', '12:00:00.000', '15:29:59.999', '15:30:00.000']) {
      await spend(id, `2026-03-10T${at}Z`, 100);
      await spend(id, `2026-03-12T${at}Z`, 10);
    }
    await spend(id, '2026-03-11T00:00:00.000Z', 1);
    const used = async (start: string, end: string): Promise<bigint> =>
      (await sharesOf(budgetOf(id), `2026-03-${start}Z`, `2026-03-${end}Z`)).total.cost.micros;
    expect(await used('10T12:00:00', '12T15:30:00')).toBe(331n);
    expect(await used('10T12:00:00', '10T15:30:00')).toBe(200n);
    expect(await used('10T00:00:00', '12T15:30:00')).toBe(431n);
    expect(await used('10T12:00:00', '13T00:00:00')).toBe(341n);
  });

  it("tells nobody's money in the global one alone", async () => {
    const { id } = await given.user();
    await spend(null, '2026-02-10T10:00:00Z', 70_000_000, { source: 'report', provider: 'operator' });
    const all = await sharesOf(GLOBAL_BUDGET, '2026-02-10T09:00:00Z', '2026-02-11');
    expect(all.dearest[0]).toMatchObject({ userId: null, cost: { micros: 70_000_000n }, provider: 'operator' });
    expect((await sharesOf(GLOBAL_BUDGET, '2026-02-10', '2026-02-11')).byProvider[0]!.name).toBe('operator');
    expect((await sharesOf(budgetOf(id), '2026-02-01', '2026-03-01')).total.requests).toBe(0);
  });

  it('adds up to the logs, of one user and of all, in any period', async () => {
    const users: readonly User[] = [await aSpender(), await aSpender(), await aSpender()];
    const hours = fc.integer({ min: 0, max: 30 * 24 });
    const spending = fc.record({
      source: fc.constantFrom('ai' as const, 'ai' as const, 'session' as const, 'report' as const),
      who: fc.integer({ min: 0, max: 3 }),
      at: fc.tuple(hours, fc.constantFrom(0, 1, HOUR_MS / 2, HOUR_MS - 1)),
      cost: fc.constantFrom(0, 1, 7, 999, 50_000, 2_000_000),
      isEstimate: fc.boolean(),
      provider: fc.constantFrom('openai', 'anthropic', 'mistral'),
      tokens: fc.integer({ min: 0, max: 5000 }),
    });
    const periods = fc.array(fc.tuple(hours, fc.integer({ min: 1, max: 20 * 24 })), { minLength: 4, maxLength: 4 });
    const cases = fc.tuple(fc.array(spending, { minLength: 1, maxLength: 25 }), periods);
    await fc.assert(
      fc.asyncProperty(cases, async ([spendings, asked]) => {
        for (const { who, at, source, ...one } of spendings) {
          const isNobodys = who === 3;
          const userId = isNobodys ? null : users[who]!.id;
          const instant = new Date(MARCH.getTime() + at[0] * HOUR_MS + at[1]);
          await book.spend({ ...one, source: isNobodys ? 'report' : source, userId, at: instant });
        }
        for (const [from, length] of [[0, 31 * 24] as const, ...asked]) {
          const start = new Date(MARCH.getTime() + from * HOUR_MS);
          const period = BudgetPeriod.of(start, new Date(start.getTime() + length * HOUR_MS));
          for (const id of [GLOBAL_BUDGET, ...users.map((user) => budgetOf(user.id))]) await mustAddUp(id, period);
        }
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
