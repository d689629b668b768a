import type { Command } from 'commander';
import { PageSessionCreation } from '#application/accounts/page-session-creation';
import { Transaction } from '#application/ports/transaction';
import { type ChangeOptions, type UserChoice, chosenUser, takesChange, takesUser } from '../shared/options.js';
import { perform } from '../shared/rehearsal.js';
import type { Run } from '../shared/run.js';
import { pageOpened } from './page.answer.js';

export function pageCommands(program: Command, run: Run): void {
  const page = program
    .command('page')
    .summary('links to the billing page')
    .description('The billing page, where a user sees, understands and pays, and the admin page.');
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
