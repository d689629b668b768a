import { injectable } from 'inversify';
import type { SessionId } from '#domain/sessions/session';
import { TranscriptionAttempt, type TranscriptionAttemptRepository } from '#domain/sessions/transcription-attempt';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class TypeOrmTranscriptionAttemptRepository implements TranscriptionAttemptRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async add(attempt: TranscriptionAttempt): Promise<void> {
    await this.database.writer.insert(TranscriptionAttempt, attempt);
  }

  async save({ sessionId, attempt, externalId }: TranscriptionAttempt): Promise<void> {
    await this.database.writer.update(TranscriptionAttempt, { sessionId, attempt }, { externalId });
  }

  find(sessionId: SessionId, attempt: number): Promise<TranscriptionAttempt | null> {
    return this.database.reader.findOneBy(TranscriptionAttempt, { sessionId, attempt });
  }
}
