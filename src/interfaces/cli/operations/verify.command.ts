import type { Command } from 'commander';
import { BooksVerification } from '#application/operations/books-verification';
import { type BooksReport, findingsOf, isTruncated } from '#application/operations/books-report';
import type { CounterDifference, LooseEnd } from '#application/usage/usage-reconciliation';
import type { Answer } from '../shared/answer.js';
import { ExitCode } from '../shared/exit-code.js';
import { type UserChoice, chosenUser, takesJson, takesUser } from '../shared/options.js';
import type { Run } from '../shared/run.js';
import { aiUsageFindingText } from './ai-usage-finding.answer.js';
import { budgetFindingText } from './budget-finding.answer.js';
import { creditFindingText } from './credit-finding.answer.js';
import { subscriptionFindingText } from './subscription-finding.answer.js';

export function verifyCommand(program: Command, run: Run): void {
  takesJson(
    takesUser(
      program.command('verify').summary('recompute the books of usage, credit, AI requests, budgets and subscriptions'),
    ),
  )
    .description(
      'Recomputes every counter from the sessions and the usage log, and the credit book from its entries: balances, ' +
        'debts, holds, grants, what paid for what, and every hash. Prices every AI request again, by what it used, and counts ' +
        'what every budget spent, holds and promises. Compares what subscriptions give with what their users have. Names each difference; also holds, attempts, entries and payments that lack what belongs to them. Of everybody, or of one user. Changes nothing. Ends with 65 when ' +
        'something is found. Safe beside a running server.',
    )
    .addHelpText('after', '\nExample:\n  $ minutebook verify --json | jq ".findings[]"')
    .action(async (options: UserChoice, command: Command) => {
      const everybody = options.user === undefined && options.email === undefined;
      const find = everybody ? null : chosenUser(command, options);
      await run.answer(async (system) => {
        const userId = find === null ? null : (await find(system)).id;
        return verified(await system.get(BooksVerification).execute(userId));
      });
    });
}

function verified(report: BooksReport): Answer {
  const { usage, credit, ai, budget, subscription } = report;
  const { checked } = usage;
  const { accounts, entries } = credit;
  const findings = findingsOf(report);
  const count = findings.length;
  const correct = count === 0;
  const truncated = isTruncated(report);
  return {
    json: {
      correct,
      checked,
      findings,
      truncated,
      credits: { accounts, entries },
      ai: { requests: ai.entries },
      budgets: { periods: budget.periods, entries: budget.entries },
      subscriptions: { checked: subscription.subscriptions },
    },
    text: correct
      ? `Every counter is what its entries add up to (${checked} checked).\n` +
        `Every account of credit is what its entries prove (${accounts} accounts, ${entries} entries checked).\n` +
        `Every AI request costs what it used, and is charged that (${ai.entries} checked).\n` +
        `Every budget has counted what was spent and is held (${budget.periods} periods, ${budget.entries} entries checked).\n` +
        `Every subscription gives what follows from it (${subscription.subscriptions} checked).`
      : [
          `${count}${truncated ? ' and more' : ''} differences (${checked} counters, ${accounts} accounts of credit and ` +
            `${entries} entries, ${ai.entries} AI requests, ${budget.periods} periods of budgets, ${subscription.subscriptions} subscriptions checked):`,
          ...usage.findings.map((finding) => `  ${findingText(finding)}`),
          ...credit.findings.map((finding) => `  ${creditFindingText(finding)}`),
          ...ai.findings.map((finding) => `  ${aiUsageFindingText(finding)}`),
          ...budget.findings.map((finding) => `  ${budgetFindingText(finding)}`),
          ...subscription.findings.map((finding) => `  ${subscriptionFindingText(finding)}`),
        ].join('\n'),
    note: adviceOn(report),
    exitCode: correct ? ExitCode.ok : ExitCode.data,
  };
}

function adviceOn({ usage, credit, ai, budget, subscription }: BooksReport): string | undefined {
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
  if (subscription.findings.length > 0) {
    advice.push(
      'What follows from a subscription is written with it: ask the provider again with "minutebook subscription sync", which mends plans and periods, and report this.',
    );
  }
  return advice.length === 0 ? undefined : advice.join('\n');
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
