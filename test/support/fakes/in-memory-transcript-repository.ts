import type { UserId } from '#domain/accounts/user';
import type { Session, SessionId } from '#domain/sessions/session';
import type { Transcript } from '#domain/sessions/transcript';
import { TranscriptNotFound, type TranscriptRepository } from '#domain/sessions/transcript-repository';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryTranscriptRepository implements TranscriptRepository {
  private readonly rows: Table<Transcript>;
  private readonly sessions: Table<Session>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('transcripts');
    this.sessions = transaction.table('sessions');
  }

  async add(transcript: Transcript, userId: UserId): Promise<void> {
    this.transaction.mustRun();
    const key = `${transcript.sessionId}:${transcript.attempt}`;
    if (this.sessions.get(transcript.sessionId)?.userId !== userId || this.rows.has(key)) {
      throw new Error(`Transcript ${key} cannot be added.`);
    }
    this.rows.put(key, transcript);
  }

  async latest(sessionId: SessionId, userId: UserId): Promise<Transcript> {
    const session = this.sessions.get(sessionId);
    const latest = this.of(sessionId).sort((one, other) => other.attempt - one.attempt)[0];
    if (!latest || session?.userId !== userId || session.deletedAt !== null) throw new TranscriptNotFound(sessionId);
    return latest;
  }

  async save(transcript: Transcript, userId: UserId): Promise<void> {
    this.transaction.mustRun();
    const key = `${transcript.sessionId}:${transcript.attempt}`;
    if (this.rows.has(key) && this.sessions.get(transcript.sessionId)?.userId === userId)
      this.rows.put(key, transcript);
  }

  async removeAll(sessionId: SessionId, userId: UserId): Promise<void> {
    this.transaction.mustRun();
    if (this.sessions.get(sessionId)?.userId !== userId) return;
    for (const { attempt } of this.of(sessionId)) this.rows.delete(`${sessionId}:${attempt}`);
  }

  private of(sessionId: SessionId): Transcript[] {
    return this.rows.all().filter((transcript) => transcript.sessionId === sessionId);
  }
}
