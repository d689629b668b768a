import type { DataSource } from 'typeorm';
import { SqlPageSessionRepository } from '#infrastructure/accounts/sql-page-session-repository';
import { TypeOrmDeviceRepository } from '#infrastructure/accounts/typeorm-device-repository';
import { TypeOrmUserRepository } from '#infrastructure/accounts/typeorm-user-repository';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { aUser } from '#test/contracts/given';
import { pageSessionRepositoryContract, type PageSessionWorld } from '#test/contracts/page-session-repository.contract';
import { createTestDatabase, type TestDatabase } from '#test/support/test-database';

let testDatabase: TestDatabase;
let database: DataSource;
let world: PageSessionWorld;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await dataSource({ url: testDatabase.url, poolSize: 8 }).initialize();
  const transaction = new TypeOrmTransaction(database);
  const users = new TypeOrmUserRepository(transaction);
  world = {
    transaction,
    users,
    devices: new TypeOrmDeviceRepository(transaction),
    sessions: new SqlPageSessionRepository(transaction),
    givenUser: async () => {
      const user = aUser();
      await transaction.run(() => users.add(user));
      return user.id;
    },
  };
});
afterAll(async () => {
  await database.destroy();
  await testDatabase.drop();
});

pageSessionRepositoryContract(() => world);
