import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ListPrices } from '#application/gateway/list-prices';
import { ImplausiblePrices, PriceImport } from '#application/gateway/price-import';
import { chosenPrices } from '#application/gateway/price-selection';
import { PriceTable, PriceTableUnreadable } from '#application/gateway/price-table';
import { Clock } from '#application/ports/clock';
import { DomainException } from '#domain/shared/domain-exception';
import { ExitCode } from '../shared/exit-code.js';
import { failureOf } from '../shared/failure.js';
import { type ChangeOptions, instant, reasonOf, takesChange, takesJson } from '../shared/options.js';
import type { Run } from '../shared/run.js';
import { pricesImported, pricesListed } from './price.answer.js';

interface ListOptions {
  readonly provider?: string;
  readonly model?: string;
  readonly at?: Date;
}

interface ImportOptions extends ChangeOptions {
  readonly provider?: readonly string[];
  readonly model?: readonly string[];
  readonly route?: boolean;
  readonly effectiveFrom?: Date;
  readonly acceptChanges?: boolean;
}

export function priceCommands(program: Command, run: Run): void {
  const prices = program
    .command('prices')
    .summary('what models cost')
    .description('The dated prices of models: which are in force, and adding those that were published.');

  takesJson(prices.command('list').summary('prices in force'))
    .option('--provider <name>', 'only those of this provider')
    .option('--model <name>', "only those of this model, by its provider's name or the one that callers use")
    .option('--at <instant>', 'those in force then; now unless given', instant)
    .description(
      'Lists the prices in force, with the names that callers reach each by. What has no such name is not served.',
    )
    .addHelpText('after', '\nExample:\n  $ minutebook prices list --provider openai --at 2026-12-01')
    .action(async ({ provider, model, at }: ListOptions) => {
      await run.answer(async (system) => {
        const instant = at ?? system.get(Clock).now();
        const filter = { provider: provider ?? null, model: model ?? null };
        return pricesListed(await system.get(ListPrices).execute(filter, instant), instant);
      });
    });

  takesChange(prices.command('import <file>').summary("add prices from LiteLLM's table"))
    .option('--provider <name...>', 'only those of these providers')
    .option('--model <name...>', 'only those of these models')
    .option('--route', 'let callers reach models that have no route yet')
    .option('--effective-from <instant>', 'in force from then on; from now on unless given', instant)
    .option('--accept-changes', 'take steps of more than half, to or from zero, and prices that vanish')
    .description(
      "Adds prices from a file in the format of LiteLLM's model_prices_and_context_window.json. What is in force already adds " +
        'nothing, and no price is ever changed: charges name the one that they were made by. All are added or none.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ minutebook prices import prices.json --provider openai anthropic --dry-run\n' +
        '  $ minutebook prices import prices.json --model gpt-5.2 --effective-from 2026-12-01 --reason "announced today"',
    )
    .action(async (file: string, options: ImportOptions, command: Command) => {
      const { dryRun = false } = options;
      const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
      const text = await textOf(file);
      const imported = run.answer(async (system) => {
        const table = system.get(PriceTable).read(text, options.provider ?? []);
        const chosen = chosenPrices(table, { providers: options.provider ?? [], models: options.model ?? [] });
        const result = await system.get(PriceImport).execute({
          candidates: chosen.candidates,
          addRoutes: options.route ?? false,
          effectiveFrom: options.effectiveFrom ?? null,
          acceptChanges: options.acceptChanges ?? false,
          operator,
          dryRun,
        });
        return pricesImported(result, chosen, { dryRun, accepted: options.acceptChanges ?? false });
      });
      await imported.catch((error: unknown) => {
        // Nothing is wrong with the command line: it is the file.
        const isData = error instanceof ImplausiblePrices || error instanceof PriceTableUnreadable;
        if (!isData) throw error;
        run.fail({ ...failureOf(error), exitCode: ExitCode.data });
      });
    });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new FileUnreadable(file, (error as NodeJS.ErrnoException).code ?? 'unknown');
  }
}

class FileUnreadable extends DomainException {
  constructor(file: string, code: string) {
    super('file_unreadable', `${file} cannot be read (${code}).`, { file, code }, 'not_found');
  }
}
