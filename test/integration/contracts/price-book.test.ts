import type { DataSource } from 'typeorm';
import { SqlPriceBook } from '#infrastructure/gateway/sql-price-book';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { type PriceBookWorld, priceBookContract } from '#test/contracts/price-book.contract';
import { createTestDatabase, type TestDatabase } from '#test/support/test-database';

let testDatabase: TestDatabase;
let database: DataSource;
let world: PriceBookWorld;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await dataSource({ url: testDatabase.url, poolSize: 4 }).initialize();
  const transaction = new TypeOrmTransaction(database);
  world = { transaction, prices: new SqlPriceBook(transaction) };
});
afterAll(async () => {
  await database.destroy();
  await testDatabase.drop();
});

priceBookContract(() => world);
