import type { Stripe } from 'stripe';
import { INVOICE_STATUSES, type InvoiceSnapshot, type InvoiceStatus } from '#domain/billing/invoice';
import { type CardOnFile, SUBSCRIPTION_STATUSES, type SubscriptionSnapshot } from '#domain/billing/subscription';
import { idOf } from '../payments/stripe-client.js';

/** What is asked along with a subscription, so that a snapshot can be read from it. */
export const EXPANDED = ['default_payment_method', 'schedule'] as const;

/** What a subscription does not say of itself. */
export interface BesidesSubscription {
  /** The oldest invoice of each subscription, by its id, that was tried and is not paid. */
  readonly unpaidSince: ReadonlyMap<string, Date>;
  /** Of the customer: what is charged where a subscription names no card of its own. */
  readonly card: CardOnFile | null;
}

/** In our words. It must have been asked with EXPANDED. A status that this version does not know is named, and never guessed. */
export function subscriptionOf(subscription: Stripe.Subscription, besides: BesidesSubscription): SubscriptionSnapshot {
  const { id, items, trial_end: trialEnd } = subscription;
  const known = SUBSCRIPTION_STATUSES.find((one) => one === subscription.status);
  // Whatever it is, it has no end, and nothing is known to be owed: such a one is paused.
  const status = known ?? (subscription.ended_at === null ? 'paused' : 'canceled');
  const sold = items.data.filter(({ deleted }) => !(deleted ?? false));
  return {
    externalId: id,
    customerId: idOf(subscription.customer)!,
    item: sold.length === 1 && !items.has_more ? itemOf(sold[0]!, subscription) : null,
    status,
    amountMinor: sold.reduce((sum, { price, quantity }) => sum + amountOf(price) * (quantity ?? 1), 0),
    currency: subscription.currency.toLowerCase(),
    anchor: at(status === 'trialing' && trialEnd !== null ? trialEnd : subscription.billing_cycle_anchor),
    startedAt: at(subscription.start_date),
    trialEnd: when(trialEnd),
    cancelAtPeriodEnd: endsWithPeriod(subscription, sold),
    cancelAt: when(subscription.cancel_at),
    endedAt: when(subscription.ended_at),
    unpaidSince: besides.unpaidSince.get(id) ?? null,
    card: cardOf(subscription.default_payment_method) ?? besides.card,
    unknown: known
      ? null
      : `Stripe says that it is "${subscription.status}", which this version of the service does not know.`,
    scheduled: scheduledIn(subscription),
  };
}

/** In our words. Throws InvoiceUnreadable where Stripe says what this version does not know. */
export function invoiceOf(invoice: Stripe.Invoice): InvoiceSnapshot {
  const status = INVOICE_STATUSES.find((one) => one === (invoice.status ?? 'draft'));
  const fault = (told: string, cause?: unknown): InvoiceUnreadable =>
    new InvoiceUnreadable(invoice.id, told, { cause });
  if (!status) throw fault(`it is "${invoice.status}", which this version of the service does not know`);
  let snapshot: InvoiceSnapshot;
  try {
    snapshot = written(invoice, status);
  } catch (error) {
    throw fault('it lacks what every invoice has', error);
  }
  const numbers = Object.values(snapshot).filter((value) => typeof value === 'number' || value instanceof Date);
  if (numbers.some((value) => !Number.isSafeInteger(value.valueOf())))
    throw fault('an amount or an instant of it is none');
  return snapshot;
}

function written(invoice: Stripe.Invoice, status: InvoiceStatus): InvoiceSnapshot {
  const periods = invoice.lines.data.map(({ period }) => period);
  return {
    externalId: invoice.id,
    customerId: idOf(invoice.customer)!,
    subscriptionId: subscriptionIn(invoice),
    number: invoice.number,
    status,
    reason: invoice.billing_reason,
    currency: invoice.currency.toLowerCase(),
    total: amount(invoice.total),
    tax: (invoice.total_taxes ?? []).reduce((sum, { amount }) => sum + amount, 0),
    amountDue: amount(invoice.amount_due),
    amountPaid: amount(invoice.amount_paid),
    amountRemaining: invoice.amount_remaining ?? Math.max(0, invoice.amount_due - invoice.amount_paid),
    // Its own period is that in which its items were gathered; the service is that of its lines.
    periodStart: at(Math.min(...(periods.length > 0 ? periods.map(({ start }) => start) : [invoice.period_start]))),
    periodEnd: at(Math.max(...(periods.length > 0 ? periods.map(({ end }) => end) : [invoice.period_end]))),
    attempts: amount(invoice.attempt_count),
    nextAttemptAt: when(invoice.next_payment_attempt),
    dueAt: when(invoice.due_date),
    createdAt: at(amount(invoice.created)),
    paidAt: when(invoice.status_transitions.paid_at),
    hostedUrl: invoice.hosted_invoice_url ?? null,
    pdfUrl: invoice.invoice_pdf ?? null,
    lines: invoice.lines.data.map((line) => ({
      ...lineOf(line),
      periodStart: at(line.period.start),
      periodEnd: at(line.period.end),
    })),
  };
}

/** In our words: what it is charged for, and how much. */
export function lineOf({ description, amount, parent }: Stripe.InvoiceLineItem): {
  readonly description: string;
  readonly amount: number;
  readonly isProration: boolean;
} {
  const isProration = (parent?.subscription_item_details ?? parent?.invoice_item_details)?.proration ?? false;
  return { description: description ?? '', amount, isProration };
}

/** The subscription that an invoice is for. */
export function subscriptionIn({ parent }: Stripe.Invoice): string | null {
  return idOf(parent?.subscription_details?.subscription);
}

/** Whatever is charged: a card, or a bank account under the name of its kind. Null for what shows no number. */
export function cardOf(method: Stripe.PaymentMethod | string | null | undefined): CardOnFile | null {
  if (!method || typeof method === 'string') return null;
  const details = (method as unknown as Readonly<Record<string, unknown>>)[method.type] as
    { readonly brand?: string | null; readonly last4?: string | null } | undefined;
  return details?.last4 ? { brand: details.brand ?? method.type, last4: details.last4 } : null;
}

/** What is missing is no number, and seen to be none. */
const amount = (given: number | null | undefined): number => given ?? Number.NaN;

const at = (seconds: number): Date => new Date(seconds * 1000);
export const secondsOf = (instant: Date): number => Math.floor(instant.getTime() / 1000);
const when = (seconds: number | null | undefined): Date | null => (seconds ? at(seconds) : null);

/** Until 2025-03-31 the period was the subscription's: https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end */
function itemOf(item: Stripe.SubscriptionItem, subscription: Stripe.Subscription): SubscriptionSnapshot['item'] {
  const old = subscription as unknown as {
    readonly current_period_start?: number;
    readonly current_period_end?: number;
  };
  const [start, end] = [
    (item.current_period_start as number | undefined) ?? old.current_period_start,
    (item.current_period_end as number | undefined) ?? old.current_period_end,
  ];
  if (start === undefined || end === undefined)
    throw new Error(`Stripe names no period of subscription item ${item.id}.`);
  return { id: item.id, priceId: item.price.id, periodStart: at(start), periodEnd: at(end) };
}

/** In the minor unit. Prices below it are rounded: they are shown, and never charged by us. */
function amountOf({ unit_amount: whole, unit_amount_decimal: exact }: Stripe.Price): number {
  return whole ?? Math.round(Number(exact ?? 0));
}

/** Flexible billing names the instant where classic billing sets a flag: https://docs.stripe.com/billing/subscriptions/cancel */
function endsWithPeriod(
  { cancel_at_period_end: flag, cancel_at: cancelAt, ended_at: endedAt }: Stripe.Subscription,
  items: readonly Stripe.SubscriptionItem[],
): boolean {
  if (flag || cancelAt === null || endedAt !== null) return flag;
  return items.some(({ current_period_end: end }) => cancelAt <= end);
}

/** What comes after the phase that runs, if it sells something else. It must have been asked with its schedule. */
export function scheduledIn({ schedule, items }: Stripe.Subscription): SubscriptionSnapshot['scheduled'] {
  if (!schedule || typeof schedule === 'string' || !schedule.current_phase) return null;
  const { end_date: end } = schedule.current_phase;
  const next = schedule.phases.find(({ start_date: start }) => start >= end);
  const price = next?.items.length === 1 ? idOf(next.items[0]!.price) : null;
  if (!next || price === null || price === items.data[0]?.price.id) return null;
  return { priceId: price, at: at(next.start_date) };
}

/** One invoice that cannot be shown: no reason to keep a customer from anything. */
export class InvoiceUnreadable extends Error {
  constructor(
    readonly invoiceId: string,
    fault: string,
    options?: { readonly cause: unknown },
  ) {
    super(`Invoice ${invoiceId} cannot be shown: ${fault}.`, options);
  }
}
