import { ProviderUsageRecord, type ReportedUsage } from '#application/budgets/provider-usage-record';
import { UserNotFound } from '#domain/accounts/user-repository';
import type { UserId } from '#domain/accounts/user';
import { GLOBAL_BUDGET } from '#domain/budgets/budget';
import { SqlBudgetLedger } from '#infrastructure/budgets/sql-budget-ledger';
import { SqlProviderUsageLog } from '#infrastructure/budgets/sql-provider-usage-log';
import type { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { UuidGenerator } from '#infrastructure/system/uuid-generator';
import { AMPLE_BUDGETS } from '#test/support/builders/budgets';
import { micros } from '#test/support/builders/credits';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { Given, newId } from '../../contracts/given.js';
import { type PostgresWorld, postgresWorld } from '../../contracts/postgres-world.js';

const NOW = new Date('2026-03-10T12:00:00.000Z');

let world: PostgresWorld;
let ledger: SqlBudgetLedger;
let record: ProviderUsageRecord;
const given = new Given(() => world);

beforeAll(async () => {
  world = await postgresWorld(16);
  const transaction = world.transaction as TypeOrmTransaction;
  const clock = new ManualClock(NOW);
  ledger = new SqlBudgetLedger(transaction, clock, AMPLE_BUDGETS);
  const log = new SqlProviderUsageLog(transaction);
  record = new ProviderUsageRecord(world.users, log, ledger, transaction, clock, new UuidGenerator());
});
afterAll(() => world.close());

const report = (userId: UserId | null, of: Partial<ReportedUsage> = {}): Promise<'recorded' | 'duplicate'> =>
  record.execute(
    {
      ...{
        userId,
        requestId: newId(),
        service: 'llm',
        provider: 'mistral',
        model: 'mistral-small',
        operation: 'batch',
      },
      ...{ tokens: 1500, estimated: micros(1500), actual: null, succeeded: true, metadata: { batch: 7 }, at: NOW },
      ...of,
    },
    'an operator',
  );

const number = async (sql: string, ...values: readonly unknown[]): Promise<number> => {
  const [row] = await world.database.query<[{ n: number }]>(`select coalesce(${sql})::integer as n`, [...values]);
  return row.n;
};
const used = (id: string): Promise<number> =>
  number(`(select sum(used_micros) from budget_periods where budget_id = $1), 0`, id);
const days = (id: string): Promise<number> =>
  number(`(select sum(cost_micros) from budget_days where user_id = $1), 0`, id);
const logged = (id: string | null): Promise<number> =>
  number(`(select sum(cost_micros) from provider_spend where user_id is not distinct from $1::uuid), 0`, id);

describe('Usage that is reported', () => {
  it('is kept whole, and counts in both budgets and in its day', async () => {
    const { id } = await given.user();
    const before = await used(GLOBAL_BUDGET);
    expect(await report(id, { requestId: 'nightly', actual: micros(900) })).toBe('recorded');
    expect([await used(id), await days(id), await logged(id)]).toEqual([900, 900, 900]);
    expect(await used(GLOBAL_BUDGET)).toBe(before + 900);
    const rows = await world.database.query(`select * from provider_usage_logs where user_id = $1`, [id]);
    expect(rows).toMatchObject([
      {
        ...{
          request_id: 'report:nightly',
          service: 'llm',
          provider: 'mistral',
          model: 'mistral-small',
          operation: 'batch',
        },
        ...{ tokens: '1500', estimated_micros: '1500', actual_micros: '900', succeeded: true, metadata: { batch: 7 } },
        ...{ actor: 'an operator', at: NOW },
      },
    ]);
  });

  it('is written down once, however many report it at once', async () => {
    const { id } = await given.user();
    const answers = await Promise.all(Array.from({ length: 16 }, () => report(id, { requestId: 'once' })));
    expect(answers.filter((answer) => answer === 'recorded')).toHaveLength(1);
    expect([await used(id), await days(id), await logged(id)]).toEqual([1500, 1500, 1500]);
  });

  it('of nobody counts in the global budget alone, once, too', async () => {
    const before = await used(GLOBAL_BUDGET);
    const answers = await Promise.all(Array.from({ length: 8 }, () => report(null, { requestId: 'own' })));
    expect(answers.filter((answer) => answer === 'recorded')).toHaveLength(1);
    expect(await used(GLOBAL_BUDGET)).toBe(before + 1500);
    expect([await days(GLOBAL_BUDGET), await logged(null)]).toEqual([1500, 1500]);
  });

  it('gives back no hold of the gateway that has the same name', async () => {
    const { id } = await given.user();
    const demand = { userId: id, requestId: 'shared', cost: micros(70), at: NOW, expiresAt: new Date('2026-03-11') };
    await world.transaction.run(() => ledger.hold(demand));
    await report(id, { requestId: 'shared' });
    expect(await number(`(select sum(held_micros) from budget_periods where budget_id = $1), 0`, id)).toBe(70);
  });

  it('of long ago counts in the period that it was in', async () => {
    const { id } = await given.user();
    await report(id, { at: new Date('2025-12-31T23:59:59.999Z') });
    const rows = await world.database.query(
      `select period_start, used_micros from budget_periods where budget_id = $1 and used_micros > 0`,
      [id],
    );
    expect(rows).toEqual([{ period_start: new Date('2025-12-01T00:00:00.000Z'), used_micros: '1500' }]);
  });

  it('of a user nobody knows leaves nothing behind', async () => {
    const [id, before] = [newId<'User'>(), await used(GLOBAL_BUDGET)];
    await expect(report(id)).rejects.toThrow(UserNotFound);
    expect([await used(id), await days(id), await logged(id), await used(GLOBAL_BUDGET)]).toEqual([0, 0, 0, before]);
  });
});
