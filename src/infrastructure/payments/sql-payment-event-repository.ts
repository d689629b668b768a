import { injectable } from 'inversify';
import type { PaymentId } from '#domain/payments/payment';
import {
  PaymentEvent,
  type PaymentEventFilter,
  PaymentEventNotFound,
  type PaymentEventRepository,
  type PaymentEventStatus,
} from '#domain/payments/payment-event';
import type { Page, PageOf } from '#domain/shared/page';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlPaymentEventRepository implements PaymentEventRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async addOnce(event: PaymentEvent): Promise<boolean> {
    const rows = await this.database.writer.query<unknown[]>(
      `insert into payment_events (id, gateway, type, api_version, live, created_at, payload, received_at, status, failures)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
       on conflict (id) do nothing
       returning id`,
      [
        event.id,
        event.gateway,
        event.type,
        event.apiVersion,
        event.live,
        event.createdAt,
        JSON.stringify(event.payload),
        event.receivedAt,
        event.status,
      ],
    );
    return rows.length === 1;
  }

  get(id: string): Promise<PaymentEvent> {
    return this.one(id, '');
  }

  hold(id: string): Promise<PaymentEvent> {
    void this.database.writer; // The lock lasts as long as the transaction that takes it.
    return this.one(id, 'for update');
  }

  async save({ id, status, failures, lastError, paymentId, closedAt }: PaymentEvent): Promise<void> {
    await this.database.writer.query(
      `update payment_events set status = $2, failures = $3, last_error = $4, payment_id = $5, closed_at = $6 where id = $1`,
      [id, status, failures, lastError, paymentId, closedAt],
    );
  }

  async list({ status, type }: PaymentEventFilter, { limit, offset }: Page): Promise<PageOf<PaymentEvent>> {
    const wanted = '($1::text is null or status = $1) and ($2::text is null or type = $2)';
    const rows = await this.database.reader.query<EventRow[]>(
      `${SELECT} where ${wanted} order by received_at desc, id desc limit $3 offset $4`,
      [status, type, limit, offset],
    );
    const [{ total }] = await this.database.reader.query<[{ total: number }]>(
      `select count(*)::integer as total from payment_events where ${wanted}`,
      [status, type],
    );
    return { items: rows.map(eventOf), total };
  }

  private async one(id: string, lock: string): Promise<PaymentEvent> {
    const rows = await this.database.reader.query<EventRow[]>(`${SELECT} where id = $1 ${lock}`, [id]);
    if (!rows[0]) throw new PaymentEventNotFound(id);
    return eventOf(rows[0]);
  }
}

const SELECT = `
  select id, gateway, type, api_version, live, created_at, payload, received_at, status, failures, last_error, payment_id, closed_at
    from payment_events`;

interface EventRow {
  readonly id: string;
  readonly gateway: string;
  readonly type: string;
  readonly api_version: string | null;
  readonly live: boolean;
  readonly created_at: Date;
  readonly payload: unknown;
  readonly received_at: Date;
  readonly status: PaymentEventStatus;
  readonly failures: number;
  readonly last_error: string | null;
  readonly payment_id: PaymentId | null;
  readonly closed_at: Date | null;
}

function eventOf(row: EventRow): PaymentEvent {
  return new PaymentEvent(
    row.id,
    row.gateway,
    row.type,
    row.api_version,
    row.live,
    row.created_at,
    row.payload,
    row.received_at,
    row.status,
    row.failures,
    row.last_error,
    row.payment_id,
    row.closed_at,
  );
}
