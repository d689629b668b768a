import type { DataSource } from 'typeorm';
import { TypeOrmUserRepository } from '#infrastructure/accounts/typeorm-user-repository';
import { SqlActiveAdmins } from '#infrastructure/notifications/sql-active-admins';
import { SqlNotificationRepository } from '#infrastructure/notifications/sql-notification-repository';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { aUser } from '#test/contracts/given';
import {
  type NotificationWorld,
  notificationRepositoryContract,
} from '#test/contracts/notification-repository.contract';
import { createTestDatabase, type TestDatabase } from '#test/support/test-database';

let testDatabase: TestDatabase;
let database: DataSource;
let transaction: TypeOrmTransaction;
let users: TypeOrmUserRepository;
let world: NotificationWorld;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await dataSource({ url: testDatabase.url, poolSize: 8 }).initialize();
  transaction = new TypeOrmTransaction(database);
  users = new TypeOrmUserRepository(transaction);
  world = {
    transaction,
    notifications: new SqlNotificationRepository(transaction),
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

notificationRepositoryContract(() => world);

describe('Active admins', () => {
  it('are all admins who are not suspended, and nobody else', async () => {
    const [one, other, gone, coach] = [
      aUser({ role: 'admin' }),
      aUser({ role: 'admin' }),
      aUser({ role: 'admin', suspendedAt: new Date('2026-03-10T12:00:00.000Z') }),
      aUser(),
    ];
    await transaction.run(async () => {
      for (const user of [one, other, gone, coach]) await users.add(user);
    });
    expect(await new SqlActiveAdmins(transaction).list()).toEqual([one.id, other.id].sort());
  });
});
