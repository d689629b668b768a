import { newId } from '#test/contracts/given';
import { pageSessionRepositoryContract } from '#test/contracts/page-session-repository.contract';
import { InMemoryPageSessionRepository } from '#test/support/fakes/in-memory-page-session-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';

const transaction = new InMemoryTransaction(true);
const world = {
  transaction,
  sessions: new InMemoryPageSessionRepository(transaction),
  givenUser: async () => newId<'User'>(),
};

pageSessionRepositoryContract(() => world);
