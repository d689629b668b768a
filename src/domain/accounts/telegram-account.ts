import { DomainException } from '../shared/domain-exception.js';
import type { UserId } from './user.js';

/** As Telegram numbers its users. */
export type TelegramUserId = number & { readonly __of: 'TelegramUser' };

/** By which user of Telegram a user of ours is known. Each has one of the other at most. */
export interface TelegramAccount {
  readonly telegramUserId: TelegramUserId;
  readonly userId: UserId;
  readonly linkedAt: Date;
}

export abstract class TelegramAccountRepository {
  abstract find(telegramUserId: TelegramUserId): Promise<TelegramAccount | null>;

  abstract findOf(userId: UserId): Promise<TelegramAccount | null>;

  /** In place of what its user was linked to before. Throws TelegramAccountTaken. Needs a running transaction. */
  abstract save(account: TelegramAccount): Promise<void>;

  /** What is not linked stays so. Needs a running transaction. */
  abstract removeOf(userId: UserId): Promise<void>;
}

export class TelegramAccountTaken extends DomainException {
  constructor(telegramUserId: TelegramUserId) {
    super(
      'telegram_account_taken',
      `Telegram user ${telegramUserId} is linked to another user. Unlink that one first.`,
      { telegram_user_id: telegramUserId },
      'conflict',
    );
  }
}

/** Telegram says who it is, and nobody told us which user of ours that is. */
export class TelegramNotLinked extends DomainException {
  constructor(telegramUserId: TelegramUserId) {
    super(
      'telegram_not_linked',
      `Telegram user ${telegramUserId} is linked to no account here. Send this number to the operator of this service, who can link it (PUT /api/v1/admin/users/:id/telegram, or "minutebook user telegram").`,
      { telegram_user_id: telegramUserId },
    );
  }
}
