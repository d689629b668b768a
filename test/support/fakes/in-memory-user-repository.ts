import type { User, UserId } from '#domain/accounts/user';
import { EmailTaken, UserNotFound, type UserRepository } from '#domain/accounts/user-repository';
import type { Page, PageOf } from '#domain/shared/page';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryUserRepository implements UserRepository {
  private readonly rows: Table<User>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('users');
  }

  async get(id: UserId): Promise<User> {
    const user = this.rows.get(id);
    if (!user) throw new UserNotFound(id);
    return user;
  }

  async getByEmail(email: string): Promise<User> {
    const user = this.rows.all().find((one) => one.email === email.toLowerCase());
    if (!user) throw new UserNotFound(email);
    return user;
  }

  recent(id: UserId): Promise<User> {
    return this.get(id);
  }

  async hold(id: UserId): Promise<User> {
    this.transaction.hold(`user ${id}`);
    return this.get(id);
  }

  async holdActiveAdmins(): Promise<readonly User[]> {
    const admins = this.rows.all().filter(({ role, suspendedAt }) => role === 'admin' && suspendedAt === null);
    for (const { id } of admins) this.transaction.hold(`user ${id}`);
    return admins.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  async add(user: User): Promise<void> {
    this.transaction.mustRun();
    if (this.rows.all().some(({ email }) => email === user.email)) throw new EmailTaken(user.email);
    this.rows.put(user.id, user);
  }

  async save(user: User): Promise<void> {
    this.transaction.mustHold(`user ${user.id}`);
    this.rows.put(user.id, user);
  }

  async list({ search, page }: { readonly search: string | null; readonly page: Page }): Promise<PageOf<User>> {
    const part = search?.toLowerCase() ?? '';
    const found = this.rows
      .all()
      .filter(({ email, name }) => email.includes(part) || name.toLowerCase().includes(part))
      .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime() || (one.id < other.id ? -1 : 1));
    return { items: found.slice(page.offset, page.offset + page.limit), total: found.length };
  }
}
