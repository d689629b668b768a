import type { DataSource } from 'typeorm';
import { SqlTelegramAccountRepository } from '#infrastructure/accounts/sql-telegram-account-repository';
import { TypeOrmUserRepository } from '#infrastructure/accounts/typeorm-user-repository';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { SqlRefusalLog } from '#infrastructure/usage/sql-refusal-log';
import { aUser } from '#test/contracts/given';
import { type RefusalWorld, refusalLogContract } from '#test/contracts/refusal-log.contract';
import {
  telegramAccountRepositoryContract,
  type TelegramWorld,
} from '#test/contracts/telegram-account-repository.contract';
import { createTestDatabase, type TestDatabase } from '#test/support/test-database';

let testDatabase: TestDatabase;
let database: DataSource;
let world: RefusalWorld & TelegramWorld;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await dataSource({ url: testDatabase.url, poolSize: 8 }).initialize();
  const transaction = new TypeOrmTransaction(database);
  const users = new TypeOrmUserRepository(transaction);
  world = {
    transaction,
    refusals: new SqlRefusalLog(transaction),
    telegramAccounts: new SqlTelegramAccountRepository(transaction),
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

refusalLogContract(() => world);
telegramAccountRepositoryContract(() => world);
