import type { Command } from 'commander';
import { ListUsers } from '#application/accounts/list-users';
import { type Answer, table } from '../shared/answer.js';
import { takesJson } from '../shared/options.js';
import type { Run } from '../shared/run.js';
import type { System } from '../shared/surroundings.js';

export function seedCommand(program: Command, run: Run): void {
  takesJson(
    program
      .command('seed')
      .summary('fill an empty database with a demo story')
      .option('--dry-run', 'say whether the story would be told, and change nothing'),
  )
    .description(
      'Migrates, and fills an empty database with the demo story: four people and a few weeks of their work. Shows their ' +
        'API keys, this once. A database with users is left as it is.',
    )
    .addHelpText('after', '\nExample:\n  $ minutebook seed')
    .action(async ({ dryRun = false }: { dryRun?: boolean }) => {
      if (dryRun) return run.answer(rehearsal);
      await run.answer(async (system) => {
        const { seeded, keys } = await system.seed();
        return {
          json: { dry_run: false, changed: seeded, keys },
          text: seeded
            ? table(
                ['plan', 'email', 'key'],
                keys.map(({ plan, email, key }) => [plan, email, key]),
              )
            : 'There are users already: nothing was changed.',
          note: seeded ? 'The keys are shown this once: keep them now.' : undefined,
        };
      }, 'migrated');
    });
}

async function rehearsal(system: System): Promise<Answer> {
  const { total } = await system.get(ListUsers).execute(null, { limit: 1, offset: 0 });
  return {
    json: { dry_run: true, changed: total === 0, keys: [] },
    text: total === 0 ? 'Would tell the demo story.' : `There are users already (${total}): nothing would be changed.`,
    note: 'Nothing was changed.',
  };
}
