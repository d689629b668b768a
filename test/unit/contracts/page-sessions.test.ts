import { aUser } from '#test/contracts/given';
import { pageSessionRepositoryContract } from '#test/contracts/page-session-repository.contract';
import { InMemoryDeviceRepository } from '#test/support/fakes/in-memory-device-repository';
import { InMemoryPageSessionRepository } from '#test/support/fakes/in-memory-page-session-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { InMemoryUserRepository } from '#test/support/fakes/in-memory-user-repository';

const transaction = new InMemoryTransaction(true);
const users = new InMemoryUserRepository(transaction);
const devices = new InMemoryDeviceRepository(transaction);
const world = {
  transaction,
  users,
  devices,
  sessions: new InMemoryPageSessionRepository(transaction, users, devices),
  givenUser: async () => {
    const user = aUser();
    await transaction.run(() => users.add(user));
    return user.id;
  },
};

pageSessionRepositoryContract(() => world);
