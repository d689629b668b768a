import { injectable } from 'inversify';
import type { DeviceId } from '#domain/accounts/device';
import {
  type PageOpening,
  type PageScope,
  PageSession,
  type PageSessionId,
  type PageSessionRepository,
} from '#domain/accounts/page-session';
import type { UserId } from '#domain/accounts/user';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlPageSessionRepository implements PageSessionRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async add(session: PageSession): Promise<void> {
    const { id, userId, scope, tokenHash, openedAs, cookieHash, returnUrl, createdAt, expiresAt, endedAt } = session;
    const { createdBy, createdFrom } = session;
    await this.database.writer.query(
      `insert into page_sessions (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        ...[id, userId, scope, tokenHash, openedAs, cookieHash, returnUrl, createdAt, expiresAt, endedAt],
        ...[createdBy, createdFrom],
      ],
    );
  }

  findByToken(tokenHash: string): Promise<PageSession | null> {
    return this.one(FIND_BY_TOKEN, [tokenHash]);
  }

  findByCookie(cookieHash: string): Promise<PageSession | null> {
    return this.one(FIND_BY_COOKIE, [cookieHash]);
  }

  open(
    tokenHash: string,
    opening: Parameters<PageSessionRepository['open']>[1],
    now: Date,
  ): Promise<PageSession | null> {
    return this.one(OPEN, [tokenHash, opening.as, opening.as === 'cookie' ? opening.cookieHash : null, now]);
  }

  async openOf(userId: UserId, now: Date): Promise<{ readonly count: number; readonly firstExpiry: Date | null }> {
    const { rows } = await this.database.prepared<{ readonly count: number; readonly first: Date | null }>(OPEN_OF, [
      userId,
      now,
    ]);
    return { count: rows[0]!.count, firstExpiry: rows[0]!.first };
  }

  async endAllOf(userId: UserId, now: Date): Promise<number> {
    const [, ended] = await this.database.writer.query<[unknown, number]>(
      'update page_sessions set ended_at = $2 where user_id = $1 and ended_at is null and expires_at > $2',
      [userId, now],
    );
    return ended;
  }

  async end(id: PageSessionId, now: Date): Promise<void> {
    await this.database.writer.query('update page_sessions set ended_at = $2 where id = $1 and ended_at is null', [
      id,
      now,
    ]);
  }

  async removeExpiredBefore(instant: Date, limit: number): Promise<number> {
    const { rowCount } = await this.database.prepared(REMOVE, [instant, limit]);
    return rowCount ?? 0;
  }

  private async one(statement: PreparedStatement, values: readonly unknown[]): Promise<PageSession | null> {
    const { rows } = await this.database.prepared<PageSessionRow>(statement, values);
    return rows[0] ? pageSessionOf(rows[0]) : null;
  }
}

// Every column by its name: PostgreSQL refuses a prepared `*` as soon as a newer version adds one.
const COLUMNS =
  'id, user_id, scope, token_hash, opened_as, cookie_hash, return_url, created_at, expires_at, ended_at, created_by, created_from';

/** In the same statement, so that a session that is not warm costs no second question. Whoever is no user has no id. */
const BACKED = `
  exists (select from devices d where d.id = page_sessions.created_from and d.revoked_at is not null) as is_key_revoked,
  exists (select from users c
           where c.id = case when page_sessions.created_by not like '%:%' then page_sessions.created_by::uuid end
             and c.role = 'admin' and c.suspended_at is null) as is_creator_admin`;

const FIND_BY_TOKEN: PreparedStatement = {
  name: 'find_page_session_by_token',
  text: `select ${COLUMNS}, ${BACKED} from page_sessions where token_hash = $1`,
};

const FIND_BY_COOKIE: PreparedStatement = {
  name: 'find_page_session_by_cookie',
  text: `select ${COLUMNS}, ${BACKED} from page_sessions where cookie_hash = $1`,
};

/** One statement, so one decision: whoever comes while it is made waits for the row, and finds it opened. */
const OPEN: PreparedStatement = {
  name: 'open_page_session',
  text: `
    update page_sessions set opened_as = $2, cookie_hash = $3
     where token_hash = $1 and opened_as is null and ended_at is null and expires_at > $4
    returning ${COLUMNS}, ${BACKED}`,
};

const OPEN_OF: PreparedStatement = {
  name: 'open_page_sessions_of',
  text: `
    select count(*)::int as count, min(expires_at) as first
      from page_sessions
     where user_id = $1 and ended_at is null and expires_at > $2`,
};

const REMOVE: PreparedStatement = {
  name: 'remove_page_sessions',
  text: `
    delete from page_sessions
     where id in (select id from page_sessions where expires_at < $1 order by expires_at limit $2 for update skip locked)`,
};

interface PageSessionRow {
  readonly id: PageSessionId;
  readonly user_id: UserId;
  readonly scope: PageScope;
  readonly token_hash: string;
  readonly opened_as: PageOpening | null;
  readonly cookie_hash: string | null;
  readonly return_url: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly ended_at: Date | null;
  readonly created_by: string;
  readonly created_from: DeviceId | null;
  readonly is_key_revoked: boolean;
  readonly is_creator_admin: boolean;
}

function pageSessionOf(row: PageSessionRow): PageSession {
  return new PageSession(
    row.id,
    row.user_id,
    row.scope,
    row.token_hash,
    row.opened_as,
    row.cookie_hash,
    row.return_url,
    row.created_at,
    row.expires_at,
    row.ended_at,
    row.created_by,
    row.created_from,
    null,
  ).asOf(row.is_key_revoked, row.is_creator_admin);
}
