import { injectable } from 'inversify';
import {
  type TelegramAccount,
  type TelegramAccountRepository,
  TelegramAccountTaken,
  type TelegramUserId,
} from '#domain/accounts/telegram-account';
import type { UserId } from '#domain/accounts/user';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlTelegramAccountRepository implements TelegramAccountRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async find(telegramUserId: TelegramUserId): Promise<TelegramAccount | null> {
    return this.one('telegram_user_id = $1', telegramUserId);
  }

  async findOf(userId: UserId): Promise<TelegramAccount | null> {
    return this.one('user_id = $1', userId);
  }

  /** Whoever links the same account at the same time is waited for, and then is the other. */
  async save({ telegramUserId, userId, linkedAt }: TelegramAccount): Promise<void> {
    await this.removeOf(userId);
    const added = await this.database.writer.query<unknown[]>(
      `insert into telegram_accounts (telegram_user_id, user_id, linked_at) values ($1, $2, $3)
       on conflict (telegram_user_id) do nothing
       returning 1`,
      [telegramUserId, userId, linkedAt],
    );
    if (added.length === 0) throw new TelegramAccountTaken(telegramUserId);
  }

  async removeOf(userId: UserId): Promise<void> {
    await this.database.writer.query(`delete from telegram_accounts where user_id = $1`, [userId]);
  }

  private async one(wanted: string, value: unknown): Promise<TelegramAccount | null> {
    const [row] = await this.database.reader.query<TelegramAccountRow[]>(
      `select telegram_user_id, user_id, linked_at from telegram_accounts where ${wanted}`,
      [value],
    );
    if (!row) return null;
    const telegramUserId = Number(row.telegram_user_id) as TelegramUserId;
    return { telegramUserId, userId: row.user_id, linkedAt: row.linked_at };
  }
}

interface TelegramAccountRow {
  /** The driver's way to write a bigint; 52 bits of it fit into a number. */
  readonly telegram_user_id: string;
  readonly user_id: UserId;
  readonly linked_at: Date;
}
