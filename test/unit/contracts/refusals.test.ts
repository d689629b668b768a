import { newId } from '#test/contracts/given';
import { refusalLogContract } from '#test/contracts/refusal-log.contract';
import { telegramAccountRepositoryContract } from '#test/contracts/telegram-account-repository.contract';
import { InMemoryRefusalLog } from '#test/support/fakes/in-memory-refusal-log';
import { InMemoryTelegramAccountRepository } from '#test/support/fakes/in-memory-telegram-account-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';

const transaction = new InMemoryTransaction(true);
const world = {
  transaction,
  refusals: new InMemoryRefusalLog(transaction),
  telegramAccounts: new InMemoryTelegramAccountRepository(transaction),
  givenUser: async () => newId<'User'>(),
};

refusalLogContract(() => world);
telegramAccountRepositoryContract(() => world);
