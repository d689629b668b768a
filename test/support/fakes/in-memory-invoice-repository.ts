import type { UserId } from '#domain/accounts/user';
import { Invoice, type InvoiceId, type InvoiceSnapshot } from '#domain/billing/invoice';
import type { InvoiceRepository } from '#domain/billing/subscription-repository';
import type { Page, PageOf } from '#domain/shared/page';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryInvoiceRepository implements InvoiceRepository {
  private readonly rows: Table<Invoice>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('invoices');
  }

  async save(id: InvoiceId, userId: UserId, gateway: string, snapshot: InvoiceSnapshot): Promise<void> {
    const key = `${gateway} ${snapshot.externalId}`;
    const known = this.rows.get(key);
    if (known && isOlder(snapshot, known.snapshot)) return this.transaction.mustRun();
    this.rows.put(key, new Invoice(known?.id ?? id, known?.userId ?? userId, gateway, snapshot));
  }

  async listOf(userId: UserId, { limit, offset }: Page): Promise<PageOf<Invoice>> {
    const all = this.of(userId).sort(
      ({ snapshot: one }, { snapshot: other }) =>
        other.createdAt.getTime() - one.createdAt.getTime() || (one.externalId > other.externalId ? -1 : 1),
    );
    return { items: all.slice(offset, offset + limit), total: all.length };
  }

  async findOldestUnsettled(userId: UserId, gateway: string): Promise<Date | null> {
    const all = this.of(userId).filter((one) => one.gateway === gateway);
    const times = (some: readonly Invoice[]): number[] => some.map(({ snapshot }) => snapshot.createdAt.getTime());
    const unsettled = times(all.filter(({ snapshot: { status } }) => status === 'draft' || status === 'open'));
    if (unsettled.length > 0) return new Date(Math.min(...unsettled));
    return all.length > 0 ? new Date(Math.max(...times(all))) : null;
  }

  private of(userId: UserId): Invoice[] {
    return this.rows.all().filter((one) => one.userId === userId);
  }
}

const RANKS = { draft: 0, open: 1, uncollectible: 2, paid: 3, void: 3 } as const;

function isOlder(one: InvoiceSnapshot, other: InvoiceSnapshot): boolean {
  return (RANKS[one.status] - RANKS[other.status] || one.attempts - other.attempts) < 0;
}
