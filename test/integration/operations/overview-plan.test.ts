import type { OverviewOrder } from '#application/operations/user-overview';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { SqlUserOverviews } from '#infrastructure/operations/sql-user-overviews';
import type { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { AMPLE_BUDGETS } from '#test/support/builders/budgets';
import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';

const USERS = 10_000;
const PERIODS = 6;
const LIMIT = 20;
const NOW = new Date('2026-03-10T12:00:00.000Z');

let world: PostgresWorld;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

beforeAll(async () => {
  world = await postgresWorld(2);
  for (const fill of FILL) await world.database.query(fill, [USERS, PERIODS]);
  await world.database.query('vacuum analyze');
}, 240_000);
afterAll(() => world.close());

/** Of each statement that a page of the list runs, the rows that it reads of each table. */
async function readsOf(order: OverviewOrder, search: string | null): Promise<readonly Map<string, number>[]> {
  const asked: [string, unknown[]][] = [];
  const query = (sql: string, values: unknown[]): Promise<unknown> => {
    asked.push([sql, values]);
    return world.database.query(sql, values);
  };
  const overviews = new SqlUserOverviews(
    { reader: { query } } as unknown as TypeOrmTransaction,
    new FixedPlanCatalog(DEFAULT_CATALOG),
    AMPLE_BUDGETS,
  );
  const { items, total } = await overviews.list({ search, order }, { limit: LIMIT, offset: 40 }, NOW);
  expect([items.length, total]).toEqual([LIMIT, USERS]);
  return Promise.all(asked.map(([sql, values]) => explained(sql, values)));
}

async function explained(sql: string, values: readonly unknown[]): Promise<Map<string, number>> {
  const [row] = await world.database.query<[{ 'QUERY PLAN': readonly [{ Plan: Plan }] }]>(
    `explain (analyze, format json) ${sql}`,
    [...values],
  );
  const rows = new Map<string, number>();
  for (const node of nodesOf(row['QUERY PLAN'][0].Plan)) {
    const table = node['Relation Name'];
    if (table === undefined) continue;
    const read = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
    rows.set(table, (rows.get(table) ?? 0) + read);
  }
  return rows;
}

describe('The plan of a page of the list of users', () => {
  it.each<[OverviewOrder, string | null]>([
    ['newest', null],
    ['email', null],
    ['newest', 'EXAMPLE'],
  ])('reads how they stand of those on the page alone, by %s, searching for %s', async (order, search) => {
    const [users, standings] = (await readsOf(order, search)) as [Map<string, number>, Map<string, number>];
    // All of them to say how many there are; of the page no more than comes before its end.
    expect([...users.keys()]).toEqual(['users']);
    expect(users.get('users')).toBeLessThanOrEqual(USERS + 100);
    expect(Math.max(...standings.values())).toBeLessThanOrEqual(LIMIT * 4);
    expect([...standings.keys()]).toEqual(
      expect.arrayContaining(['users', 'period_usage', 'holds', 'credit_accounts', 'devices', 'budget_periods']),
    );
  });

  it('reads, by spend, the periods that run, and none of the many that are over', async () => {
    const [users, standings] = (await readsOf('spend', null)) as [Map<string, number>, Map<string, number>];
    expect(users.get('budget_periods')).toBeLessThanOrEqual(USERS);
    expect(Math.max(...standings.values())).toBeLessThanOrEqual(LIMIT * 4);
  });
});

const FILL = [
  `insert into users (id, email, name, role, plan, current_month_start, period_anchor, created_at)
   select gen_random_uuid(), n || '@example.com', 'Many', 'user', 'free', at, at, at
     from (select n, timestamptz '2025-06-01' + n * interval '1 minute' as at from generate_series(1, $1::integer) n) made
    where $2::integer > 0`,
  `insert into devices (id, user_id, name, key_hash, prefix, last_four, created_at, last_seen_at)
   select gen_random_uuid(), id, 'd', id::text, 'mb_test_', 'aaaa', created_at, created_at from users limit $1::integer + 0 * $2::integer`,
  `insert into credit_accounts (user_id, hash) select id, credit_chain_origin(id) from users limit $1::integer + 0 * $2::integer`,
  `insert into period_usage (user_id, period_start, period_end)
   select u.id, u.period_anchor + back * interval '1 month', u.period_anchor + (back + 1) * interval '1 month'
     from (select * from users limit $1::integer) u, generate_series(0, $2::integer) back`,
  `insert into budget_periods (budget_id, slot, period_start, period_end, used_micros)
   select u.id, 0, timestamptz '2026-03-01' - back * interval '1 month', timestamptz '2026-04-01' - back * interval '1 month', back
     from (select * from users limit $1::integer) u, generate_series(0, $2::integer) back`,
  `insert into sessions (id, user_id, period_start, title, language, stt_provider, status, created_at, updated_at)
   select gen_random_uuid(), u.id, u.period_anchor, 't', 'en', 's', 'completed', u.created_at, u.created_at
     from (select * from users limit $1::integer) u, generate_series(1, $2::integer) n`,
];
