import { type Command, Option } from 'commander';
import { ListPaymentEvents } from '#application/payments/list-payment-events';
import { PaymentEventReplay, type Replay } from '#application/payments/payment-event-replay';
import { Transaction } from '#application/ports/transaction';
import { PAYMENT_EVENT_STATUSES, type PaymentEventStatus } from '#domain/payments/payment-event';
import { type ChangeOptions, reasonOf, takesChange, takesJson, wholeNumber } from '../shared/options.js';
import { perform } from '../shared/rehearsal.js';
import type { Run } from '../shared/run.js';
import { eventReplayed, eventsListed } from './webhook.answer.js';

interface ListOptions {
  readonly status?: PaymentEventStatus;
  readonly type?: string;
  readonly limit: number;
  readonly offset: number;
}

export function webhookCommands(program: Command, run: Run): void {
  const webhooks = program
    .command('webhooks')
    .summary('what payment providers told us')
    .description('The events of payment providers: which came, what became of them, and having one handled again.');

  takesJson(webhooks.command('list').summary('events, newest first'))
    .addOption(new Option('--status <status>', 'only those').choices(PAYMENT_EVENT_STATUSES))
    .option('--type <type>', "only those, in the provider's words")
    .option('--limit <n>', 'how many at most', wholeNumber(1, 100), 20)
    .option('--offset <n>', 'how many to leave out', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .description(
      'Lists the events of payment providers, newest first: "dead" are those that failed too often and wait for a replay.',
    )
    .addHelpText('after', '\nExample:\n  $ minutebook webhooks list --status dead')
    .action(async ({ status, type, limit, offset }: ListOptions) => {
      await run.answer(async (system) => {
        const filter = { status: status ?? null, type: type ?? null };
        const { items, total } = await system.get(ListPaymentEvents).execute(filter, { limit, offset });
        return eventsListed(items, total, offset);
      });
    });

  takesChange(webhooks.command('replay <event>').summary('have an event handled again'))
    .description(
      'Has a worker handle an event once more from the beginning, whatever became of it. What was done for it already is ' +
        'not done twice.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook webhooks replay evt_1Q2w3E --reason "the bug of case 812 is mended"',
    )
    .action(async (event: string, options: ChangeOptions, command: Command) => {
      const reason = reasonOf(command, options);
      const { dryRun = false } = options;
      await run.answer(async (system) => {
        const operator = { actor: run.surroundings.actor, reason };
        const replay = (): Promise<Replay> => system.get(PaymentEventReplay).execute(event, operator);
        return eventReplayed(await perform(system.get(Transaction), dryRun, replay), dryRun);
      });
    });
}
