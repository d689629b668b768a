import type { SessionId } from '#domain/sessions/session';
import type { TranscriptionAttempt, TranscriptionAttemptRepository } from '#domain/sessions/transcription-attempt';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryTranscriptionAttemptRepository implements TranscriptionAttemptRepository {
  private readonly rows: Table<TranscriptionAttempt>;

  constructor(transaction: InMemoryTransaction) {
    this.rows = transaction.table('transcription_attempts');
  }

  async add(attempt: TranscriptionAttempt): Promise<void> {
    if (this.rows.has(attempt.key)) throw new Error(`Attempt ${attempt.key} exists already.`);
    this.rows.put(attempt.key, attempt);
  }

  async save(attempt: TranscriptionAttempt): Promise<void> {
    this.rows.put(attempt.key, attempt);
  }

  async find(sessionId: SessionId, attempt: number): Promise<TranscriptionAttempt | null> {
    return this.rows.get(`${sessionId}:${attempt}`);
  }
}
