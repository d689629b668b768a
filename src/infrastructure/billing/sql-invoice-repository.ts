import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import {
  Invoice,
  type InvoiceId,
  type InvoiceLine,
  type InvoiceSnapshot,
  type InvoiceStatus,
} from '#domain/billing/invoice';
import type { InvoiceRepository } from '#domain/billing/subscription-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlInvoiceRepository implements InvoiceRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async save(id: InvoiceId, userId: UserId, gateway: string, snapshot: InvoiceSnapshot): Promise<void> {
    const row = { id, user_id: userId, gateway, ...rowOf(snapshot) };
    const columns = Object.keys(row);
    const kept = new Set(['id', 'user_id', 'gateway', 'external_id']);
    const changes = columns.filter((column) => !kept.has(column)).map((column) => `${column} = excluded.${column}`);
    await this.database.writer.query(
      `insert into invoices (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})
       on conflict (gateway, external_id) do update set ${changes.join(', ')}
         where (${rankOf('excluded')}, excluded.attempts) >= (${rankOf('invoices')}, invoices.attempts)`,
      Object.values(row),
    );
  }

  async listOf(userId: UserId, { limit, offset }: Page): Promise<PageOf<Invoice>> {
    const rows = await this.database.reader.query<InvoiceRow[]>(
      `select * from invoices where user_id = $1 order by created_at desc, external_id desc limit $2 offset $3`,
      [userId, limit, offset],
    );
    const [counted] = await this.database.reader.query<{ total: string }[]>(
      'select count(*) as total from invoices where user_id = $1',
      [userId],
    );
    return { items: rows.map(invoiceOf), total: Number(counted!.total) };
  }

  async findOldestUnsettled(userId: UserId, gateway: string): Promise<Date | null> {
    const [row] = await this.database.reader.query<{ at: Date | null }[]>(
      `select coalesce(min(created_at) filter (where status in ('draft', 'open')), max(created_at)) as at
         from invoices where user_id = $1 and gateway = $2`,
      [userId, gateway],
    );
    return row!.at;
  }
}

/** An invoice never goes back (https://docs.stripe.com/invoicing/overview#invoice-statuses): what says so is the older answer. */
function rankOf(table: string): string {
  return `case ${table}.status when 'draft' then 0 when 'open' then 1 when 'uncollectible' then 2 else 3 end`;
}

interface InvoiceRow {
  readonly id: InvoiceId;
  readonly user_id: UserId;
  readonly gateway: string;
  readonly external_id: string;
  readonly customer_id: string;
  readonly subscription_id: string | null;
  readonly number: string | null;
  readonly status: InvoiceStatus;
  readonly reason: string | null;
  readonly currency: string;
  readonly total: string | number;
  readonly tax: string | number;
  readonly amount_due: string | number;
  readonly amount_paid: string | number;
  readonly amount_remaining: string | number;
  readonly period_start: Date;
  readonly period_end: Date;
  readonly attempts: number;
  readonly next_attempt_at: Date | null;
  readonly due_at: Date | null;
  readonly created_at: Date;
  readonly paid_at: Date | null;
  readonly hosted_url: string | null;
  readonly pdf_url: string | null;
  readonly lines: readonly LineJson[];
}

function invoiceOf(row: InvoiceRow): Invoice {
  return new Invoice(row.id, row.user_id, row.gateway, {
    externalId: row.external_id,
    customerId: row.customer_id,
    subscriptionId: row.subscription_id,
    number: row.number,
    status: row.status,
    reason: row.reason,
    currency: row.currency,
    total: Number(row.total),
    tax: Number(row.tax),
    amountDue: Number(row.amount_due),
    amountPaid: Number(row.amount_paid),
    amountRemaining: Number(row.amount_remaining),
    periodStart: row.period_start,
    periodEnd: row.period_end,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    dueAt: row.due_at,
    createdAt: row.created_at,
    paidAt: row.paid_at,
    hostedUrl: row.hosted_url,
    pdfUrl: row.pdf_url,
    lines: row.lines.map(lineOf),
  });
}

/** As JSON has it: instants are ISO 8601. */
interface LineJson extends Omit<InvoiceLine, 'periodStart' | 'periodEnd'> {
  readonly periodStart: string;
  readonly periodEnd: string;
}

function lineOf({ description, amount, isProration, periodStart, periodEnd }: LineJson): InvoiceLine {
  return { description, amount, isProration, periodStart: new Date(periodStart), periodEnd: new Date(periodEnd) };
}

function rowOf(one: InvoiceSnapshot): Omit<InvoiceRow, 'id' | 'user_id' | 'gateway' | 'lines'> & { lines: string } {
  return {
    external_id: one.externalId,
    customer_id: one.customerId,
    subscription_id: one.subscriptionId,
    number: one.number,
    status: one.status,
    reason: one.reason,
    currency: one.currency,
    total: one.total,
    tax: one.tax,
    amount_due: one.amountDue,
    amount_paid: one.amountPaid,
    amount_remaining: one.amountRemaining,
    period_start: one.periodStart,
    period_end: one.periodEnd,
    attempts: one.attempts,
    next_attempt_at: one.nextAttemptAt,
    due_at: one.dueAt,
    created_at: one.createdAt,
    paid_at: one.paidAt,
    hosted_url: one.hostedUrl,
    pdf_url: one.pdfUrl,
    lines: JSON.stringify(one.lines),
  };
}
