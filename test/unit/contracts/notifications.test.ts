import { newId } from '#test/contracts/given';
import { notificationRepositoryContract } from '#test/contracts/notification-repository.contract';
import { InMemoryNotificationRepository } from '#test/support/fakes/in-memory-notification-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';

const transaction = new InMemoryTransaction(true);
const world = {
  transaction,
  notifications: new InMemoryNotificationRepository(transaction),
  givenUser: async () => newId<'User'>(),
};

notificationRepositoryContract(() => world);
