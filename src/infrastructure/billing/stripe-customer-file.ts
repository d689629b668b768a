import type { Stripe } from 'stripe';
import type { Log } from '#application/ports/log';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { CardOnFile, SubscriptionSnapshot } from '#domain/billing/subscription';
import { PAGE, type StripeClient } from '../payments/stripe-client.js';
import {
  cardOf,
  EXPANDED,
  invoiceOf,
  InvoiceUnreadable,
  secondsOf,
  subscriptionIn,
  subscriptionOf,
} from './stripe-subscription-snapshots.js';

/** Statuses in which an invoice that was tried may be the reason. */
const OWING: readonly string[] = ['past_due', 'unpaid'];

/** Everything that Stripe has of a customer, to the last page. One whom it does not know has nothing. */
export class StripeCustomerFile {
  private readonly stripe: Stripe;

  constructor(
    private readonly client: StripeClient,
    private readonly log: Log,
  ) {
    this.stripe = client.stripe;
  }

  async subscriptionsOf(customerId: string): Promise<readonly SubscriptionSnapshot[]> {
    const expand = EXPANDED.map((name) => `data.${name}`);
    const found = await this.gathered(() =>
      this.stripe.subscriptions.list({ customer: customerId, status: 'all', limit: PAGE, expand }),
    );
    const unpaidSince = found.some(({ status }) => OWING.includes(status))
      ? await this.unpaidSince(customerId)
      : new Map<string, Date>();
    const card = found.some((one) => !cardOf(one.default_payment_method))
      ? await this.cardOfCustomer(customerId)
      : null;
    return found.map((one) => subscriptionOf(one, { unpaidSince, card }));
  }

  async invoicesOf(customerId: string, since: Date | null): Promise<readonly InvoiceSnapshot[]> {
    const { invoices } = this.stripe;
    const of = { customer: customerId, limit: PAGE };
    if (since === null) return this.readable(await this.gathered(() => invoices.list(of)));
    const instant = secondsOf(since);
    const fresh = await this.gathered(() => invoices.list({ ...of, created: { gte: instant } }));
    const open = await this.gathered(() => invoices.list({ ...of, status: 'open', created: { lt: instant } }));
    return this.readable([...fresh, ...open]);
  }

  /** Invoices are for showing: one that cannot be read is named in the log, and keeps nobody from anything. */
  private readable(invoices: readonly Stripe.Invoice[]): readonly InvoiceSnapshot[] {
    return invoices.flatMap((invoice) => {
      try {
        return [invoiceOf(invoice)];
      } catch (error) {
        if (!(error instanceof InvoiceUnreadable)) throw error;
        this.log.error(error, { invoice_id: error.invoiceId }, 'an invoice is not shown');
        return [];
      }
    });
  }

  /** Of each subscription, when the oldest invoice that was tried and is open was made. */
  private async unpaidSince(customerId: string): Promise<ReadonlyMap<string, Date>> {
    const open = await this.gathered(() =>
      this.stripe.invoices.list({ customer: customerId, status: 'open', limit: PAGE }),
    );
    const oldest = new Map<string, Date>();
    for (const invoice of open) {
      const of = subscriptionIn(invoice);
      if (of === null || !invoice.attempted) continue;
      const made = new Date(invoice.created * 1000);
      const known = oldest.get(of);
      if (!known || made < known) oldest.set(of, made);
    }
    return oldest;
  }

  private async cardOfCustomer(customerId: string): Promise<CardOnFile | null> {
    const expand = ['invoice_settings.default_payment_method'];
    const customer = await this.client.found(() => this.stripe.customers.retrieve(customerId, { expand }));
    return customer && !customer.deleted ? cardOf(customer.invoice_settings.default_payment_method) : null;
  }

  private async gathered<T>(list: () => AsyncIterable<T>): Promise<readonly T[]> {
    const found = await this.client.found(async () => {
      const all: T[] = [];
      for await (const one of list()) all.push(one);
      return all;
    });
    return found ?? [];
  }
}
