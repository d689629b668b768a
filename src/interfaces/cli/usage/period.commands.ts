import type { Command } from 'commander';
import { Clock } from '#application/ports/clock';
import type { Operator } from '#application/accounts/user-change';
import { AllEndedPeriodsReset, type ResetProgress } from '#application/usage/all-ended-periods-reset';
import { BillingPeriodReset } from '#application/usage/billing-period-reset';
import { BillingPeriodResetUndo } from '#application/usage/billing-period-reset-undo';
import { UsageReport } from '#application/usage/usage-report';
import type { Answer } from '../shared/answer.js';
import {
  type ChangeOptions,
  type UserChoice,
  chosenUser,
  instant,
  reasonOf,
  takesChange,
  takesJson,
  takesUser,
  usageError,
} from '../shared/options.js';
import { type Progress, progressBar, progressLines } from '../shared/progress.js';
import type { Run } from '../shared/run.js';
import type { System } from '../shared/surroundings.js';
import { allEndedInterrupted, allEndedMoved, periodChanged, periodShown } from './period.answer.js';

interface ResetOptions extends UserChoice, ChangeOptions {
  readonly allEnded?: boolean;
  readonly at?: Date;
}

export function periodCommands(program: Command, run: Run): void {
  const period = program
    .command('period')
    .summary('billing periods')
    .description('Billing periods: which one a user is in, a new one before its time, and the way back.');
  reset(period, run);
  questions(period, run);
  undo(period, run);
}

function reset(period: Command, run: Run): void {
  takesChange(
    takesUser(period.command('reset').summary('begin a new billing period now'))
      .option('--all-ended', 'instead of one user: all whose stored period has ended')
      .option('--at <instant>', 'when the new period begins, if not now: within the current one', instant),
  )
    .description(
      'Begins a new billing period for a user. Nothing is zeroed or removed: what was used stays in the book, under the ' +
        'period that ends, and "minutebook period undo" takes the reset back.\n\n' +
        'With --all-ended, brings the stored start of every user whose period has ended to the start of the current one. ' +
        'Limits do not wait for it: they are always those of the current period. It runs in batches, can be interrupted ' +
        'with Ctrl-C, and can run twice at once.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ minutebook period reset --email ada@example.com --reason "courtesy, case 812" --dry-run\n' +
        '  $ minutebook period reset --email ada@example.com --at 2026-11-01 --reason "plan began on the first"\n' +
        '  $ minutebook period reset --all-ended --reason "nightly"',
    )
    .action(async (options: ResetOptions, command: Command) => {
      if (options.allEnded) return resetAllEnded(options, command, run);
      const find = chosenUser(command, options, ' (or --all-ended)');
      const reason = reasonOf(command, options);
      const { at = null, dryRun = false } = options;
      await run.answer(async (system) => {
        const { id: userId } = await find(system);
        const operator = { actor: run.surroundings.actor, reason };
        return periodChanged('reset', await system.get(BillingPeriodReset).execute({ userId, at, operator, dryRun }));
      });
    });
}

async function resetAllEnded(options: ResetOptions, command: Command, run: Run): Promise<void> {
  if (options.user !== undefined || options.email !== undefined) {
    usageError(command, '--all-ended is about every user: leave out --user and --email');
  }
  if (options.at !== undefined) {
    usageError(command, '--all-ended computes every start from the anchor of its user: leave out --at');
  }
  const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
  const { dryRun = false } = options;
  await run.answer((system) =>
    run.surroundings.interruptible(async (interruption) => {
      const progress = await progressOf(system, operator, run);
      try {
        return await moveAllEnded(system, operator, dryRun, progress, interruption);
      } finally {
        progress.stop();
      }
    }),
  );
}

async function moveAllEnded(
  system: System,
  operator: Operator,
  dryRun: boolean,
  progress: Progress,
  interruption: AbortSignal,
): Promise<Answer> {
  try {
    const moved = await system.get(AllEndedPeriodsReset).execute(operator, { dryRun }, (so) => {
      progress.at(so.moved);
      // Told between two batches: what was moved so far is committed, and nothing is under way.
      if (interruption.aborted) throw new Interrupted(so);
    });
    return allEndedMoved(moved);
  } catch (error) {
    if (error instanceof Interrupted) return allEndedInterrupted(error.so, dryRun);
    throw error;
  }
}

class Interrupted extends Error {
  constructor(readonly so: ResetProgress) {
    super('Interrupted.');
  }
}

/** A bar needs to know where it ends, so on a terminal the periods are counted first. */
async function progressOf(system: System, operator: Operator, run: Run): Promise<Progress> {
  const { stderr } = run.surroundings;
  if (stderr.isTTY !== true) return progressLines(stderr, 'Users brought into their current period');
  const { moved } = await system.get(AllEndedPeriodsReset).execute(operator, { dryRun: true });
  return progressBar(stderr, 'Ended periods', moved);
}

function questions(period: Command, run: Run): void {
  takesJson(takesUser(period.command('show').summary('the current billing period of a user')))
    .description('Shows the billing period that a user is in, the anchor it is computed from, and the latest reset.')
    .addHelpText('after', '\nExample:\n  $ minutebook period show --email ada@example.com')
    .action(async (options: UserChoice, command: Command) => {
      const find = chosenUser(command, options);
      await run.answer(async (system) => {
        const user = await find(system);
        return periodShown(user, await system.get(UsageReport).standingResets(user.id), system.get(Clock).now());
      });
    });
}

function undo(period: Command, run: Run): void {
  takesChange(takesUser(period.command('undo').summary('take back the latest reset of a user')))
    .description(
      'Takes back the latest reset of a user: start and anchor are what they were before it, and what was used since ' +
        'counts in the period that it had ended. Resets can be taken back one after the other.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook period undo --email ada@example.com --reason "wrong user, case 812"',
    )
    .action(async (options: UserChoice & ChangeOptions, command: Command) => {
      const find = chosenUser(command, options);
      const reason = reasonOf(command, options);
      const { dryRun = false } = options;
      await run.answer(async (system) => {
        const { id } = await find(system);
        const operator = { actor: run.surroundings.actor, reason };
        return periodChanged('undo', await system.get(BillingPeriodResetUndo).execute(id, operator, { dryRun }));
      });
    });
}
