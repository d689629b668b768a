import { findId } from '#domain/shared/id';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import type { FinalReport } from './transcriber.js';

/** Takes in a result that a provider delivers by itself, and leaves the landing to the worker. */
@UseCase()
export class TranscriptionCallback {
  constructor(
    private readonly jobs: JobQueue,
    private readonly transaction: Transaction,
  ) {}

  /** `attemptKey` as it was ordered: `<session>:<attempt>`. Throws when it is no such key. */
  async execute(attemptKey: string, report: FinalReport): Promise<void> {
    const [session, number] = attemptKey.split(':');
    const sessionId = findId<'Session'>(session);
    const attempt = Number(number);
    if (!sessionId || !Number.isInteger(attempt) || attempt < 1)
      throw new Error(`"${attemptKey}" is not the key of an attempt.`);
    await this.transaction.run(() => this.jobs.add('land_transcription', { sessionId, attempt, report }));
  }
}
