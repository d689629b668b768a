import { type IdempotentAnswers, type KeptAnswer, StillRunning } from '#application/ports/idempotent-answers';
import type { UserId } from '#domain/accounts/user';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryIdempotentAnswers implements IdempotentAnswers {
  private readonly rows: Table<KeptAnswer>;
  private readonly atWork = new Set<string>();

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('idempotent_answers');
  }

  async find(userId: UserId, key: string): Promise<KeptAnswer | null> {
    return this.rows.get(`${userId} ${key}`);
  }

  async once(
    {
      userId,
      key,
    }: { readonly userId: UserId; readonly key: string; readonly fingerprint: string; readonly now: Date },
    produce: () => Promise<{ readonly shown: KeptAnswer; readonly kept: KeptAnswer }>,
    refused: (error: unknown) => KeptAnswer | null,
  ): Promise<{ readonly answer: KeptAnswer; readonly replayed: boolean }> {
    const row = `${userId} ${key}`;
    if (this.atWork.has(row)) throw new StillRunning();
    this.atWork.add(row);
    try {
      return await this.transaction.run(async () => {
        const before = await this.find(userId, key);
        if (before) return { answer: before, replayed: true };
        const { shown, kept } = await this.attempt(produce, refused);
        this.rows.put(row, kept);
        return { answer: shown, replayed: false };
      });
    } finally {
      this.atWork.delete(row);
    }
  }

  async keep(userId: UserId, key: string, answer: KeptAnswer): Promise<void> {
    const row = `${userId} ${key}`;
    if (!this.rows.get(row)) this.rows.put(row, answer);
  }

  private async attempt(
    produce: () => Promise<{ readonly shown: KeptAnswer; readonly kept: KeptAnswer }>,
    refused: (error: unknown) => KeptAnswer | null,
  ): Promise<{ readonly shown: KeptAnswer; readonly kept: KeptAnswer }> {
    try {
      return await this.transaction.runNested(produce);
    } catch (error) {
      const answer = refused(error);
      if (!answer) throw error;
      return { shown: answer, kept: answer };
    }
  }
}
