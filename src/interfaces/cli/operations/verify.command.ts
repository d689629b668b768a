import type { Command } from 'commander';
import { type VerificationReport, UsageVerification } from '#application/usage/usage-verification';
import type { CounterDifference, LooseEnd } from '#application/usage/usage-reconciliation';
import type { Answer } from '../shared/answer.js';
import { ExitCode } from '../shared/exit-code.js';
import { type UserChoice, chosenUser, takesJson, takesUser } from '../shared/options.js';
import type { Run } from '../shared/run.js';

export function verifyCommand(program: Command, run: Run): void {
  takesJson(takesUser(program.command('verify').summary('recompute every counter from the book')))
    .description(
      'Recomputes every counter from the sessions and the usage log, and names each difference; also holds, attempts and ' +
        'log entries that lack what belongs to them. Of everybody, or of one user. Changes nothing. Ends with 65 when ' +
        'something is found. Safe beside a running server.',
    )
    .addHelpText('after', '\nExample:\n  $ minutebook verify --json | jq ".findings[]"')
    .action(async (options: UserChoice, command: Command) => {
      const everybody = options.user === undefined && options.email === undefined;
      const find = everybody ? null : chosenUser(command, options);
      await run.answer(async (system) => {
        const userId = find === null ? null : (await find(system)).id;
        return verified(await system.get(UsageVerification).execute(userId));
      });
    });
}

function verified({ checked, findings, truncated }: VerificationReport): Answer {
  const correct = findings.length === 0;
  const many = `${findings.length}${truncated ? ' and more' : ''}`;
  return {
    json: { correct, checked, findings: findings.map(findingJson), truncated },
    text: correct
      ? `Every counter is what its entries add up to (${checked} checked).`
      : [
          `${many} differences (${checked} counters checked):`,
          ...findings.map((finding) => `  ${findingText(finding)}`),
        ].join('\n'),
    note: correct
      ? undefined
      : 'The log is right and a counter is its cache: look at what wrote last with "minutebook usage explain", and report this.',
    exitCode: correct ? ExitCode.ok : ExitCode.data,
  };
}

function findingJson(finding: CounterDifference | LooseEnd): Readonly<Record<string, unknown>> {
  if (finding.kind === 'counter_differs') {
    const { kind, userId, periodStart, counter, stored, recomputed } = finding;
    return {
      kind,
      user_id: userId,
      period_start: periodStart?.toISOString() ?? null,
      counter,
      stored: stored?.toString() ?? null,
      recomputed: recomputed.toString(),
    };
  }
  const { kind, userId, sessionId, attempt, holdId, logId } = finding;
  return { kind, user_id: userId, session_id: sessionId, attempt, hold_id: holdId, log_id: logId };
}

const SENTENCES: Readonly<Record<LooseEnd['kind'], string>> = {
  open_hold_without_attempt: 'has an open hold, and no attempt that it was placed for',
  log_with_open_hold: 'is logged, and its hold is still open',
  completed_session_without_log: 'is completed, and nothing is logged',
};

function findingText(finding: CounterDifference | LooseEnd): string {
  if (finding.kind !== 'counter_differs') {
    return `user ${finding.userId}: session ${finding.sessionId}, attempt ${finding.attempt}, ${SENTENCES[finding.kind]}`;
  }
  const { userId, periodStart, counter, stored, recomputed } = finding;
  const period = periodStart === null ? 'the open period' : `the period of ${periodStart.toISOString()}`;
  return `user ${userId}: ${counter} of ${period} is ${stored ?? 'missing'}, its entries make ${recomputed}`;
}
