import { type Command, Option } from 'commander';
import { AdminCreditGrant, GIVEN_TYPES, type GivenType } from '#application/credits/admin-credit-grant';
import { CreditAdjustment } from '#application/credits/credit-adjustment';
import { GetCreditBalance } from '#application/credits/get-credit-balance';
import { GetCreditSummary } from '#application/credits/get-credit-summary';
import { ListCreditTransactions } from '#application/credits/list-credit-transactions';
import { Transaction } from '#application/ports/transaction';
import { moneyOfCredits } from '#domain/credits/credit';
import { CREDIT_CATEGORIES, type CreditCategory } from '#domain/credits/credit-grant';
import type { Money } from '#domain/shared/money';
import {
  type ChangeOptions,
  type UserChoice,
  chosenUser,
  instant,
  parsedBy,
  reasonOf,
  takesChange,
  takesJson,
  takesUser,
} from '../shared/options.js';
import { perform } from '../shared/rehearsal.js';
import type { Run } from '../shared/run.js';
import { creditChanged, creditsShown } from './credit.answer.js';

interface GrantOptions extends UserChoice, ChangeOptions {
  readonly type: GivenType;
  readonly category: CreditCategory;
  readonly expiresAt?: Date;
}

const EVERYTHING = { type: null, direction: null, from: null, to: null };
const NEWEST = { limit: 10, offset: 0 };
const CREDIT = 'one credit is 0.01 USD; at most four decimals';

export function creditCommands(program: Command, run: Run): void {
  const credits = program
    .command('credits')
    .summary('prepaid credit of users')
    .description('Prepaid credit: what a user has, and giving, adding and taking it by hand.');
  grant(credits, run);
  adjust(credits, run);
  show(credits, run);
}

function grant(credits: Command, run: Run): void {
  takesChange(
    takesUser(credits.command('grant').summary('give credit to a user').argument('<credits>', CREDIT, creditAmount))
      .addOption(new Option('--type <type>', 'what it is').choices(GIVEN_TYPES).default('admin_grant'))
      .addOption(
        new Option('--category <category>', 'promotional credit is spent first')
          .choices(CREDIT_CATEGORIES)
          .default('promotional'),
      )
      .option('--expires-at <instant>', 'when it stops counting; never unless given', instant),
  )
    .description(
      'Gives credit to a user. What the user owes is paid of it first. Each run gives again: look with "credits show" ' +
        'before you repeat one. There is a cap of what can be given at once, and of what one operator gives on one day (UTC).',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ minutebook credits grant 500 --email ada@example.com --reason "outage of 2026-11-02, case 812" --dry-run\n' +
        '  $ minutebook credits grant 50 --email ada@example.com --type referral_bonus --expires-at 2027-01-01 --reason "brought Bob"',
    )
    .action(async (amount: Money, options: GrantOptions, command: Command) => {
      const find = chosenUser(command, options);
      const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
      const { type, category, expiresAt = null, dryRun = false } = options;
      await run.answer(async (system) => {
        const { id } = await find(system);
        const given = { amount, type, category, expiresAt };
        const change = await perform(system.get(Transaction), dryRun, () =>
          system.get(AdminCreditGrant).execute(id, given, operator),
        );
        return creditChanged(change, dryRun);
      });
    });
}

function adjust(credits: Command, run: Run): void {
  takesChange(
    takesUser(
      credits
        .command('adjust')
        .summary('correct the credit of a user, up or down')
        .argument('<credits>', `above zero to add, below zero to take; ${CREDIT}`, creditAmount),
    ),
  )
    .description(
      'Adds to the credit of a user, or takes from it with a number below zero. Only what is free can be taken. What is ' +
        'added is promotional and never expires; "credits grant" gives other credit.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook credits adjust -250 --email ada@example.com --reason "given twice, case 812" --dry-run',
    )
    .action(async (amount: Money, options: UserChoice & ChangeOptions, command: Command) => {
      const find = chosenUser(command, options);
      const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
      const { dryRun = false } = options;
      await run.answer(async (system) => {
        const { id } = await find(system);
        const change = await perform(system.get(Transaction), dryRun, () =>
          system.get(CreditAdjustment).execute(id, amount, operator),
        );
        return creditChanged(change, dryRun);
      });
    });
}

function show(credits: Command, run: Run): void {
  takesJson(takesUser(credits.command('show').summary('the credit of a user')))
    .description(
      'Shows how much credit a user has, what is held and owed, what it is made of, in the order it is spent, and the ten ' +
        'newest entries of the ledger.',
    )
    .addHelpText('after', '\nExample:\n  $ minutebook credits show --email ada@example.com')
    .action(async (options: UserChoice, command: Command) => {
      const find = chosenUser(command, options);
      await run.answer(async (system) => {
        const user = await find(system);
        const balance = await system.get(GetCreditBalance).execute(user.id);
        const summary = await system.get(GetCreditSummary).execute(user.id, EVERYTHING);
        const { items: newest } = await system.get(ListCreditTransactions).execute(user.id, EVERYTHING, NEWEST);
        return creditsShown(user, balance, summary, newest);
      });
    });
}

const creditAmount = parsedBy(moneyOfCredits);
