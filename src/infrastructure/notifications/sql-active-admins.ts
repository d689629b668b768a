import { injectable } from 'inversify';
import type { ActiveAdmins } from '#application/notifications/active-admins';
import type { UserId } from '#domain/accounts/user';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlActiveAdmins implements ActiveAdmins {
  constructor(private readonly database: TypeOrmTransaction) {}

  async list(): Promise<readonly UserId[]> {
    const rows = await this.database.reader.query<{ id: UserId }[]>(
      `select id from users where role = 'admin' and suspended_at is null order by id`,
    );
    return rows.map(({ id }) => id);
  }
}
