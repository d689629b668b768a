import { injectable } from 'inversify';
import { type IdempotentAnswers, type KeptAnswer, StillRunning } from '#application/ports/idempotent-answers';
import type { UserId } from '#domain/accounts/user';
import { TypeOrmTransaction } from './typeorm-transaction.js';

@injectable()
export class SqlIdempotentAnswers implements IdempotentAnswers {
  constructor(private readonly database: TypeOrmTransaction) {}

  async find(userId: UserId, key: string): Promise<KeptAnswer | null> {
    const rows = await this.database.reader.query<KeptAnswer[]>(
      `select fingerprint, status, body from idempotent_answers where user_id = $1 and key = $2`,
      [userId, key],
    );
    return rows[0] ?? null;
  }

  once(
    { userId, key, fingerprint, now }: { userId: UserId; key: string; fingerprint: string; now: Date },
    produce: () => Promise<{ shown: KeptAnswer; kept: KeptAnswer }>,
    refused: (error: unknown) => KeptAnswer | null,
  ): Promise<{ answer: KeptAnswer; replayed: boolean }> {
    return this.database.run(async () => {
      // Freed by the end of the transaction, so a process that dies leaves no key locked.
      const [lock] = await this.database.writer.query<{ taken: boolean }[]>(
        `select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken`,
        [`idempotency:${userId}:${key}`],
      );
      if (!lock?.taken) throw new StillRunning();
      const before = await this.find(userId, key);
      if (before) return { answer: before, replayed: true };

      const { shown, kept } = await this.attempt(produce, refused);
      await this.database.writer.query(
        `insert into idempotent_answers (user_id, key, fingerprint, status, body, created_at) values ($1, $2, $3, $4, $5, $6)`,
        [userId, key, fingerprint, kept.status, JSON.stringify(kept.body ?? null), now],
      );
      return { answer: shown, replayed: false };
    });
  }

  async keep(userId: UserId, key: string, { fingerprint, status, body }: KeptAnswer, now: Date): Promise<void> {
    await this.database.writer.query(
      `insert into idempotent_answers (user_id, key, fingerprint, status, body, created_at) values ($1, $2, $3, $4, $5, $6)
       on conflict (user_id, key) do nothing`,
      [userId, key, fingerprint, status, JSON.stringify(body ?? null), now],
    );
  }

  private async attempt(
    produce: () => Promise<{ shown: KeptAnswer; kept: KeptAnswer }>,
    refused: (error: unknown) => KeptAnswer | null,
  ): Promise<{ shown: KeptAnswer; kept: KeptAnswer }> {
    try {
      return await this.database.runNested(produce);
    } catch (error) {
      const answer = refused(error);
      if (!answer) throw error;
      return { shown: answer, kept: answer };
    }
  }
}
