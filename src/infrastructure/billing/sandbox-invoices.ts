import { createHash, timingSafeEqual } from 'node:crypto';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { SandboxSubscription } from './sandbox-subscription.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Days after a payment failed on which it is tried again; after the last the subscription is canceled. */
export const SANDBOX_RETRY_DAYS = [3, 5, 7, 14] as const;

/** An invoice of the sandbox, as it is kept with its subscription: instants are ISO 8601. */
export interface SandboxInvoice {
  readonly id: string;
  readonly reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update';
  readonly lines: readonly SandboxLine[];
  /** Below zero where more is given back than charged. */
  readonly total: number;
  /** What credit of the customer has paid of it. */
  readonly fromBalance: number;
  readonly paid: boolean;
  readonly voided: boolean;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly paidAt: string | null;
}

export interface SandboxLine {
  readonly description: string;
  readonly amount: number;
  readonly isProration: boolean;
}

/** @param publicUrl Of the pages that show them. */
export function invoicesOf(one: SandboxSubscription, publicUrl: string): readonly InvoiceSnapshot[] {
  return one.invoices.map((invoice, index) => {
    const [periodStart, periodEnd] = [new Date(invoice.periodStart), new Date(invoice.periodEnd)];
    const due = Math.max(0, invoice.total - invoice.fromBalance);
    const page = new URL(`/sandbox/invoices/${addressOf(invoice, one)}`, publicUrl).href;
    return {
      externalId: invoice.id,
      customerId: one.customerId,
      subscriptionId: one.id,
      number: `SANDBOX-${one.id.slice(-6).toUpperCase()}-${String(index + 1).padStart(4, '0')}`,
      status: invoice.voided ? 'void' : invoice.paid ? 'paid' : 'open',
      reason: invoice.reason,
      currency: one.price.currency,
      total: invoice.total,
      tax: 0,
      amountDue: due,
      amountPaid: invoice.paid ? due : 0,
      amountRemaining: invoice.paid ? 0 : due,
      periodStart,
      periodEnd,
      attempts: invoice.attempts,
      nextAttemptAt: isOwed(invoice) ? retryAt(invoice) : null,
      dueAt: null,
      createdAt: new Date(invoice.createdAt),
      paidAt: invoice.paidAt === null ? null : new Date(invoice.paidAt),
      hostedUrl: page,
      pdfUrl: `${page}.pdf`,
      lines: invoice.lines.map((line) => ({ ...line, periodStart, periodEnd })),
    };
  });
}

/** The subscription that an address names, whether it has such an invoice or not; null for what is no such address. */
export function subscriptionAt(address: string): string | null {
  return /^in_(.+)_\d+_[0-9a-f]{32}$/.exec(address)?.[1] ?? null;
}

/** Where the invoice stands in its list; -1 for an address that is none of its. */
export function indexAt(address: string, one: SandboxSubscription): number {
  const isSame = (own: string): boolean =>
    own.length === address.length && timingSafeEqual(Buffer.from(own), Buffer.from(address));
  return one.invoices.findIndex((invoice) => isSame(addressOf(invoice, one)));
}

export function isOwed({ paid, voided }: SandboxInvoice): boolean {
  return !paid && !voided;
}

/** The next try of an invoice that is owed: the first was when it was made. */
export function retryAt({ createdAt, attempts }: SandboxInvoice): Date {
  const day = SANDBOX_RETRY_DAYS[Math.min(attempts, SANDBOX_RETRY_DAYS.length) - 1]!;
  return new Date(Date.parse(createdAt) + day * DAY_MS);
}

/** Its id, and a part that nobody guesses: nobody signs in where it is shown. */
function addressOf({ id }: SandboxInvoice, { secret }: SandboxSubscription): string {
  return `${id}_${createHash('sha256').update(`${secret}:${id}`).digest('hex').slice(0, 32)}`;
}
