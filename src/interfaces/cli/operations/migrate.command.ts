import type { Command } from 'commander';
import { takesJson } from '../shared/options.js';
import type { Run } from '../shared/run.js';

export function migrateCommand(program: Command, run: Run): void {
  takesJson(
    program
      .command('migrate')
      .summary('bring the database to the newest schema')
      .option('--dry-run', 'list the migrations that would run, and run none'),
  )
    .description(
      'Runs the migrations that the database lacks, those of the job queue too. Safe beside a running server, and twice at once.',
    )
    .addHelpText('after', '\nExample:\n  $ minutebook migrate --dry-run')
    .action(async ({ dryRun = false }: { dryRun?: boolean }) => {
      await run.answer(async (system) => {
        const migrations = dryRun ? await system.pendingMigrations() : await system.migrate();
        const changed = migrations.length > 0;
        const sentence = dryRun ? 'Would run:' : 'Ran:';
        return {
          json: { dry_run: dryRun, changed, migrations },
          text: changed ? [sentence, ...migrations.map((name) => `  ${name}`)].join('\n') : 'The schema is current.',
          note: dryRun && changed ? 'Nothing was changed.' : undefined,
        };
      }, 'any');
    });
}
