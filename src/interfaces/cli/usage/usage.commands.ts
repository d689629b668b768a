import { type Command, InvalidArgumentError, Option } from 'commander';
import { GetCurrentUsage } from '#application/usage/get-current-usage';
import { GetUsageExplanation } from '#application/usage/get-usage-explanation';
import { EXPLAINED_METRICS, type ExplainedMetric } from '#application/usage/usage-evidence';
import { type UserChoice, chosenUser, instant, takesJson, takesUser, wholeNumber } from '../shared/options.js';
import type { Run } from '../shared/run.js';
import { usageExplained, usageShown } from './usage.answer.js';

interface ExplainOptions extends UserChoice {
  readonly metric: ExplainedMetric;
  readonly period: Date | 'open' | 'current';
  readonly limit: number;
  readonly offset: number;
}

export function usageCommands(program: Command, run: Run): void {
  const usage = program
    .command('usage')
    .summary('what a user has used, and why')
    .description('Usage: what a user has used in a billing period, and the entries that it is made of.');

  takesJson(takesUser(usage.command('show').summary('usage and limits of the current period')))
    .description('Shows what a user has used and holds in the current billing period, beside what their plan allows.')
    .addHelpText('after', '\nExample:\n  $ minutebook usage show --email ada@example.com')
    .action(async (options: UserChoice, command: Command) => {
      const find = chosenUser(command, options);
      await run.answer(async (system) => {
        const { id } = await find(system);
        return usageShown(await system.get(GetCurrentUsage).execute(id));
      });
    });

  takesJson(
    takesUser(usage.command('explain').summary('the entries behind a number'))
      .addOption(new Option('--metric <metric>', 'the number to explain').choices(EXPLAINED_METRICS).default('minutes'))
      .option('--period <start>', '"current", "open", or the instant that the period began at', periodStart, 'current')
      .option('--limit <number>', 'how many entries, up to 100', wholeNumber(1, 100), 20)
      .option('--offset <number>', 'how many to pass over', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
  )
    .description(
      'Lists the entries of the book that make up a number which a user was shown, their sum, and the counter that it ' +
        'must equal. Ends with 65 when it does not.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ minutebook usage explain --email ada@example.com --metric minutes\n' +
        '  $ minutebook usage explain --email ada@example.com --metric sessions --period 2026-10-07T09:12:44.107Z',
    )
    .action(async (options: ExplainOptions, command: Command) => {
      const find = chosenUser(command, options);
      const { metric, period, limit, offset } = options;
      await run.answer(async (system) => {
        const user = await find(system);
        const request = { userId: user.id, metric, periodStart: period, page: { limit, offset } };
        return usageExplained(user, await system.get(GetUsageExplanation).execute(request), offset);
      });
    });
}

function periodStart(text: string): Date | 'open' | 'current' {
  if (text === 'open' || text === 'current') return text;
  try {
    return instant(text);
  } catch {
    throw new InvalidArgumentError('"current", "open", or an instant such as 2026-11-01T09:30:00Z is wanted.');
  }
}
