import { PageSession, type PageSessionId, type PageSessionRepository } from '#domain/accounts/page-session';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryPageSessionRepository implements PageSessionRepository {
  private readonly rows: Table<PageSession>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('page_sessions');
  }

  async add(session: PageSession): Promise<void> {
    this.transaction.mustRun();
    if (await this.findByToken(session.tokenHash)) throw new Error('Two sessions have one token.');
    this.rows.put(session.id, session);
  }

  async findByToken(tokenHash: string): Promise<PageSession | null> {
    return this.rows.all().find((session) => session.tokenHash === tokenHash) ?? null;
  }

  async findByCookie(cookieHash: string): Promise<PageSession | null> {
    return this.rows.all().find((session) => session.cookieHash === cookieHash) ?? null;
  }

  open(
    tokenHash: string,
    opening: Parameters<PageSessionRepository['open']>[1],
    now: Date,
  ): Promise<PageSession | null> {
    return this.transaction.run(async () => {
      const session = await this.findByToken(tokenHash);
      if (!session || session.openedAs !== null || session.endedAt !== null || session.expiresAt <= now) return null;
      return this.put(session, {
        openedAs: opening.as,
        cookieHash: opening.as === 'cookie' ? opening.cookieHash : null,
      });
    });
  }

  async end(id: PageSessionId, now: Date): Promise<void> {
    this.transaction.mustRun();
    const session = this.rows.get(id);
    if (session && session.endedAt === null) this.put(session, { endedAt: now });
  }

  removeExpiredBefore(instant: Date, limit: number): Promise<number> {
    return this.transaction.run(async () => {
      const over = this.rows
        .all()
        .filter(({ expiresAt }) => expiresAt < instant)
        .slice(0, limit);
      for (const { id } of over) this.rows.delete(id);
      return over.length;
    });
  }

  private put(session: PageSession, changes: Partial<PageSession>): PageSession {
    const changed = Object.assign(Object.create(PageSession.prototype) as PageSession, session, changes);
    this.rows.put(changed.id, changed);
    return changed;
  }
}
