import { type Command, InvalidArgumentError, Option } from 'commander';
import { BudgetConfiguration } from '#application/budgets/budget-configuration';
import { BudgetRestart } from '#application/budgets/budget-restart';
import { GetBudgetStatus } from '#application/budgets/get-budget-status';
import { Transaction } from '#application/ports/transaction';
import {
  BUDGET_MODES,
  type BudgetChanges,
  type BudgetMode,
  budgetOf,
  GLOBAL_BUDGET,
  MOST_USD,
} from '#domain/budgets/budget';
import { CADENCES, type Cadence } from '#domain/budgets/budget-period';
import { Money } from '#domain/shared/money';
import {
  type ChangeOptions,
  type UserChoice,
  chosenUser,
  reasonOf,
  takesChange,
  takesJson,
  takesUser,
  usageError,
  wholeNumber,
} from '../shared/options.js';
import { perform } from '../shared/rehearsal.js';
import type { Run } from '../shared/run.js';
import type { System } from '../shared/surroundings.js';
import { budgetConfigured, budgetReset, budgetShown, type NamedBudget } from './budget.answer.js';

interface BudgetChoice extends UserChoice {
  readonly global?: boolean;
}

interface SetOptions extends BudgetChoice, ChangeOptions {
  readonly limit?: Money | 'plan';
  readonly period?: Cadence;
  readonly days?: number;
  readonly mode?: BudgetMode;
  readonly yellow?: number;
  readonly orange?: number;
  readonly red?: number;
  readonly visible?: boolean;
  readonly canModify?: boolean;
  readonly canReset?: boolean;
  /** Empty: none. */
  readonly notes?: string;
}

export function budgetCommands(program: Command, run: Run): void {
  const budget = program
    .command('budget')
    .summary('budgets of provider money')
    .description('Budgets of provider money: the global one, and one of each user.');
  show(budget, run);
  set(budget, run);
  reset(budget, run);
}

function show(budget: Command, run: Run): void {
  takesJson(takesBudget(budget.command('show').summary('how a budget stands')))
    .description('Shows how much of a budget is spent and held in its current period, and how it is configured.')
    .addHelpText(
      'after',
      '\nExamples:\n  $ minutebook budget show --email ada@example.com\n  $ minutebook budget show --global --json | jq .percentage_used',
    )
    .action(async (options: BudgetChoice, command: Command) => {
      const find = chosenBudget(command, options);
      await run.answer(async (system) => {
        const named = await find(system);
        return budgetShown(named, await system.get(GetBudgetStatus).execute(named.id));
      });
    });
}

function set(budget: Command, run: Run): void {
  takesChange(takesSettings(takesBudget(budget.command('set').summary('configure a budget'))))
    .description(
      'Configures a budget: only what is given changes, and it counts at once. Another --period than before begins a period ' +
        'now; what was spent stays in the one that ends.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ minutebook budget set --email ada@example.com --limit 25 --reason "agreed by phone, case 812" --dry-run\n' +
        '  $ minutebook budget set --email ada@example.com --limit plan --period monthly --reason "trial is over"\n' +
        '  $ minutebook budget set --global --limit 500 --mode fallback --reason "budget of 2027"',
    )
    .action(async (options: SetOptions, command: Command) => {
      const find = chosenBudget(command, options);
      const changes = changesOf(command, options);
      const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
      const { dryRun = false } = options;
      await run.answer(async (system) => {
        const named = await find(system);
        const [before, after] = await perform(system.get(Transaction), dryRun, async () => [
          await system.get(GetBudgetStatus).execute(named.id),
          await system.get(BudgetConfiguration).execute(named.id, changes, operator),
        ]);
        return budgetConfigured(named, before, after, dryRun);
      });
    });
}

function reset(budget: Command, run: Run): void {
  takesChange(takesBudget(budget.command('reset').summary('begin a new period of a budget now')))
    .description(
      'Begins a new period of a budget. Nothing is zeroed or removed: what was spent stays in the period that ends.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook budget reset --email ada@example.com --reason "courtesy, case 812" --dry-run',
    )
    .action(async (options: BudgetChoice & ChangeOptions, command: Command) => {
      const find = chosenBudget(command, options);
      const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
      const { dryRun = false } = options;
      await run.answer(async (system) => {
        const named = await find(system);
        const [before, , after] = await perform(system.get(Transaction), dryRun, async () => [
          await system.get(GetBudgetStatus).execute(named.id),
          await system.get(BudgetRestart).execute(named.id, operator),
          await system.get(GetBudgetStatus).execute(named.id),
        ]);
        return budgetReset(named, before, after, dryRun);
      });
    });
}

function takesBudget(command: Command): Command {
  return takesUser(command).option('--global', 'instead of a user’s: the global budget');
}

function takesSettings(command: Command): Command {
  const percent = wholeNumber(1, 100);
  return command
    .option('--limit <usd>', 'for a period, 0 to 10000; or "plan": what the plan, or the server, says', limit)
    .addOption(new Option('--period <period>', 'how often it starts anew').choices(CADENCES))
    .option('--days <number>', 'of --period custom, 1 to 365', wholeNumber(1, 365))
    .addOption(new Option('--mode <mode>', 'what happens when it is spent').choices(BUDGET_MODES))
    .option('--yellow <percent>', 'from how much on it is yellow', percent)
    .option('--orange <percent>', 'from how much on it is orange', percent)
    .option('--red <percent>', 'from how much on it is red', percent)
    .option('--visible <true|false>', 'whether its user may see it', trueOrFalse)
    .option('--can-modify <true|false>', 'whether its user may configure it', trueOrFalse)
    .option('--can-reset <true|false>', 'whether its user may reset it', trueOrFalse)
    .option('--notes <text>', 'for operators, at most 500 characters; "" takes them away', notes);
}

/** Ends the command (64) unless exactly one budget is named. */
function chosenBudget(command: Command, options: BudgetChoice): (system: System) => Promise<NamedBudget> {
  if (options.global) {
    if (options.user !== undefined || options.email !== undefined) {
      usageError(command, '--global is nobody’s budget: leave out --user and --email');
    }
    return async () => ({ id: GLOBAL_BUDGET, email: null });
  }
  const find = chosenUser(command, options, ' (or --global)');
  return async (system) => {
    const { id, email } = await find(system);
    return { id: budgetOf(id), email };
  };
}

/** Ends the command (64) when nothing is to be changed, or what is no matter of the global budget. */
function changesOf(command: Command, options: SetOptions): BudgetChanges {
  const { period: cadence, days: customDays, mode, yellow, orange, red, ...rest } = options;
  const limit = rest.limit === 'plan' ? null : rest.limit;
  const notes = rest.notes === '' ? null : rest.notes;
  const permissions = { visible: rest.visible, canModify: rest.canModify, canReset: rest.canReset };
  const all = { limit, cadence, customDays, mode, yellow, orange, red, notes, ...permissions };
  const changes = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  if (Object.keys(changes).length === 0) usageError(command, 'say what to change, such as --limit <usd>; see --help');
  if (options.global && Object.values(permissions).some((given) => given !== undefined)) {
    usageError(command, 'no user sees the global budget: leave out --visible, --can-modify and --can-reset');
  }
  return changes;
}

const USD = /^(\d{1,5})(?:\.(\d{1,6}))?$/;

/** Dollars to six decimals, exactly. Commander takes null for no answer, so that the plan's has a word. */
function limit(text: string): Money | 'plan' {
  if (text === 'plan') return text;
  const [, whole, part = ''] = USD.exec(text) ?? [];
  const micros = whole === undefined ? null : BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, '0'));
  if (micros === null || micros > BigInt(MOST_USD) * 1_000_000n) {
    throw new InvalidArgumentError(`US dollars from 0 to ${MOST_USD} are wanted, such as 25 or 7.50, or "plan".`);
  }
  return Money.ofMicros(micros);
}

function trueOrFalse(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('"true" or "false" is wanted.');
  return text === 'true';
}

function notes(text: string): string {
  if (text.length > 500) throw new InvalidArgumentError('At most 500 characters are wanted.');
  return text;
}
