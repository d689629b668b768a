import { Command, CommanderError } from 'commander';
import { pageCommands } from './accounts/page.commands.js';
import { userCommands } from './accounts/user.commands.js';
import { subscriptionCommands } from './billing/subscription.commands.js';
import { clockCommands } from './billing/clock.commands.js';
import { revenueCommands } from './billing/revenue.commands.js';
import { budgetCommands } from './budgets/budget.commands.js';
import { creditCommands } from './credits/credit.commands.js';
import { doctorCommand } from './operations/doctor.command.js';
import { migrateCommand } from './operations/migrate.command.js';
import { seedCommand } from './operations/seed.command.js';
import { verifyCommand } from './operations/verify.command.js';
import { paymentCommands } from './payments/payment.commands.js';
import { webhookCommands } from './payments/webhook.commands.js';
import { priceCommands } from './prices/price.commands.js';
import { ExitCode } from './shared/exit-code.js';
import { failureOf } from './shared/failure.js';
import { Run } from './shared/run.js';
import type { Surroundings } from './shared/surroundings.js';
import { periodCommands } from './usage/period.commands.js';
import { usageCommands } from './usage/usage.commands.js';

/** Carries out one command line (without the program's own name) and answers the exit code. Never throws. */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const run = new Run(surroundings, args.includes('--json'));
  try {
    await program(run).parseAsync([...args], { from: 'user' });
  } catch (error) {
    // Help and version were printed already; so were mistakes in the command line, unless they are to be JSON.
    const printed = error instanceof CommanderError;
    if (printed && error.exitCode === 0) return ExitCode.ok;
    if (printed && !run.json) return ExitCode.usage;
    run.fail(failureOf(error));
  }
  return run.exitCode;
}

function program(run: Run): Command {
  const { stdout, stderr, version } = run.surroundings;
  const minutebook = new Command('minutebook')
    .description(
      'Operates Minutebook: users, billing periods, usage, credit, budgets, payments, subscriptions, prices, and the state of the installation.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => (run.json ? undefined : stderr.write(text)),
      outputError: (text, write) => write(text.replace(/^error: /, 'minutebook: ')),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('Add --help to see how, and an example.')
    .addHelpText('after', ABOUT);
  periodCommands(minutebook, run);
  userCommands(minutebook, run);
  pageCommands(minutebook, run);
  usageCommands(minutebook, run);
  creditCommands(minutebook, run);
  budgetCommands(minutebook, run);
  paymentCommands(minutebook, run);
  subscriptionCommands(minutebook, run);
  webhookCommands(minutebook, run);
  priceCommands(minutebook, run);
  revenueCommands(minutebook, run);
  clockCommands(minutebook, run);
  verifyCommand(minutebook, run);
  doctorCommand(minutebook, run);
  migrateCommand(minutebook, run);
  seedCommand(minutebook, run);
  return minutebook;
}

const ABOUT = `
Every change takes --reason, is written to the audit log with your name, and can be looked at first with --dry-run.
Every command takes --json. Standard output carries the answer and nothing else.

Examples:
  $ minutebook doctor
  $ minutebook user create --email ada@example.com --name "Ada Byron" --plan pro --reason "signed up by phone"
  $ minutebook period reset --email ada@example.com --reason "courtesy, case 812" --dry-run
  $ minutebook usage explain --email ada@example.com
  $ minutebook credits grant 500 --email ada@example.com --reason "goodwill, case 812" --dry-run

Exit codes:
  0 done   64 mistake in the command line   65 the data is not as it must be   66 no such thing   69 not available
  70 fault of the program   73 conflict   77 refused by the rules   78 bad setting   130 interrupted

Settings are those of the server, such as DATABASE_URL; without it, the embedded database is used, running or not.`;
