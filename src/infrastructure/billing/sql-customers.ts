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

  async claimQuestion(userId: UserId, gateway: string, now: Date, pauseMs: number): Promise<string | null> {
    const rows = await this.database.writer.query<{ customer_id: string }[]>(
      `with asked as (
         update payment_customers set asked_at = $3
          where user_id = $1 and gateway = $2 and gone_at is null and (asked_at is null or asked_at <= $4)
         returning customer_id)
       select customer_id from asked`,
      [userId, gateway, now, new Date(now.getTime() - pauseMs)],
    );
    return rows[0]?.customer_id ?? null;
  }
}
