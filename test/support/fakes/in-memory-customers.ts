import type { UserId } from '#domain/accounts/user';
import type { Customers } from '#domain/billing/customers';
import type { CustomerRow } from './in-memory-payment-repository.js';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

/** The same rows that payments keep, read the other way round. */
export class InMemoryCustomers implements Customers {
  private readonly rows: Table<CustomerRow>;
  private readonly asked = new Map<string, Date>();

  constructor(transaction: InMemoryTransaction) {
    this.rows = transaction.table('payment_customers');
  }

  async findUser(gateway: string, customerId: string): Promise<UserId | null> {
    const found = this.rows.all().find((one) => one.gateway === gateway && one.customerId === customerId);
    return found?.userId ?? null;
  }

  async claimQuestion(userId: UserId, gateway: string, now: Date, pauseMs: number): Promise<string | null> {
    const key = `${userId} ${gateway}`;
    const asked = this.asked.get(key);
    if (asked !== undefined && asked.getTime() > now.getTime() - pauseMs) return null;
    const found = this.rows.all().find((one) => one.gateway === gateway && one.userId === userId && !one.isGone);
    if (found) this.asked.set(key, now);
    return found?.customerId ?? null;
  }
}
