import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { Customers } from '#domain/billing/customers';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlCustomers implements Customers {
  constructor(private readonly database: TypeOrmTransaction) {}

  async findUser(gateway: string, customerId: string): Promise<UserId | null> {
    const rows = await this.database.reader.query<{ user_id: UserId }[]>(
      'select user_id from payment_customers where gateway = $1 and customer_id = $2',
      [gateway, customerId],
    );
    return rows[0]?.user_id ?? null;
  }
}
