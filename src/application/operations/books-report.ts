import { GLOBAL_BUDGET } from '#domain/budgets/budget';
import type { SubscriptionVerificationReport } from '../billing/subscription-verification.js';
import type { BudgetVerificationReport } from '../budgets/budget-verification.js';
import type { CreditVerificationReport } from '../credits/credit-verification.js';
import type { AiUsageVerificationReport } from '../gateway/ai-usage-verification.js';
import type { CounterDifference, LooseEnd } from '../usage/usage-reconciliation.js';
import type { VerificationReport } from '../usage/usage-verification.js';

/** What the verification of each book found. */
export interface BooksReport {
  readonly usage: VerificationReport;
  readonly credit: CreditVerificationReport;
  readonly ai: AiUsageVerificationReport;
  readonly budget: BudgetVerificationReport;
  readonly subscription: SubscriptionVerificationReport;
}

/** A difference as it is kept and shown: `kind`, `user_id` (null: the global budget's), and what was compared. */
export type KeptFinding = Readonly<Record<string, unknown>> & {
  readonly kind: string;
  readonly user_id: string | null;
};

/** Every difference, book after book. */
export function findingsOf({ usage, credit, ai, budget, subscription }: BooksReport): readonly KeptFinding[] {
  return [
    ...usage.findings.map(usageFinding),
    ...[...credit.findings, ...ai.findings, ...subscription.findings].map(
      ({ kind, userId, id, stored, recomputed }) => ({
        kind,
        user_id: userId,
        id,
        stored,
        recomputed,
      }),
    ),
    ...budget.findings.map(({ kind, budgetId, id, stored, recomputed }) => ({
      kind,
      user_id: budgetId === GLOBAL_BUDGET ? null : budgetId,
      id,
      stored,
      recomputed,
    })),
  ];
}

/** Whether any book has more differences than are listed. */
export function isTruncated(report: BooksReport): boolean {
  return Object.values(report).some(({ truncated }: BooksReport[keyof BooksReport]) => truncated);
}

function usageFinding(finding: CounterDifference | LooseEnd): KeptFinding {
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
