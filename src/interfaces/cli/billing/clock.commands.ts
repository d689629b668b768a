import { type Command, InvalidArgumentError } from 'commander';
import { ClockAdvance } from '#application/billing/clock-advance';
import { GetClock } from '#application/billing/get-clock';
import { type ChangeOptions, instant, reasonOf, takesChange, takesJson, usageError } from '../shared/options.js';
import type { Run } from '../shared/run.js';
import { clockAdvanced, clockShown } from './clock.answer.js';

interface AdvanceOptions extends ChangeOptions {
  readonly by?: number;
  readonly to?: Date;
}

export function clockCommands(program: Command, run: Run): void {
  const clock = program
    .command('clock')
    .summary("a sandbox's time")
    .description(
      'The clock of a sandbox: what time it is for the product, and moving it forward, with all that happens to subscriptions meanwhile.',
    );

  takesJson(clock.command('show').summary('what time it is for the product'))
    .description('Shows what time it is for the product, and how far it is ahead of the world.')
    .addHelpText('after', '\nExample:\n  $ minutebook clock show')
    .action(async () => {
      await run.answer(async (system) => clockShown(system.get(GetClock).execute()));
    });

  takesChange(
    clock
      .command('advance')
      .summary('move it forward, and see what happens')
      .option('--by <span>', 'how far: days (30d), hours (12h), minutes (90m) or weeks (2w)', span)
      .option('--to <instant>', 'to when: a date (midnight in UTC), or an instant', instant),
  )
    .description(
      'Moves the clock of a sandbox forward, day by day, and lets happen at each what is due: renewals, failed payments, reminders, ' +
        'the end of grace and of trials, included and expired credit, and the figures of the day. Prints what happened. It never ' +
        'goes back, and where payments are real, or in production, it does not move.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ minutebook clock advance --by 30d --dry-run\n' +
        '  $ minutebook clock advance --to 2027-01-31 --reason "what renewals look like"',
    )
    .action(async (options: AdvanceOptions, command: Command) => {
      const { by, to, dryRun = false } = options;
      if ((by === undefined) === (to === undefined)) usageError(command, 'say how far with --by, or to when with --to');
      const target = to === undefined ? { byMs: by! } : { to };
      const reason = reasonOf(command, options);
      await run.answer(async (system) => {
        const operator = { actor: run.surroundings.actor, reason };
        return clockAdvanced(await system.get(ClockAdvance).execute(target, operator, dryRun), dryRun);
      });
    });
}

const MINUTE_MS = 60 * 1000;
const UNITS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 24 * 60 * MINUTE_MS, w: 7 * 24 * 60 * MINUTE_MS } as const;

/** `30d`: days of 24 hours, as UTC has them. */
function span(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([mhdw])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    throw new InvalidArgumentError('A span is a whole number and a unit: 30d, 12h, 90m or 2w.');
  }
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}
