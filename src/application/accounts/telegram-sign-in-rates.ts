import type { TelegramUserId } from '#domain/accounts/telegram-account';

/** How often somebody may sign in with Telegram. Counted by each process for itself. */
export abstract class TelegramSignInRates {
  /** Counts one more. Throws RateLimited. */
  abstract admit(telegramUserId: TelegramUserId): Promise<void>;
}
