import { type Command, InvalidArgumentError } from 'commander';
import { GetSubscriptionTimeline } from '#application/billing/get-subscription-timeline';
import { GetRunningSubscription, remarkOn } from '#application/billing/get-running-subscription';
import { OperatorCancellation } from '#application/billing/operator-cancellation';
import { CANCELLATION_TIMES, type CancellationTime } from '#application/billing/subscription-cancellation';
import { UserSynchronisation } from '#application/billing/user-synchronisation';
import { Transaction } from '#application/ports/transaction';
import { rehearsed } from '#application/rehearsal';
import {
  type ChangeOptions,
  type UserChoice,
  chosenUser,
  reasonOf,
  takesChange,
  takesJson,
  takesUser,
  wholeNumber,
} from '../shared/options.js';
import type { Run } from '../shared/run.js';
import { subscriptionCanceled, subscriptionShown, subscriptionsSynchronised } from './subscription.answer.js';

function cancellationTime(text: string): CancellationTime {
  const found = CANCELLATION_TIMES.find((one) => one === text);
  if (!found) throw new InvalidArgumentError(`It is one of ${CANCELLATION_TIMES.join(', ')}.`);
  return found;
}

export function subscriptionCommands(program: Command, run: Run): void {
  const subscription = program
    .command('subscription')
    .summary('subscriptions, and what the payment provider says of them')
    .description('Subscriptions: how they stand, what happened to them, and what the payment provider says.');

  takesJson(takesUser(subscription.command('show').summary('a subscription, its timeline and invoices')))
    .option('--limit <number>', 'how many steps and invoices, up to 100', wholeNumber(1, 100), 20)
    .description("Shows a user's subscription, what happened to it, and the invoices, newest first.")
    .addHelpText('after', '\nExample:\n  $ minutebook subscription show --email ada@example.com')
    .action(async (options: UserChoice & { readonly limit: number }, command: Command) => {
      const find = chosenUser(command, options);
      await run.answer(async (system) => {
        const { id } = await find(system);
        const page = { limit: options.limit, offset: 0 };
        return subscriptionShown(await system.get(GetSubscriptionTimeline).execute(id, page));
      });
    });

  takesChange(takesUser(subscription.command('sync').summary('ask the provider, and repair what was missed')))
    .description(
      "Asks the payment provider how a user's subscriptions and invoices stand now, and brings plan, limits and invoices to that. " +
        'A worker does the same after every message of the provider and every hour.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ minutebook subscription sync --email ada@example.com --dry-run\n' +
        '  $ minutebook subscription sync --email ada@example.com --reason "case 812"',
    )
    .action(async (options: UserChoice & ChangeOptions, command: Command) => {
      const find = chosenUser(command, options);
      const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
      const { dryRun = false } = options;
      await run.answer(async (system) => {
        const user = await find(system);
        const ask = () => system.get(UserSynchronisation).execute(user.id, operator);
        // A rehearsal asks from inside the transaction that is undone: nothing is held by it before the answer is there.
        const told = await (dryRun ? rehearsed(system.get(Transaction), ask) : ask());
        const remark = remarkOn(await system.get(GetRunningSubscription).execute(user.id), await find(system));
        return subscriptionsSynchronised(user, told, dryRun, remark);
      });
    });

  takesJson(takesUser(subscription.command('cancel').summary('end a subscription that a user cannot end')))
    .option('--reason <text>', 'why; kept in the audit log with your name')
    .requiredOption(
      '--when <time>',
      'period_end (the plan is kept until what is paid for is over) or now',
      cancellationTime,
    )
    .description(
      "Ends a user's subscription, also of somebody who is suspended, owes money or waits for a review. Who is suspended goes on being " +
        'charged until then.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook subscription cancel --email ada@example.com --when period_end --reason "case 812"',
    )
    .action(async (options: UserChoice & ChangeOptions & { readonly when: CancellationTime }, command: Command) => {
      const find = chosenUser(command, options);
      const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
      await run.answer(async (system) => {
        const user = await find(system);
        return subscriptionCanceled(
          user,
          await system.get(OperatorCancellation).execute(user.id, options.when, operator, null),
        );
      });
    });
}
