import { type Command, InvalidArgumentError } from 'commander';
import { type TelegramLink, TelegramLinking } from '#application/accounts/telegram-linking';
import { Transaction } from '#application/ports/transaction';
import type { TelegramUserId } from '#domain/accounts/telegram-account';
import { findTelegramUserId, MOST_TELEGRAM_ID } from '#domain/accounts/telegram-init-data';
import type { User } from '#domain/accounts/user';
import type { Answer } from '../shared/answer.js';
import {
  type ChangeOptions,
  type UserChoice,
  chosenUser,
  reasonOf,
  takesChange,
  takesUser,
  usageError,
} from '../shared/options.js';
import { perform } from '../shared/rehearsal.js';
import type { Run } from '../shared/run.js';

interface TelegramOptions extends UserChoice, ChangeOptions {
  readonly telegramId?: TelegramUserId;
  readonly unlink?: boolean;
}

export function telegramCommand(user: Command, run: Run): void {
  takesChange(
    takesUser(user.command('telegram').summary('say which user of Telegram a user is'))
      .option('--telegram-id <number>', 'the number of the user at Telegram', telegramId)
      .option('--unlink', 'say that it is none any more'),
  )
    .description(
      'Links a user with a user of Telegram, who can then open the billing page as a Mini App without any other sign-in.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook user telegram --email ada@example.com --telegram-id 279058397 --reason "case 812"',
    )
    .action(async (options: TelegramOptions, command: Command) => {
      const find = chosenUser(command, options);
      const { telegramId: wanted = null, unlink = false, dryRun = false } = options;
      if ((wanted === null) !== unlink) usageError(command, 'give either --telegram-id <number> or --unlink');
      const reason = reasonOf(command, options);
      await run.answer(async (system) => {
        const found = await find(system);
        const operator = { actor: run.surroundings.actor, reason };
        const link = await perform(system.get(Transaction), dryRun, () =>
          system.get(TelegramLinking).execute(found.id, wanted, operator),
        );
        return linked(found, link, dryRun);
      });
    });
}

function linked({ id, email }: User, { before, after }: TelegramLink, dryRun: boolean): Answer {
  const [was, is] = [before?.telegramUserId ?? null, after?.telegramUserId ?? null];
  const changed = was !== is;
  const state = is === null ? `${email} with no user of Telegram` : `${email} with user ${is} of Telegram`;
  const deed = dryRun ? 'Would link' : 'Linked';
  return {
    json: { dry_run: dryRun, changed, user_id: id, telegram_user_id: dryRun ? was : is },
    text: changed ? `${deed} ${state}.` : `Nothing to change: this links ${state} already.`,
    note: dryRun && changed ? 'Nothing was changed.' : undefined,
  };
}

function telegramId(text: string): TelegramUserId {
  const id = /^\d{1,16}$/.test(text) ? findTelegramUserId(Number(text)) : null;
  if (id === null) throw new InvalidArgumentError(`A whole number from 1 to ${MOST_TELEGRAM_ID} is wanted.`);
  return id;
}
