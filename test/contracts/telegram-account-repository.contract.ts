import type { Transaction } from '#application/ports/transaction';
import {
  type TelegramAccountRepository,
  TelegramAccountTaken,
  type TelegramUserId,
} from '#domain/accounts/telegram-account';
import { MOST_TELEGRAM_ID } from '#domain/accounts/telegram-init-data';
import type { UserId } from '#domain/accounts/user';

export interface TelegramWorld {
  readonly transaction: Transaction;
  readonly telegramAccounts: TelegramAccountRepository;
  givenUser(): Promise<UserId>;
}

const linkedAt = new Date('2026-03-10T12:00:00.000Z');
const id = (value: number): TelegramUserId => value as TelegramUserId;

export function telegramAccountRepositoryContract(given: () => TelegramWorld): void {
  const link = (telegramUserId: TelegramUserId, userId: UserId): Promise<void> =>
    given().transaction.run(() => given().telegramAccounts.save({ telegramUserId, userId, linkedAt }));

  describe('Telegram accounts', () => {
    it('are found from both sides, up to the largest number that Telegram may give', async () => {
      const user = await given().givenUser();
      const account = { telegramUserId: id(MOST_TELEGRAM_ID), userId: user, linkedAt };
      expect(await given().telegramAccounts.find(account.telegramUserId)).toBeNull();
      expect(await given().telegramAccounts.findOf(user)).toBeNull();
      await link(account.telegramUserId, user);
      expect(await given().telegramAccounts.find(account.telegramUserId)).toEqual(account);
      expect(await given().telegramAccounts.findOf(user)).toEqual(account);
    });

    it('are one of each: a second one takes the place of the first, which is free then', async () => {
      const [one, other] = [await given().givenUser(), await given().givenUser()];
      await link(id(11), one);
      await expect(link(id(11), other)).rejects.toThrow(TelegramAccountTaken);
      await link(id(12), one);
      expect(await given().telegramAccounts.find(id(11))).toBeNull();
      await link(id(11), other);
      expect((await given().telegramAccounts.findOf(other))?.telegramUserId).toBe(11);
    });

    it('go to one of two who are given the same at the same time', async () => {
      const users = [await given().givenUser(), await given().givenUser(), await given().givenUser()];
      const outcomes = await Promise.allSettled(users.map((user) => link(id(21), user)));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(TelegramAccountTaken);
      }
    });

    it('are gone when they are taken away, and it does not matter how often', async () => {
      const user = await given().givenUser();
      await link(id(31), user);
      const unlink = () => given().transaction.run(() => given().telegramAccounts.removeOf(user));
      await unlink();
      await unlink();
      expect(await given().telegramAccounts.find(id(31))).toBeNull();
    });

    it('are not changed outside a transaction', async () => {
      const user = await given().givenUser();
      const account = { telegramUserId: id(41), userId: user, linkedAt };
      await expect(given().telegramAccounts.save(account)).rejects.toThrow('transaction');
      await expect(given().telegramAccounts.removeOf(user)).rejects.toThrow('transaction');
    });
  });
}
