import type { Command } from 'commander';
import { PageSessionClosing } from '#application/accounts/page-session-closing';
import { PageSessionCreation } from '#application/accounts/page-session-creation';
import { Transaction } from '#application/ports/transaction';
import {
  type ChangeOptions,
  type UserChoice,
  chosenUser,
  reasonOf,
  takesChange,
  takesUser,
} from '../shared/options.js';
import { perform } from '../shared/rehearsal.js';
import type { Run } from '../shared/run.js';
import { pageClosed, pageOpened } from './page.answer.js';

export function pageCommands(program: Command, run: Run): void {
  const page = program
    .command('page')
    .summary('links to the billing page, and sessions of it')
    .description('The billing page, where a user sees, understands and pays, and the admin page.');
  open(page, run);
  close(page, run);
}

function open(page: Command, run: Run): void {
  takesChange(
    takesUser(page.command('open').summary('make a link that signs in one browser for an hour')).option(
      '--admin',
      'the admin page, for a user of the role admin',
    ),
  )
    .description(
      'Makes a link to the billing page of a user, good for an hour and for one browser: it is the only line on standard output. ' +
        'It is written to the audit log; here --reason may be left out.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ minutebook page open --email ada@example.com\n  $ xdg-open "$(minutebook page open --email ops@example.com --admin)"',
    )
    .action(async (options: UserChoice & ChangeOptions & { admin?: boolean }, command: Command) => {
      const find = chosenUser(command, options);
      const { admin = false, dryRun = false, reason } = options;
      await run.answer(async (system) => {
        const user = await find(system);
        const operator = { actor: run.surroundings.actor, reason: reason?.trim() || null };
        const wanted = { userId: user.id, scope: admin ? 'admin' : 'billing', returnUrl: null } as const;
        const begun = await perform(system.get(Transaction), dryRun, () =>
          system.get(PageSessionCreation).byOperator(operator, wanted),
        );
        return pageOpened(user, begun, dryRun);
      });
    });
}

function close(page: Command, run: Run): void {
  takesChange(takesUser(page.command('close').summary('end all sessions of the page that a user has open')))
    .description(
      'Ends all sessions of the page that a user has open, and links that were not used yet: they stop working within a second. API ' +
        'keys of the user go on working.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook page close --email ada@example.com --reason "link was forwarded, case 812"',
    )
    .action(async (options: UserChoice & ChangeOptions, command: Command) => {
      const find = chosenUser(command, options);
      const operator = { actor: run.surroundings.actor, reason: reasonOf(command, options) };
      const { dryRun = false } = options;
      await run.answer(async (system) => {
        const user = await find(system);
        const closed = await perform(system.get(Transaction), dryRun, () =>
          system.get(PageSessionClosing).execute(user.id, operator),
        );
        return pageClosed(user, closed, dryRun);
      });
    });
}
