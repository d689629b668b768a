import {
  type TelegramAccount,
  type TelegramAccountRepository,
  TelegramAccountTaken,
  type TelegramUserId,
} from '#domain/accounts/telegram-account';
import type { UserId } from '#domain/accounts/user';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryTelegramAccountRepository implements TelegramAccountRepository {
  private readonly rows: Table<TelegramAccount>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('telegram_accounts');
  }

  async find(telegramUserId: TelegramUserId): Promise<TelegramAccount | null> {
    return this.rows.get(String(telegramUserId));
  }

  async findOf(userId: UserId): Promise<TelegramAccount | null> {
    return this.rows.all().find((account) => account.userId === userId) ?? null;
  }

  async save(account: TelegramAccount): Promise<void> {
    await this.removeOf(account.userId);
    const key = String(account.telegramUserId);
    if (this.rows.has(key)) throw new TelegramAccountTaken(account.telegramUserId);
    this.rows.put(key, account);
  }

  async removeOf(userId: UserId): Promise<void> {
    this.transaction.mustRun();
    for (const account of this.rows.all()) {
      if (account.userId === userId) this.rows.delete(String(account.telegramUserId));
    }
  }
}
