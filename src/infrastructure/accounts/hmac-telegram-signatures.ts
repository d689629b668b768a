import { createHmac, timingSafeEqual } from 'node:crypto';
import { injectable } from 'inversify';
import { TelegramNotConfigured, type TelegramSignatures } from '#application/accounts/telegram-signatures';

export class TelegramSettings {
  constructor(
    /** As BotFather gives it; null when there is no bot. */
    readonly botToken: string | null,
  ) {}
}

/** https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app */
@injectable()
export class HmacTelegramSignatures implements TelegramSignatures {
  private readonly key: Buffer | null;

  constructor({ botToken }: TelegramSettings) {
    this.key = botToken === null ? null : createHmac('sha256', 'WebAppData').update(botToken).digest();
  }

  mustBeConfigured(): void {
    if (this.key === null) throw new TelegramNotConfigured();
  }

  isSigned(checkString: string, hash: string): boolean {
    if (this.key === null) throw new TelegramNotConfigured();
    const given = Buffer.from(/^[0-9a-f]{64}$/.test(hash) ? hash : '', 'hex');
    const right = createHmac('sha256', this.key).update(checkString).digest();
    return given.length === right.length && timingSafeEqual(given, right);
  }
}
