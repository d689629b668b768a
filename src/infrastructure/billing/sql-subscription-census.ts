import { injectable } from 'inversify';
import type { InvoiceOutcome, Share, SubscriptionCensus } from '#application/billing/subscription-census';
import type { SubscriptionStatus } from '#domain/billing/subscription';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlSubscriptionCensus implements SubscriptionCensus {
  constructor(private readonly database: TypeOrmTransaction) {}

  async listQuietCustomers(gateway: string, unchangedSince: Date, share: Share | null): Promise<readonly string[]> {
    const rows = await this.database.reader.query<{ customer_id: string }[]>(
      // The last byte of a UUID of version 7 is random, so the shares are of one size.
      `select distinct customer_id from subscriptions
        where gateway = $1 and updated_at < $2 and status not in ('canceled', 'incomplete_expired')
          and ($3::int is null or get_byte(uuid_send(id), 15) % $4::int = $3)
        order by customer_id`,
      [gateway, unchangedSince, share?.part ?? null, share?.of ?? 1],
    );
    return rows.map(({ customer_id }) => customer_id);
  }

  async countByStatus(): Promise<Readonly<Partial<Record<SubscriptionStatus, number>>>> {
    const rows = await this.database.reader.query<{ status: SubscriptionStatus; count: number }[]>(
      'select status, count(*)::int as count from subscriptions group by status order by status',
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  }

  async countInvoiceOutcomes(): Promise<Readonly<Record<InvoiceOutcome, number>>> {
    const [row] = await this.database.reader.query<Record<InvoiceOutcome, number>[]>(
      // One that was paid at the first try never failed; one that has nothing to be paid is not tried at all.
      `select count(*) filter (where status = 'paid')::int as paid,
              count(*) filter (where attempts > 1 or (attempts = 1 and status <> 'paid'))::int as failed,
              count(*) filter (where status = 'uncollectible')::int as uncollectible,
              count(*) filter (where status = 'void')::int as void
         from invoices`,
    );
    return row!;
  }
}
