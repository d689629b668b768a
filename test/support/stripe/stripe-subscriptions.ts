import { boundaryAfter } from './stripe-calendar.js';
import type { Shape } from './stripe-events.js';
import { type Line, StripeInvoicing } from './stripe-invoicing.js';
import { existing, type StripeLedger } from './stripe-ledger.js';
import { change, example, type Json } from './stripe-objects.js';
import { StripeRefusal } from './stripe-refusal.js';

export const DAY = 24 * 60 * 60;
export const ENDED: readonly string[] = ['canceled', 'incomplete_expired'];

/** How a plan is changed: https://docs.stripe.com/billing/subscriptions/prorations */
export interface PlanChange {
  readonly price: string;
  readonly at: number;
  readonly charges: boolean;
  /** Refuses instead of owing. */
  readonly orElseRefused: boolean;
  /** What is tried is paid for from now on, and a period begins. */
  readonly endsTrial: boolean;
}

/** Subscriptions, what they sell and what is charged for them. */
export class StripeSubscriptions extends StripeInvoicing {
  readonly prices = new Map<string, Json>();
  readonly paymentMethods = new Map<string, Json>();
  readonly subscriptions = new Map<string, Json>();
  readonly portals = new Map<string, Json>();
  /** Customers whose bank says no. */
  private readonly declined = new Set<string>();

  constructor(protected readonly bank: StripeLedger) {
    super(bank);
  }

  addPrice(id: string, amount: number, interval: 'month' | 'year', currency = 'usd'): Json {
    const recurring = { interval, interval_count: 1, meter: null, usage_type: 'licensed', trial_period_days: null };
    const fields = { id, currency, recurring, unit_amount: amount, unit_amount_decimal: String(amount) };
    const price = example('price', { ...fields, created: this.bank.now });
    this.prices.set(id, price);
    return price;
  }

  /** From now on the customer's bank refuses, or accepts again. */
  decline(customerId: string, refuses = true): void {
    if (refuses) this.declined.add(customerId);
    else this.declined.delete(customerId);
  }

  isLiveFor(customerId: string): boolean {
    return [...this.subscriptions.values()].some((one) => one.customer === customerId && !ENDED.includes(one.status));
  }

  /** Changes fields, and tells of it if that is a change. */
  updated(subscription: Json, fields: Json, shape: Shape): Json[] {
    const before = change(subscription, fields);
    if (Object.keys(before).length === 0) return [];
    return [this.bank.event('customer.subscription.updated', subscription, shape, before)];
  }

  /** What a change would put on an invoice: the rest of the old price back, and the rest of the new one, or a new period. */
  linesOf(subscription: Json, { price, at, endsTrial }: PlanChange): Line[] {
    const [item] = subscription.items.data as [Json];
    const [before, after] = [item.price as Json, existing(this.prices, price)];
    const { current_period_start: start, current_period_end: end } = item;
    if (endsTrial) return [this.lineFor(after, at, boundaryAfter(at, after.recurring as Json, at))];
    if (subscription.status === 'trialing' || before.id === after.id) return [];
    const part = (end - at) / (end - start);
    const name = (one: Json): string => `${one.id}`;
    const credit: Line = {
      description: `Unused time on ${name(before)}`,
      amount: -Math.round(before.unit_amount * part),
      ...{ start: at, end, price: before.id as string, proration: true },
    };
    const isSameCycle = before.recurring.interval === after.recurring.interval;
    const debit: Line = isSameCycle
      ? {
          description: `Remaining time on ${name(after)}`,
          amount: Math.round(after.unit_amount * part),
          ...{ start: at, end, price, proration: true },
        }
      : {
          description: `1 × ${name(after)}`,
          amount: Number(after.unit_amount),
          ...{ start: at, end: boundaryAfter(at, after.recurring as Json, at), price, proration: false },
        };
    return [credit, debit];
  }

  /** Throws {@link StripeRefusal} when it must be paid and is not: nothing has changed then. */
  changePlan(subscription: Json, planned: PlanChange): void {
    const [item] = subscription.items.data as [Json];
    const after = existing(this.prices, planned.price);
    const lines = planned.charges ? this.linesOf(subscription, planned) : [];
    const due = lines.reduce((sum, { amount }) => sum + amount, 0);
    const isRefused = due > 0 && this.declined.has(subscription.customer as string);
    if (due > 0 && planned.orElseRefused) this.mustBePayable(subscription);
    const isSameCycle = item.price.recurring.interval === after.recurring.interval;
    const period =
      !planned.endsTrial && (isSameCycle || subscription.status === 'trialing')
        ? {}
        : {
            current_period_start: planned.at,
            current_period_end: boundaryAfter(planned.at, after.recurring as Json, planned.at),
          };
    const changes: Json = { items: withItem(subscription, { price: after, ...period }) };
    if ('current_period_start' in period) changes.billing_cycle_anchor = planned.at;
    if (planned.endsTrial) Object.assign(changes, { status: 'active', trial_end: planned.at });
    if (isRefused) changes.status = 'past_due';
    const invoice = lines.length > 0 ? this.made(subscription, 'subscription_update', lines) : null;
    if (invoice && isRefused) this.fail(invoice, this.bank.now + 3 * DAY);
    else if (invoice) this.pay(invoice);
    this.updated(subscription, changes, 'current');
    if (invoice) this.bank.event(isRefused ? 'invoice.payment_failed' : 'invoice.paid', invoice, 'current');
  }

  private mustBePayable(subscription: Json): void {
    const customer = existing(this.bank.customers, subscription.customer as string);
    if (!subscription.default_payment_method && !customer.invoice_settings?.default_payment_method) {
      const message = 'This customer has no attached payment source or default payment method.';
      throw new StripeRefusal(message, { code: 'resource_missing', begun: true });
    }
    if (!this.declined.has(customer.id as string)) return;
    const facts = {
      status: 402,
      type: 'card_error',
      code: 'card_declined',
      declineCode: 'insufficient_funds',
    } as const;
    throw new StripeRefusal('Your card has insufficient funds.', { ...facts, begun: true });
  }

  protected begun(customerId: string, priceId: string, trialDays: number, fields: Json): Json {
    const price = existing(this.prices, priceId);
    const { now } = this.bank;
    const trialEnd = trialDays > 0 ? now + trialDays * DAY : null;
    const subscription = this.bank.made(this.subscriptions, 'sub', 'subscription', {
      ...fields,
      customer: customerId,
      currency: price.currency,
      billing_cycle_anchor: trialEnd ?? now,
      start_date: now,
      status: trialEnd === null ? 'active' : 'trialing',
      trial_start: trialEnd === null ? null : now,
      trial_end: trialEnd,
    });
    const item = example('subscription_item', {
      id: this.bank.id('si'),
      created: now,
      price,
      subscription: subscription.id,
      current_period_start: now,
      current_period_end: trialEnd ?? boundaryAfter(now, price.recurring as Json, now),
    });
    subscription.items = { object: 'list', data: [item], has_more: false, url: '/v1/subscription_items' };
    return subscription;
  }

  protected cycleLine({ items, status }: Json): Line {
    const { price, current_period_start: start, current_period_end: end } = items.data[0] as Json;
    const line = this.lineFor(price as Json, Number(start), Number(end));
    return status === 'trialing' ? { ...line, amount: 0, description: `Free trial of ${price.id}` } : line;
  }

  protected lineFor(price: Json, start: number, end: number): Line {
    const amount = Number(price.unit_amount);
    return { description: `1 × ${price.id}`, amount, start, end, price: price.id as string, proration: false };
  }

  protected cardOf(customerId: string, brand: string, last4: string): Json {
    const card = this.bank.made(this.paymentMethods, 'pm', 'payment_method', { customer: customerId });
    Object.assign(card.card as Json, { brand, display_brand: brand, last4 });
    return card;
  }
}

/** The items with changes to the one that there is, as a new value: what events tell of it before stays as it was. */
export function withItem({ items }: Json, changes: Json): Json {
  return { ...items, data: (items.data as Json[]).map((item) => ({ ...item, ...changes })) };
}
