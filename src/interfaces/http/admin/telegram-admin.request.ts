import { buildMessage, IsOptional, IsString, Length, Matches, ValidateBy } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { findTelegramUserId, MOST_TELEGRAM_ID } from '#domain/accounts/telegram-init-data';

/** Has to be there, and may be null: a field that was forgotten must not unlink anybody. */
function IsTelegramUserIdOrNull(): PropertyDecorator {
  return ValidateBy({
    name: 'isTelegramUserIdOrNull',
    validator: {
      validate: (value) => value === null || findTelegramUserId(value) !== null,
      defaultMessage: buildMessage(() => `$property must be a whole number from 1 to ${MOST_TELEGRAM_ID}, or null`),
    },
  });
}

export class LinkTelegramRequest {
  @IsTelegramUserIdOrNull()
  @JSONSchema({
    description: 'The number of the user at Telegram; null unlinks.',
  })
  telegram_user_id!: number | null;

  @IsOptional()
  @IsString()
  @Length(1, 500)
  @Matches(/\S/, { message: 'reason must not be blank' })
  @JSONSchema({ description: 'Why; kept in the audit log with your name.' })
  reason?: string | null;
}
