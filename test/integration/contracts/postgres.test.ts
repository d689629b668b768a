import { SqlCircuitStore } from '#infrastructure/gateway/sql-circuit-store';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { circuitStoreContract } from '#test/contracts/circuit-store.contract';
import { everyContract } from '#test/contracts/every-contract';
import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';

describe('PostgreSQL keeps every contract', () => {
  let world: PostgresWorld;
  beforeAll(async () => (world = await postgresWorld()));
  afterAll(() => world.close());
  everyContract(() => world, { runs: 120 });
  circuitStoreContract(() => new SqlCircuitStore(new TypeOrmTransaction(world.database)));
});
