import { SqlCostRates } from '#infrastructure/budgets/sql-cost-rates';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { dataSource } from '#infrastructure/persistence/data-source';
import { costRatesContract } from '#test/contracts/cost-rates.contract';
import { createTestDatabase, type TestDatabase } from '#test/support/test-database';

describe('In PostgreSQL', () => {
  let testDatabase: TestDatabase;
  let database: ReturnType<typeof dataSource>;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = await dataSource({ url: testDatabase.url, poolSize: 2 }).initialize();
  });

  afterAll(async () => {
    await database.destroy();
    await testDatabase.drop();
  });

  costRatesContract(() => ({
    rates: new SqlCostRates(new TypeOrmTransaction(database)),
    add: async ({ provider, model, service, unit, microsPerMillion, effectiveFrom, source }, until) => {
      await database.query(
        `insert into service_rates (id, provider, model, service, unit, micros_per_million_units, effective_from, effective_until, source)
         values (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8)`,
        [provider, model, service, unit, microsPerMillion, effectiveFrom, until, source],
      );
    },
  }));

  it.each(['update service_rates set source = source', 'delete from service_rates', 'truncate service_rates'])(
    'Nobody changes a rate: %s',
    async (statement) => {
      await expect(database.query(statement)).rejects.toThrow();
    },
  );
});
