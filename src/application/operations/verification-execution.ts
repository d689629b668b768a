import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { Log } from '../ports/log.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { type BooksReport, findingsOf, isTruncated } from './books-report.js';
import { BooksVerification } from './books-verification.js';
import {
  VERIFICATION_LOST_MS,
  type VerificationResult,
  type VerificationRunId,
  VerificationRunning,
  VerificationRuns,
} from './verification-runs.js';

/** So many findings are kept of a run. How many there are is kept in any case. */
const MOST_KEPT_FINDINGS = 1_000;

/** Verifies all books and keeps what was found. */
@UseCase()
export class VerificationExecution {
  constructor(
    private readonly books: BooksVerification,
    private readonly runs: VerificationRuns,
    private readonly transaction: Transaction,
    private readonly ids: IdGenerator,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * A run that was begun, or one of its own (null), which is left to the other when one is under way. Does nothing for a run that
   * came to its end already, so that a job that is delivered twice verifies once. What goes wrong is kept with the run, and thrown.
   */
  async execute(begun: VerificationRunId | null): Promise<void> {
    const id = begun ?? (await this.begun());
    if (id === null) return;
    const alive = (): Promise<boolean> => this.transaction.run(() => this.runs.touch(id, this.clock.now()));
    if (!(await alive())) return;
    try {
      const result = resultOf(await this.books.execute(null, alive));
      await this.transaction.run(() => this.runs.finish(id, result, this.clock.now()));
      if (result.findingsCount > 0) {
        this.log.error(
          new Error('The books are not what they must be.'),
          { run: id, found: result.findingsCount },
          'verified',
        );
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      await this.transaction.run(() => this.runs.fail(id, why, this.clock.now()));
      throw error;
    }
  }

  private async begun(): Promise<VerificationRunId | null> {
    const [id, startedAt] = [this.ids.next<'VerificationRun'>(), this.clock.now()];
    const lostSince = new Date(startedAt.getTime() - VERIFICATION_LOST_MS);
    try {
      await this.transaction.run(() => this.runs.begin({ id, requestedBy: 'system', startedAt }, lostSince));
      return id;
    } catch (error) {
      if (error instanceof VerificationRunning) return null;
      throw error;
    }
  }
}

function resultOf(report: BooksReport): VerificationResult {
  const { usage, credit, ai, budget, subscription } = report;
  const findings = findingsOf(report);
  return {
    findingsCount: findings.length,
    truncated: isTruncated(report),
    findings: findings.slice(0, MOST_KEPT_FINDINGS),
    checked: {
      counters: usage.checked,
      credit_accounts: credit.accounts,
      credit_entries: credit.entries,
      ai_requests: ai.entries,
      budget_periods: budget.periods,
      budget_entries: budget.entries,
      subscriptions: subscription.subscriptions,
    },
  };
}
