import { injectable } from 'inversify';
import { LRUCache } from 'lru-cache';
import { IsNull, QueryFailedError } from 'typeorm';
import { User, type UserId } from '#domain/accounts/user';
import { EmailTaken, UserNotFound, type UserRepository } from '#domain/accounts/user-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { userOf, type UserRow } from './user.table.js';
import { patternOf } from './user-search.js';

const UNIQUE_VIOLATION = '23505';

@injectable()
export class TypeOrmUserRepository implements UserRepository {
  /** A hint for claims, which name the version they were decided by and are refused when it is old. */
  private readonly seen = new LRUCache<UserId, User>({ max: 10_000, ttl: 800 });

  constructor(private readonly database: TypeOrmTransaction) {}

  async get(id: UserId): Promise<User> {
    const { rows } = await this.database.prepared<UserRow>(GET_USER, [id]);
    if (!rows[0]) throw new UserNotFound(id);
    const user = userOf(rows[0]);
    // What a transaction sees may still be undone, and another change may get the same version then.
    if (!this.database.isRunning) this.seen.set(id, user);
    return user;
  }

  async getByEmail(email: string): Promise<User> {
    const user = await this.database.reader.findOneBy(User, { email: email.toLowerCase() });
    if (!user) throw new UserNotFound(email);
    return user;
  }

  async recent(id: UserId): Promise<User> {
    return this.seen.get(id) ?? this.get(id);
  }

  async hold(id: UserId): Promise<User> {
    const user = await this.database.writer.findOne(User, { where: { id }, lock: { mode: 'for_no_key_update' } });
    if (!user) throw new UserNotFound(id);
    return user;
  }

  holdActiveAdmins(): Promise<readonly User[]> {
    return this.database.writer.find(User, {
      where: { role: 'admin', suspendedAt: IsNull() },
      order: { id: 'ASC' },
      lock: { mode: 'for_no_key_update' },
    });
  }

  async add(user: User): Promise<void> {
    try {
      await this.database.writer.insert(User, user);
    } catch (error) {
      if (error instanceof QueryFailedError && (error.driverError as { code?: string }).code === UNIQUE_VIOLATION) {
        throw new EmailTaken(user.email);
      }
      throw error;
    }
  }

  async save(user: User): Promise<void> {
    const { id, ...changed } = user;
    await this.database.writer.update(User, { id }, changed);
    this.seen.delete(id);
  }

  async list({ search, page }: { readonly search: string | null; readonly page: Page }): Promise<PageOf<User>> {
    const users = this.database.reader
      .createQueryBuilder(User, 'user')
      .orderBy({ 'user.created_at': 'DESC', 'user.id': 'ASC' });
    const part = patternOf(search);
    if (part !== null) users.where(`(user.email ilike :part or user.name ilike :part)`, { part });
    const [items, total] = await users.take(page.limit).skip(page.offset).getManyAndCount();
    return { items, total };
  }
}

/** Read before almost every decision, so it takes the short way around the mapper: a third of its cost. */
const GET_USER: PreparedStatement = {
  name: 'get_user',
  // Every column by its name: PostgreSQL refuses a prepared `*` as soon as a newer version adds one.
  text: `
    select id, email, name, role, plan, current_month_start, period_anchor, suspended_at, version, created_at
      from users
     where id = $1`,
};
