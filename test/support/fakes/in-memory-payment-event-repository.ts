import {
  type PaymentEvent,
  type PaymentEventFilter,
  PaymentEventNotFound,
  type PaymentEventRepository,
} from '#domain/payments/payment-event';
import type { Page, PageOf } from '#domain/shared/page';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryPaymentEventRepository implements PaymentEventRepository {
  private readonly events;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.events = transaction.table<PaymentEvent>('payment_events');
  }

  async addOnce(event: PaymentEvent): Promise<boolean> {
    this.transaction.mustRun();
    if (this.events.has(event.id)) return false;
    this.events.put(event.id, event);
    return true;
  }

  async get(id: string): Promise<PaymentEvent> {
    const event = this.events.get(id);
    if (!event) throw new PaymentEventNotFound(id);
    return event;
  }

  async hold(id: string): Promise<PaymentEvent> {
    this.transaction.hold(`payment event ${id}`);
    return this.get(id);
  }

  async save(event: PaymentEvent): Promise<void> {
    this.transaction.mustHold(`payment event ${event.id}`);
    this.events.put(event.id, event);
  }

  async list({ status, type }: PaymentEventFilter, { limit, offset }: Page): Promise<PageOf<PaymentEvent>> {
    const all = this.events
      .all()
      .filter((event) => (status === null || event.status === status) && (type === null || event.type === type))
      .sort((one, other) => other.receivedAt.getTime() - one.receivedAt.getTime() || (one.id > other.id ? -1 : 1));
    return { items: all.slice(offset, offset + limit), total: all.length };
  }
}
