import type { DeviceRepository } from '#domain/accounts/device';
import { PageSession, type PageSessionId, type PageSessionRepository } from '#domain/accounts/page-session';
import type { UserId } from '#domain/accounts/user';
import type { UserRepository } from '#domain/accounts/user-repository';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryPageSessionRepository implements PageSessionRepository {
  private readonly rows: Table<PageSession>;

  constructor(
    private readonly transaction: InMemoryTransaction,
    private readonly users: UserRepository,
    private readonly devices: DeviceRepository,
  ) {
    this.rows = transaction.table('page_sessions');
  }

  async add(session: PageSession): Promise<void> {
    this.transaction.mustRun();
    if (await this.findByToken(session.tokenHash)) throw new Error('Two sessions have one token.');
    this.rows.put(session.id, session);
  }

  async findByToken(tokenHash: string): Promise<PageSession | null> {
    return this.asOfNow(this.rows.all().find((session) => session.tokenHash === tokenHash));
  }

  async findByCookie(cookieHash: string): Promise<PageSession | null> {
    return this.asOfNow(this.rows.all().find((session) => session.cookieHash === cookieHash));
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

  async openOf(userId: UserId, now: Date): Promise<{ readonly count: number; readonly firstExpiry: Date | null }> {
    const open = this.openAt(userId, now);
    const expiries = open.map(({ expiresAt }) => expiresAt.getTime());
    return { count: open.length, firstExpiry: open.length === 0 ? null : new Date(Math.min(...expiries)) };
  }

  async endAllOf(userId: UserId, now: Date): Promise<number> {
    this.transaction.mustRun();
    const open = this.openAt(userId, now);
    for (const session of open) this.put(session, { endedAt: now });
    return open.length;
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

  private openAt(userId: UserId, now: Date): readonly PageSession[] {
    return this.rows.all().filter((one) => one.userId === userId && one.endedAt === null && one.expiresAt > now);
  }

  private async asOfNow(session: PageSession | undefined): Promise<PageSession | null> {
    if (!session) return null;
    const { userId, createdBy, createdFrom } = session;
    const key = createdFrom === null ? null : await this.devices.get(createdFrom, createdBy as UserId);
    const isUser = createdBy === userId || !createdBy.includes(':');
    const creator = isUser ? await this.users.get(createdBy as UserId) : null;
    return session.asOf(
      key !== null && key.revokedAt !== null,
      creator?.role === 'admin' && creator.suspendedAt === null,
    );
  }

  private put(session: PageSession, changes: Partial<PageSession>): PageSession {
    const changed = Object.assign(Object.create(PageSession.prototype) as PageSession, session, changes);
    this.rows.put(changed.id, changed);
    return changed;
  }
}
