import { injectable } from 'inversify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { TelegramSignInRates } from '#application/accounts/telegram-sign-in-rates';
import { RateLimited } from '#application/gateway/request-rates';
import type { TelegramUserId } from '#domain/accounts/telegram-account';

const A_MINUTE = 10;

/** A singleton of its process. */
@injectable()
export class MemoryTelegramSignInRates implements TelegramSignInRates {
  private readonly perMinute = new RateLimiterMemory({ points: A_MINUTE, duration: 60 });

  async admit(telegramUserId: TelegramUserId): Promise<void> {
    try {
      await this.perMinute.consume(telegramUserId);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new RateLimited('requests_per_minute', A_MINUTE, error.msBeforeNext);
    }
  }
}
