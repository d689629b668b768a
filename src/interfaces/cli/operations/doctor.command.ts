import type { Command } from 'commander';
import type { Finding, Verdict } from '#application/operations/finding';
import { GetHealthReport } from '#application/operations/get-health-report';
import type { Answer } from '../shared/answer.js';
import { ExitCode } from '../shared/exit-code.js';
import { takesJson } from '../shared/options.js';
import type { Run } from '../shared/run.js';
import { NotOpened } from '../shared/surroundings.js';

export function doctorCommand(program: Command, run: Run): void {
  takesJson(program.command('doctor').summary('look over the installation'))
    .description(
      'Looks over the installation and says what to do about what it finds: settings, database, schema, plans, prices, ' +
        'the directory of recordings, workers, the job queue, holds, payments, AI providers, the global budget, and the last verification of the books. ' +
        'Ends with 0 when nothing is wrong, 65 when data must be mended, 69 when something does not run, 78 for a bad setting.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook doctor --json | jq -r ".findings[] | select(.verdict != \\"ok\\") | .next"',
    )
    .action(async () => {
      try {
        await run.answer(async (system) => report((await system.get(GetHealthReport).execute()).findings), 'any');
      } catch (error) {
        if (!(error instanceof NotOpened)) throw error;
        const verdict: Verdict = 'unavailable';
        const finding = { check: error.part, verdict, summary: error.message, next: null };
        run.print({ ...report([finding]), exitCode: error.exitCode });
      }
    });
}

const MARK: Readonly<Record<Verdict, string>> = { ok: 'ok', warning: 'WARN', broken: 'BROKEN', unavailable: 'DOWN' };

/** What cannot run comes before what is merely wrong: it may be the reason for it. */
function report(findings: readonly Finding[]): Answer & { readonly exitCode: ExitCode } {
  const has = (wanted: Verdict): boolean => findings.some(({ verdict }) => verdict === wanted);
  const exitCode = has('unavailable') ? ExitCode.unavailable : has('broken') ? ExitCode.data : ExitCode.ok;
  const lines = findings.flatMap(({ check, verdict, summary, next }) => [
    `${MARK[verdict].padEnd(6)}  ${check.padEnd(13)}  ${summary}`,
    ...(next === null ? [] : [`${' '.repeat(23)}→ ${next}`]),
  ]);
  return { json: { healthy: exitCode === ExitCode.ok, findings }, text: lines.join('\n'), exitCode };
}
