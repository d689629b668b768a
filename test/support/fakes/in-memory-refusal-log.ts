import type { UserId } from '#domain/accounts/user';
import type { Page, PageOf } from '#domain/shared/page';
import type { KeptRefusal, RefusalLog, RefusalRetention } from '#domain/usage/refusal';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryRefusalLog implements RefusalLog {
  private readonly rows: Table<KeptRefusal>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('refusals');
  }

  async add(refusal: KeptRefusal): Promise<void> {
    if (this.transaction.isRunning) throw new Error('A refusal is kept after its transaction, never as a part of one.');
    await this.transaction.run(async () => this.rows.put(refusal.id, refusal));
  }

  async latestOf(userId: UserId, { limit, offset }: Page): Promise<PageOf<KeptRefusal>> {
    const found = this.newestOf(userId);
    return { items: found.slice(offset, offset + limit), total: found.length };
  }

  async removeBeyond({ before, newest }: RefusalRetention, most: number): Promise<number> {
    this.transaction.mustRun();
    const users = [...new Set(this.rows.all().map(({ userId }) => userId))];
    const beyond = users
      .flatMap((user) => this.newestOf(user).filter(({ at }, place) => at < before || place >= newest))
      .slice(0, most);
    for (const { id } of beyond) this.rows.delete(id);
    return beyond.length;
  }

  private newestOf(userId: UserId): readonly KeptRefusal[] {
    return this.rows
      .all()
      .filter((one) => one.userId === userId)
      .sort((one, other) => other.at.getTime() - one.at.getTime() || (one.id < other.id ? 1 : -1));
  }
}
