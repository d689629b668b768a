import type { StripeLedger } from './stripe-ledger.js';
import { example, type Json } from './stripe-objects.js';

export interface Line {
  readonly description: string;
  readonly amount: number;
  readonly start: number;
  readonly end: number;
  readonly price: string;
  readonly proration: boolean;
}

/** Invoices of subscriptions: what is on them, and how they are paid. */
export class StripeInvoicing {
  readonly invoices = new Map<string, Json>();
  readonly invoicePayments = new Map<string, Json>();
  private serial = 0;

  constructor(private readonly ledger: StripeLedger) {}

  /** Nothing that is kept: an invoice as it would be. */
  draft(subscription: Json, reason: string, lines: readonly Line[], id = this.ledger.id('upcoming_in')): Json {
    const total = lines.reduce((sum, { amount }) => sum + amount, 0);
    const { now } = this.ledger;
    return example('invoice', {
      id,
      created: now,
      amount_due: Math.max(0, total),
      amount_remaining: Math.max(0, total),
      auto_advance: true,
      billing_reason: reason,
      currency: subscription.currency,
      customer: subscription.customer,
      lines: {
        object: 'list',
        data: lines.map((line) => this.lineOf(subscription, id, line)),
        has_more: false,
        url: `/v1/invoices/${id}/lines`,
      },
      // The window in which items were gathered, which is not the service that is paid for.
      period_start: now,
      period_end: now,
      parent: {
        type: 'subscription_details',
        quote_details: null,
        subscription_details: { subscription: subscription.id, metadata: subscription.metadata },
      },
      subtotal: total,
      subtotal_excluding_tax: total,
      total,
      total_excluding_tax: total,
    });
  }

  /** Finalized: it has a number, and is to be paid. */
  made(subscription: Json, reason: string, lines: readonly Line[]): Json {
    const id = this.ledger.id('in');
    const invoice = this.draft(subscription, reason, lines, id);
    Object.assign(invoice, {
      number: `DOUBLE-${String(++this.serial).padStart(4, '0')}`,
      status: 'open',
      hosted_invoice_url: `https://invoice.stripe.test/i/${id}`,
      invoice_pdf: `https://pay.stripe.test/invoice/${id}/pdf`,
      payments: { object: 'list', data: [], has_more: false, url: `/v1/invoice_payments?invoice=${id}` },
    });
    invoice.status_transitions.finalized_at = this.ledger.now;
    this.invoices.set(id, invoice);
    subscription.latest_invoice = id;
    return invoice;
  }

  /** What is zero or less is paid without a payment. */
  pay(invoice: Json): void {
    const amount = Number(invoice.amount_due);
    if (amount > 0) invoice.payments.data.push(this.paymentOf(invoice, 'paid'));
    Object.assign(invoice, {
      status: 'paid',
      amount_paid: amount,
      amount_remaining: 0,
      attempted: true,
      attempt_count: Number(invoice.attempt_count) + (amount > 0 ? 1 : 0),
      next_payment_attempt: null,
    });
    invoice.status_transitions.paid_at = this.ledger.now;
  }

  fail(invoice: Json, next: number | null): void {
    Object.assign(invoice, {
      attempted: true,
      attempt_count: Number(invoice.attempt_count) + 1,
      next_payment_attempt: next,
    });
  }

  openOf(subscriptionId: string): Json[] {
    return [...this.invoices.values()].filter(
      ({ status, parent }) => status === 'open' && parent.subscription_details.subscription === subscriptionId,
    );
  }

  private paymentOf(invoice: Json, status: string): Json {
    const intent = this.ledger.made(this.ledger.intents, 'pi', 'payment_intent', {
      amount: invoice.amount_due,
      amount_received: invoice.amount_due,
      currency: invoice.currency,
      customer: invoice.customer,
      status: 'succeeded',
    });
    return this.ledger.made(this.invoicePayments, 'inpay', 'invoice_payment', {
      amount_paid: invoice.amount_due,
      amount_requested: invoice.amount_due,
      currency: invoice.currency,
      invoice: invoice.id,
      livemode: false,
      payment: { type: 'payment_intent', payment_intent: intent.id },
      status,
      status_transitions: { canceled_at: null, paid_at: this.ledger.now },
    });
  }

  private lineOf(subscription: Json, invoice: string, line: Line): Json {
    const { description, amount, start, end, price, proration } = line;
    return example('line_item', {
      id: this.ledger.id('il'),
      invoice,
      amount,
      subtotal: amount,
      currency: subscription.currency,
      description,
      period: { start, end },
      pricing: { type: 'price_details', price_details: { price }, unit_amount_decimal: null },
      parent: {
        type: 'subscription_item_details',
        invoice_item_details: null,
        subscription_item_details: {
          invoice_item: null,
          proration,
          proration_details: null,
          subscription: subscription.id,
          subscription_item: subscription.items.data[0].id,
        },
      },
    });
  }
}
