import type { Command } from 'commander';
import { GetRevenue } from '#application/billing/get-revenue';
import { RevenueDocuments } from '#application/billing/revenue-documents';
import { takesJson, usageError } from '../shared/options.js';
import type { Run } from '../shared/run.js';
import { revenueInCsv, revenueShown } from './revenue.answer.js';

export function revenueCommands(program: Command, run: Run): void {
  const revenue = program
    .command('revenue')
    .summary('what subscriptions bring')
    .description('Revenue: what subscriptions bring by the month and the year, and how many of them are lost.');

  takesJson(revenue.command('show').summary('the figures of now'))
    .option('--csv', 'answer with one line for each currency, for spreadsheets')
    .description(
      'Shows what subscriptions bring now: a month of each that is paid for or in grace, a twelfth of what is paid by the year. ' +
        'Trials bring nothing, and are counted beside.',
    )
    .addHelpText('after', '\nExamples:\n  $ minutebook revenue show\n  $ minutebook revenue show --csv > revenue.csv')
    .action(async ({ json, csv }: { readonly json?: true; readonly csv?: true }, command: Command) => {
      if (json && csv) usageError(command, 'say --json or --csv, not both');
      await run.answer(async (system) => {
        const figures = await system.get(GetRevenue).execute();
        const today = { day: figures.at.toISOString().slice(0, 10), revenue: figures };
        return csv ? revenueInCsv(system.get(RevenueDocuments).csv([today])) : revenueShown(figures);
      });
    });
}
