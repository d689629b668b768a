import { IsInt, IsOptional, IsUUID } from 'class-validator';
import { injectable } from 'inversify';
import { TelegramLinking } from '#application/accounts/telegram-linking';
import { findTelegramUserId } from '#domain/accounts/telegram-init-data';
import { UserNotFound } from '#domain/accounts/user-repository';
import { Controller, operation } from '../shared/operation.js';
import { idParam } from '../shared/params.js';
import { IsInstant } from '../shared/shapes.js';
import { LinkTelegramRequest } from './telegram-admin.request.js';

export class TelegramLinkResponse {
  @IsUUID() user_id!: string;
  @IsOptional() @IsInt() telegram_user_id!: number | null;
  @IsOptional() @IsInstant() linked_at!: string | null;
}

/** Which user of Telegram a user is. */
@injectable()
export class TelegramAdminController implements Controller {
  constructor(private readonly linking: TelegramLinking) {}

  readonly operations = [
    operation({
      method: 'put',
      path: '/api/v1/admin/users/:id/telegram',
      tag: 'admin',
      summary: 'Say which user of Telegram a user is, or that it is none',
      description:
        'Whoever opens the Mini App as that user of Telegram is signed in to the billing page of this user. ' +
        'Refused with `telegram_account_taken` when another user is linked to it.',
      access: 'admin',
      body: LinkTelegramRequest,
      answer: TelegramLinkResponse,
      refusals: ['not_found', 'conflict'],
      handle: async (call) => {
        const userId = idParam<'User'>(call, UserNotFound);
        const { telegram_user_id: wanted, reason } = call.body;
        const operator = { actor: call.caller.userId, reason: reason ?? null };
        const { after } = await this.linking.execute(userId, findTelegramUserId(wanted), operator);
        return {
          user_id: userId,
          telegram_user_id: after?.telegramUserId ?? null,
          linked_at: after?.linkedAt.toISOString() ?? null,
        };
      },
    }),
  ];
}
