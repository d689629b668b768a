import type { UserId } from '../accounts/user.js';
import type { Id } from '../shared/id.js';

export type InvoiceId = Id<'Invoice'>;

/** As Stripe has them (https://docs.stripe.com/api/invoices/object#invoice_object-status). */
export const INVOICE_STATUSES = ['draft', 'open', 'paid', 'uncollectible', 'void'] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

/** What an invoice charges for, or gives back: then the amount is negative. */
export interface InvoiceLine {
  readonly description: string;
  readonly amount: number;
  /** It is for a part of a period. */
  readonly isProration: boolean;
  readonly periodStart: Date;
  readonly periodEnd: Date;
}

/** An invoice as its provider has it at one moment. Money is in the minor unit of its currency. */
export interface InvoiceSnapshot {
  readonly externalId: string;
  readonly customerId: string;
  /** Null when it is for no subscription. */
  readonly subscriptionId: string | null;
  /** Null while it is a draft. */
  readonly number: string | null;
  readonly status: InvoiceStatus;
  /** Why it was made: `subscription_create`, `subscription_cycle`, `subscription_update`, … */
  readonly reason: string | null;
  readonly currency: string;
  readonly total: number;
  readonly tax: number;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly amountRemaining: number;
  /** The service that it is for, from its lines: the earliest start and the latest end. */
  readonly periodStart: Date;
  readonly periodEnd: Date;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly dueAt: Date | null;
  readonly createdAt: Date;
  readonly paidAt: Date | null;
  readonly hostedUrl: string | null;
  readonly pdfUrl: string | null;
  readonly lines: readonly InvoiceLine[];
}

/** A copy of what the provider says: for showing, never for deciding. */
export class Invoice {
  constructor(
    readonly id: InvoiceId,
    readonly userId: UserId,
    readonly gateway: string,
    readonly snapshot: InvoiceSnapshot,
  ) {}

  /** Past due is no status of an invoice: it is open, and was tried or should have been paid by now. */
  isPastDueAt(now: Date): boolean {
    const { status, attempts, dueAt } = this.snapshot;
    return status === 'open' && (attempts > 0 || (dueAt !== null && dueAt <= now));
  }

  /** What it is for, in one line: what is charged whole, or else the last of its parts. Null when no line is known. */
  get description(): string | null {
    const { lines } = this.snapshot;
    return (lines.find(({ isProration }) => !isProration) ?? lines.at(-1))?.description ?? null;
  }
}
