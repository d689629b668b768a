import type { UserId } from '#domain/accounts/user';
import type { Customers } from '#domain/billing/customers';
import type { CustomerRow } from './in-memory-payment-repository.js';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

/** The same rows that payments keep, read the other way round. */
export class InMemoryCustomers implements Customers {
  private readonly rows: Table<CustomerRow>;

  constructor(transaction: InMemoryTransaction) {
    this.rows = transaction.table('payment_customers');
  }

  async findUser(gateway: string, customerId: string): Promise<UserId | null> {
    const found = this.rows.all().find((one) => one.gateway === gateway && one.customerId === customerId);
    return found?.userId ?? null;
  }
}
