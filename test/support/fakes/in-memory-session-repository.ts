import type { User, UserId } from '#domain/accounts/user';
import { LimitExceeded } from '#domain/plans/plan-limits';
import { Duration } from '#domain/shared/duration';
import type { Page, PageOf } from '#domain/shared/page';
import { Session, type SessionId, type SessionStatus } from '#domain/sessions/session';
import { type SessionClaim, SessionNotFound, type SessionRepository } from '#domain/sessions/session-repository';
import { PeriodUsage } from '#domain/usage/period-usage';
import { InMemoryPeriodUsage } from './in-memory-period-usage.js';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemorySessionRepository implements SessionRepository {
  private readonly rows: Table<Session>;
  private readonly users: Table<User>;
  private readonly transcripts: Table<{ readonly sessionId: SessionId }>;
  private readonly counters: InMemoryPeriodUsage;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('sessions');
    this.users = transaction.table('users');
    this.transcripts = transaction.table('transcripts');
    this.counters = new InMemoryPeriodUsage(transaction);
  }

  addWithin(session: Session, { userVersion, period, limits }: SessionClaim): Promise<boolean> {
    return this.transaction.run(async () => {
      const user = this.users.get(session.userId);
      if (!user || user.version !== userVersion || user.suspendedAt !== null) return false;
      const counted = this.counters.of(session.userId, period.start);
      if (counted.merged) return false;
      const used = new PeriodUsage(counted.sessions, Duration.ofSeconds(counted.seconds), 0, Duration.zero, 0, 0);
      if (!admits(() => limits.admitSession(used, period))) return false;
      this.counters.add(session.userId, period.start, { sessions: 1 });
      this.rows.put(session.id, session);
      return true;
    });
  }

  async get(id: SessionId, userId: UserId): Promise<Session> {
    const session = await this.getEvenDeleted(id, userId);
    if (session.deletedAt) throw new SessionNotFound(id);
    return session;
  }

  async getEvenDeleted(id: SessionId, userId: UserId): Promise<Session> {
    const session = this.rows.get(id);
    if (session?.userId !== userId) throw new SessionNotFound(id);
    return session;
  }

  async hold(id: SessionId, userId: UserId): Promise<Session> {
    this.transaction.hold(`session ${id}`);
    return this.get(id, userId);
  }

  async holdEvenDeleted(id: SessionId, userId: UserId): Promise<Session> {
    this.transaction.hold(`session ${id}`);
    return this.getEvenDeleted(id, userId);
  }

  async save(session: Session): Promise<void> {
    this.transaction.mustHold(`session ${session.id}`);
    const { periodStart, createdAt } = await this.getEvenDeleted(session.id, session.userId);
    // When it was created, and in which period, is evidence: no save changes it.
    const evidence = { periodStart, createdAt };
    this.rows.put(session.id, Object.assign(Object.create(Session.prototype) as Session, session, evidence));
  }

  async list(
    userId: UserId,
    { status, page }: { readonly status: SessionStatus | null; readonly page: Page },
  ): Promise<PageOf<Session>> {
    const found = this.rows
      .all()
      .filter((one) => one.userId === userId && one.deletedAt === null && (status === null || one.status === status))
      .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime() || (one.id < other.id ? 1 : -1));
    return { items: found.slice(page.offset, page.offset + page.limit), total: found.length };
  }

  async listBeyondRetention(keptSince: ReadonlyMap<string, Date>, limit: number): Promise<readonly Session[]> {
    const withTranscript = new Set(this.transcripts.all().map(({ sessionId }) => sessionId));
    return this.rows
      .all()
      .filter((session) => {
        const since = keptSince.get(this.users.get(session.userId)!.plan);
        const keepsSomething = session.uploadKey !== null || withTranscript.has(session.id);
        return since !== undefined && session.updatedAt < since && session.status !== 'processing' && keepsSomething;
      })
      .sort((one, other) => one.updatedAt.getTime() - other.updatedAt.getTime())
      .slice(0, limit);
  }
}

/** Whether the domain's own rule lets it pass; anything but a limit is a fault. */
export function admits(rule: () => void): boolean {
  try {
    rule();
    return true;
  } catch (error) {
    if (error instanceof LimitExceeded) return false;
    throw error;
  }
}
