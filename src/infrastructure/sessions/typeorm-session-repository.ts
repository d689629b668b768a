import { injectable } from 'inversify';
import { IsNull } from 'typeorm';
import type { UserId } from '#domain/accounts/user';
import type { Page, PageOf } from '#domain/shared/page';
import { Session, type SessionId, type SessionStatus } from '#domain/sessions/session';
import { type SessionClaim, SessionNotFound, type SessionRepository } from '#domain/sessions/session-repository';
import { periodEndKey, periodKey } from '../persistence/columns.js';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { limitValue } from '../usage/typeorm-hold-repository.js';

@injectable()
export class TypeOrmSessionRepository implements SessionRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async addWithin(session: Session, { userVersion, period, limits }: SessionClaim): Promise<boolean> {
    const { rowCount } = await this.database.prepared(CLAIM_SESSION, [
      session.userId,
      userVersion,
      periodKey(period.start),
      periodEndKey(period.end),
      limitValue(limits.sessions),
      limitValue(limits.seconds),
      session.id,
      session.title,
      session.language,
      session.sttProvider,
      session.status,
      session.createdAt,
    ]);
    return rowCount === 1;
  }

  async get(id: SessionId, userId: UserId): Promise<Session> {
    const session = await this.database.reader.findOneBy(Session, { id, userId, deletedAt: IsNull() });
    if (!session) throw new SessionNotFound(id);
    return session;
  }

  async getEvenDeleted(id: SessionId, userId: UserId): Promise<Session> {
    const session = await this.database.reader.findOneBy(Session, { id, userId });
    if (!session) throw new SessionNotFound(id);
    return session;
  }

  async hold(id: SessionId, userId: UserId): Promise<Session> {
    const session = await this.holdEvenDeleted(id, userId);
    if (session.deletedAt) throw new SessionNotFound(id);
    return session;
  }

  async holdEvenDeleted(id: SessionId, userId: UserId): Promise<Session> {
    const session = await this.database.writer.findOne(Session, {
      where: { id, userId },
      lock: { mode: 'for_no_key_update' },
    });
    if (!session) throw new SessionNotFound(id);
    return session;
  }

  async save(session: Session): Promise<void> {
    const { id, userId, periodStart, createdAt, ...changeable } = session;
    const { affected } = await this.database.writer.update(Session, { id, userId }, changeable);
    if (affected !== 1)
      throw new SessionNotFound(`${id}, of period ${periodStart?.toISOString()}, made ${createdAt.toISOString()}`);
  }

  async list(
    userId: UserId,
    { status, page }: { readonly status: SessionStatus | null; readonly page: Page },
  ): Promise<PageOf<Session>> {
    const [items, total] = await this.database.reader.findAndCount(Session, {
      where: { userId, deletedAt: IsNull(), ...(status && { status }) },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: page.limit,
      skip: page.offset,
    });
    return { items, total };
  }

  listBeyondRetention(keptSince: ReadonlyMap<string, Date>, limit: number): Promise<readonly Session[]> {
    return this.database.reader
      .createQueryBuilder(Session, 'session')
      .innerJoin('users', 'owner', 'owner.id = session.user_id')
      .innerJoin(
        `(select * from unnest(:plans::text[], :instants::timestamptz[]) as k (plan, instant))`,
        'kept',
        'kept.plan = owner.plan and session.updated_at < kept.instant',
        { plans: [...keptSince.keys()], instants: [...keptSince.values()] },
      )
      .where(`session.status <> 'processing'`)
      .andWhere(
        `(session.upload_key is not null or exists (select 1 from transcripts t where t.session_id = session.id))`,
      )
      .orderBy('session.updated_at')
      .limit(limit)
      .getMany();
  }
}

/**
 * Count and keep in one statement. The counter's row is the lock: requests for the last session wait for each other
 * there, and each compares with what the one before left behind. The user's version makes a plan change, a reset or a
 * suspension in between visible. Nothing inserted means: refused, or stale; the use case finds out which.
 */
const CLAIM_SESSION: PreparedStatement = {
  name: 'claim_session',
  text: `
    with counted as (
      insert into period_usage as u (user_id, period_start, period_end, sessions)
      select $1, $3, $4, 1
        from users
       where id = $1 and version = $2 and suspended_at is null and 1 <= $5::bigint and 0 < $6::bigint
      on conflict (user_id, period_start) do update set sessions = u.sessions + 1
       where u.merged_into is null and u.sessions + 1 <= $5::bigint and u.seconds < $6::bigint
      returning user_id
    )
    insert into sessions (id, user_id, period_start, title, language, stt_provider, status, created_at, updated_at)
    select $7, user_id, $3, $8, $9, $10, $11, $12, $12 from counted`,
};
