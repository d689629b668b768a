import type { Command } from 'commander';
import { type BudgetVerificationReport, BudgetVerification } from '#application/budgets/budget-verification';
import { type CreditVerificationReport, CreditVerification } from '#application/credits/credit-verification';
import { type AiUsageVerificationReport, AiUsageVerification } from '#application/gateway/ai-usage-verification';
import type { CounterDifference, LooseEnd } from '#application/usage/usage-reconciliation';
import { type VerificationReport, UsageVerification } from '#application/usage/usage-verification';
import type { Answer } from '../shared/answer.js';
import { ExitCode } from '../shared/exit-code.js';
import { type UserChoice, chosenUser, takesJson, takesUser } from '../shared/options.js';
import type { Run } from '../shared/run.js';
import { aiUsageFindingJson, aiUsageFindingText } from './ai-usage-finding.answer.js';
import { budgetFindingJson, budgetFindingText } from './budget-finding.answer.js';
import { creditFindingJson, creditFindingText } from './credit-finding.answer.js';

export function verifyCommand(program: Command, run: Run): void {
  takesJson(
    takesUser(
      program.command('verify').summary('recompute the books of usage, of credit, of AI requests and of budgets'),
    ),
  )
    .description(
      'Recomputes every counter from the sessions and the usage log, and the credit book from its entries: balances, ' +
        'debts, holds, grants, what paid for what, and every hash. Prices every AI request again, by what it used, and counts ' +
        'what every budget spent, holds and promises. Names each difference; also holds, attempts, entries and payments that lack what belongs to them. Of everybody, or of one user. Changes nothing. Ends with 65 when ' +
        'something is found. Safe beside a running server.',
    )
    .addHelpText('after', '\nExample:\n  $ minutebook verify --json | jq ".findings[]"')
    .action(async (options: UserChoice, command: Command) => {
      const everybody = options.user === undefined && options.email === undefined;
      const find = everybody ? null : chosenUser(command, options);
      await run.answer(async (system) => {
        const userId = find === null ? null : (await find(system)).id;
        return verified({
          usage: await system.get(UsageVerification).execute(userId),
          credit: await system.get(CreditVerification).execute(userId),
          ai: await system.get(AiUsageVerification).execute(userId),
          budget: await system.get(BudgetVerification).execute(userId),
        });
      });
    });
}

interface Reports {
  readonly usage: VerificationReport;
  readonly credit: CreditVerificationReport;
  readonly ai: AiUsageVerificationReport;
  readonly budget: BudgetVerificationReport;
}

function verified({ usage, credit, ai, budget }: Reports): Answer {
  const { checked } = usage;
  const { accounts, entries } = credit;
  const count = [usage, credit, ai, budget].reduce((sum, { findings }) => sum + findings.length, 0);
  const correct = count === 0;
  const truncated = [usage, credit, ai, budget].some((report) => report.truncated);
  return {
    json: {
      correct,
      checked,
      findings: [
        ...usage.findings.map(findingJson),
        ...credit.findings.map(creditFindingJson),
        ...ai.findings.map(aiUsageFindingJson),
        ...budget.findings.map(budgetFindingJson),
      ],
      truncated,
      credits: { accounts, entries },
      ai: { requests: ai.entries },
      budgets: { periods: budget.periods, entries: budget.entries },
    },
    text: correct
      ? `Every counter is what its entries add up to (${checked} checked).\n` +
        `Every account of credit is what its entries prove (${accounts} accounts, ${entries} entries checked).\n` +
        `Every AI request costs what it used, and is charged that (${ai.entries} checked).\n` +
        `Every budget has counted what was spent and is held (${budget.periods} periods, ${budget.entries} entries checked).`
      : [
          `${count}${truncated ? ' and more' : ''} differences (${checked} counters, ${accounts} accounts of credit and ` +
            `${entries} entries, ${ai.entries} AI requests, ${budget.periods} periods of budgets checked):`,
          ...usage.findings.map((finding) => `  ${findingText(finding)}`),
          ...credit.findings.map((finding) => `  ${creditFindingText(finding)}`),
          ...ai.findings.map((finding) => `  ${aiUsageFindingText(finding)}`),
          ...budget.findings.map((finding) => `  ${budgetFindingText(finding)}`),
        ].join('\n'),
    note: adviceOn({ usage, credit, ai, budget }),
    exitCode: correct ? ExitCode.ok : ExitCode.data,
  };
}

function adviceOn({ usage, credit, ai, budget }: Reports): string | undefined {
  const advice: string[] = [];
  if (usage.findings.length > 0) {
    advice.push(
      'The log is right and a counter is its cache: look at what wrote last with "minutebook usage explain", and report this.',
    );
  }
  if (credit.findings.length > 0) {
    advice.push(
      'The product cannot write such a book of credit: look for what else wrote to the database, compare with a backup, and report this.',
    );
  }
  if (ai.findings.length > 0) {
    advice.push(
      'An AI request is charged and logged in one transaction, and neither changes: look for what else wrote to the database, and report this.',
    );
  }
  if (budget.findings.length > 0) {
    advice.push(
      'What was spent is in the logs, and a budget is their cache, written with them: look for what else wrote to the database, and report this.',
    );
  }
  return advice.length === 0 ? undefined : advice.join('\n');
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
