import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { VERIFICATION_LOST_MS, type VerificationRunId, VerificationRuns } from './verification-runs.js';

/** Has a worker verify all books. */
@UseCase()
export class VerificationRequest {
  constructor(
    private readonly runs: VerificationRuns,
    private readonly jobs: JobQueue,
    private readonly transaction: Transaction,
    private readonly ids: IdGenerator,
    private readonly clock: Clock,
  ) {}

  /** Throws VerificationRunning. */
  execute(requestedBy: string): Promise<VerificationRunId> {
    return this.transaction.run(async () => {
      const [id, startedAt] = [this.ids.next<'VerificationRun'>(), this.clock.now()];
      await this.runs.begin({ id, requestedBy, startedAt }, new Date(startedAt.getTime() - VERIFICATION_LOST_MS));
      await this.jobs.add('verify_books', { runId: id });
      return id;
    });
  }
}
