import { TelegramAccountRepository, TelegramNotLinked } from '#domain/accounts/telegram-account';
import { TelegramInitData, TelegramInitDataRefused } from '#domain/accounts/telegram-init-data';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { type BegunPageSession, PageSessionCreation } from './page-session-creation.js';
import { TelegramSignatures } from './telegram-signatures.js';
import { TelegramSignInRates } from './telegram-sign-in-rates.js';

/** A link to the own billing page for whom Telegram says it is, if an operator linked the two. */
@UseCase()
export class TelegramSignIn {
  constructor(
    private readonly signatures: TelegramSignatures,
    private readonly rates: TelegramSignInRates,
    private readonly accounts: TelegramAccountRepository,
    private readonly creation: PageSessionCreation,
    private readonly clock: Clock,
  ) {}

  /**
   * The same init data signs in again within its hour, with a session of its own each time: a Mini App that is loaded anew has no
   * other. Throws TelegramNotConfigured, TelegramInitDataRefused, RateLimited, TelegramNotLinked and UserSuspended.
   */
  async execute(initData: string): Promise<BegunPageSession> {
    this.signatures.mustBeConfigured();
    const data = TelegramInitData.of(initData);
    if (!this.signatures.isSigned(data.checkString, data.hash)) {
      throw new TelegramInitDataRefused(
        'signature',
        'was not signed for the bot of this service, or was changed since',
      );
    }
    const telegramUserId = data.userAt(this.clock.now());
    await this.rates.admit(telegramUserId);
    const account = await this.accounts.find(telegramUserId);
    if (account === null) throw new TelegramNotLinked(telegramUserId);
    const { userId } = account;
    // As if the user asked: with no more rights than the billing page has for anybody.
    const caller = { userId, role: 'user', deviceId: null } as const;
    return this.creation.execute(caller, { userId, scope: 'billing', returnUrl: null });
  }
}
