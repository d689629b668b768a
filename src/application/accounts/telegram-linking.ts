import { AuditLog } from '#domain/accounts/audit-log';
import {
  type TelegramAccount,
  TelegramAccountRepository,
  type TelegramUserId,
} from '#domain/accounts/telegram-account';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import type { Operator } from './user-change.js';

/** What a user was linked to, and is now; null for nothing. */
export interface TelegramLink {
  readonly before: TelegramAccount | null;
  readonly after: TelegramAccount | null;
}

/** Says which user of Telegram a user is. Sessions of the page that were begun before last for their hour. */
@UseCase()
export class TelegramLinking {
  constructor(
    private readonly users: UserRepository,
    private readonly accounts: TelegramAccountRepository,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** Null unlinks. Throws UserNotFound and TelegramAccountTaken. A change that changes nothing is not recorded. */
  execute(userId: UserId, telegramUserId: TelegramUserId | null, operator: Operator): Promise<TelegramLink> {
    return this.transaction.run(async () => {
      await this.users.hold(userId);
      const before = await this.accounts.findOf(userId);
      if ((before?.telegramUserId ?? null) === telegramUserId) return { before, after: before };
      const after = telegramUserId === null ? null : { telegramUserId, userId, linkedAt: this.clock.now() };
      if (after === null) await this.accounts.removeOf(userId);
      else await this.accounts.save(after);
      const entry = { action: 'user.telegram', userId, before: facts(before), after: facts(after) };
      await this.audit.append({ ...operator, ...entry });
      return { before, after };
    });
  }
}

function facts(account: TelegramAccount | null): Readonly<Record<string, unknown>> {
  return { telegram_user_id: account?.telegramUserId ?? null };
}
