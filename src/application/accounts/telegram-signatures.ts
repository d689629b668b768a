import { DomainException } from '#domain/shared/domain-exception';

/** Tells what Telegram signed for our bot from what anybody else made up. */
export abstract class TelegramSignatures {
  /** Throws TelegramNotConfigured. */
  abstract mustBeConfigured(): void;

  /** Whether `hash`, in hexadecimal digits, is the signature of `checkString`. Throws TelegramNotConfigured. */
  abstract isSigned(checkString: string, hash: string): boolean;
}

export class TelegramNotConfigured extends DomainException {
  constructor() {
    super(
      'telegram_not_configured',
      'This installation has no bot at Telegram: its operator sets TELEGRAM_BOT_TOKEN for one. Sign in in another way.',
      {},
      'not_found',
    );
  }
}
