import { injectable } from 'inversify';
import { VerificationExecution } from '#application/operations/verification-execution';
import type { JobHandler } from '#application/ports/job-handler';
import { findId } from '#domain/shared/id';

/** What an operator asked for, and once a day of itself, at an hour when few are at work. */
@injectable()
export class BooksVerificationHandler implements JobHandler {
  readonly task = 'verify_books';
  readonly schedule = { cron: '41 3 * * *', catchUp: true };

  constructor(private readonly execution: VerificationExecution) {}

  async handle(payload: unknown): Promise<void> {
    const { runId } = (payload ?? {}) as { readonly runId?: unknown };
    const run = findId<'VerificationRun'>(runId);
    if (runId !== undefined && run === null) throw new Error('A job to verify the books names no run.');
    await this.execution.execute(run);
  }
}
