import { boundaryAfter } from './stripe-calendar.js';
import type { Shape } from './stripe-events.js';
import { existing, type StripeLedger } from './stripe-ledger.js';
import { change, type Json } from './stripe-objects.js';
import { StripeSchedules } from './stripe-schedules.js';
import { DAY, ENDED, StripeSubscriptions, withItem } from './stripe-subscriptions.js';

/** What subscribers, their banks and the passing of time do at Stripe. Each deed answers the events that Stripe would send. */
export class StripeBilling extends StripeSubscriptions {
  readonly schedules: StripeSchedules;
  /** The account's setting that sends whoever has a subscription to the portal instead of through another checkout. */
  limitsToOne = true;
  constructor(bank: StripeLedger) {
    super(bank);
    this.schedules = new StripeSchedules(bank, this);
  }

  /** The customer's new default, which is charged where a subscription has none of its own. */
  addCard(customerId: string, brand = 'visa', last4 = '4242', shape: Shape = 'current'): Json[] {
    const customer = existing(this.bank.customers, customerId);
    const card = this.cardOf(customerId, brand, last4);
    const before = change(customer, {
      invoice_settings: { ...customer.invoice_settings, default_payment_method: card.id },
    });
    return [
      this.bank.event('payment_method.attached', card, shape),
      this.bank.event('customer.updated', customer, shape, before),
    ];
  }

  detachCard(cardId: string, shape: Shape = 'current'): Json[] {
    const card = existing(this.paymentMethods, cardId);
    for (const one of this.subscriptions.values())
      if (one.default_payment_method === cardId) one.default_payment_method = null;
    return [this.bank.event('payment_method.detached', card, shape, change(card, { customer: null }))];
  }

  /** The buyer goes through the checkout. None, when the account sends them to the portal: the checkout stays open. */
  subscribe(sessionId: string, shape: Shape = 'current', brand = 'visa', last4 = '4242'): Json[] {
    const session = existing(this.bank.sessions, sessionId);
    if (session.mode !== 'subscription' || session.status !== 'open') {
      throw new Error(`${sessionId} is no open checkout of a subscription.`);
    }
    const customerId = session.customer as string;
    if (this.limitsToOne && this.isLiveFor(customerId)) return [];
    const { subscription_data: data = {}, line_items: lines } = this.ordered.get(session)!;
    const card = this.cardOf(customerId, brand, last4);
    const subscription = this.begun(customerId, lines[0].price as string, Number(data.trial_period_days ?? 0), {
      metadata: data.metadata ?? {},
      default_payment_method: card.id,
    });
    const invoice = this.made(subscription, 'subscription_create', [this.cycleLine(subscription)]);
    this.pay(invoice);
    Object.assign(session, {
      status: 'complete',
      payment_status: subscription.status === 'trialing' ? 'no_payment_required' : 'paid',
      subscription: subscription.id,
      invoice: invoice.id,
      url: null,
    });
    return [
      this.bank.event('payment_method.attached', card, shape),
      this.bank.event('customer.subscription.created', subscription, shape),
      this.bank.event('invoice.finalized', invoice, shape),
      ...this.paidEvents(invoice, shape),
      this.bank.event('checkout.session.completed', session, shape),
    ];
  }

  /** What was ordered in a checkout of a subscription. */
  readonly ordered = new WeakMap<Json, Json>();

  /** The period ends: the next begins and is paid, or what was to end then ends. */
  renew(id: string, shape: Shape = 'current'): Json[] {
    return this.turned(id, true, shape);
  }

  /** The period ends, and the next one cannot be charged. */
  failRenewal(id: string, shape: Shape = 'current'): Json[] {
    return this.turned(id, false, shape);
  }

  /** A trial ends, and the first period is paid, or not. */
  endTrial(id: string, isPaid = true, shape: Shape = 'current'): Json[] {
    if (existing(this.subscriptions, id).status !== 'trialing') throw new Error(`${id} has no trial that runs.`);
    return this.turned(id, isPaid, shape);
  }

  remindOfTrial(id: string, shape: Shape = 'current'): Json[] {
    return [this.bank.event('customer.subscription.trial_will_end', existing(this.subscriptions, id), shape)];
  }

  /** Stripe tries again, in vain. */
  retryInVain(invoiceId: string, shape: Shape = 'current'): Json[] {
    const invoice = existing(this.invoices, invoiceId);
    this.fail(invoice, this.bank.now + 3 * DAY);
    return [this.bank.event('invoice.payment_failed', invoice, shape)];
  }

  /** The subscriber pays what is open. */
  payOpen(invoiceId: string, shape: Shape = 'current'): Json[] {
    const invoice = existing(this.invoices, invoiceId);
    if (invoice.status !== 'open') throw new Error(`${invoiceId} is ${invoice.status}, not open.`);
    this.pay(invoice);
    const id = invoice.parent.subscription_details.subscription as string;
    const subscription = existing(this.subscriptions, id);
    const owes = ENDED.includes(subscription.status as string) || this.openOf(id).length > 0;
    const moved = owes ? [] : this.updated(subscription, { status: 'active' }, shape);
    return [...this.paidEvents(invoice, shape), ...moved];
  }

  /** Stripe has tried often enough, and does what the account says. */
  giveUp(id: string, status: 'canceled' | 'unpaid', shape: Shape = 'current'): Json[] {
    if (status === 'canceled') return this.cancel(id, shape);
    return this.updated(existing(this.subscriptions, id), { status }, shape);
  }

  /** At once. */
  cancel(id: string, shape: Shape = 'current'): Json[] {
    const subscription = existing(this.subscriptions, id);
    const { now } = this.bank;
    const released = this.schedules.end(subscription, 'canceled', shape);
    change(subscription, { status: 'canceled', canceled_at: subscription.canceled_at ?? now, ended_at: now });
    return [...released, this.bank.event('customer.subscription.deleted', subscription, shape)];
  }

  deleteCustomer(customerId: string, shape: Shape = 'current'): Json[] {
    const customer = existing(this.bank.customers, customerId);
    const live = [...this.subscriptions.values()].filter(
      (one) => one.customer === customerId && !ENDED.includes(one.status),
    );
    const ended = live.flatMap(({ id }) => this.cancel(id as string, shape));
    const told = this.bank.event('customer.deleted', customer, shape);
    this.bank.customers.set(customerId, { id: customerId, object: 'customer', deleted: true });
    return [...ended, told];
  }

  private turned(id: string, isPaid: boolean, shape: Shape): Json[] {
    const subscription = existing(this.subscriptions, id);
    if (ENDED.includes(subscription.status as string)) throw new Error(`${id} is ${subscription.status}.`);
    const [item] = subscription.items.data as [Json];
    const end = Number(item.current_period_end);
    if (subscription.cancel_at_period_end || (subscription.cancel_at !== null && subscription.cancel_at <= end)) {
      return this.cancel(id, shape);
    }
    const { price: next, events } = this.schedules.turned(subscription, end, shape);
    const price = next === null ? (item.price as Json) : existing(this.prices, next);
    const isSameCycle = price.recurring.interval === item.price.recurring.interval;
    const anchor = isSameCycle ? Number(subscription.billing_cycle_anchor) : end;
    const period = {
      current_period_start: end,
      current_period_end: boundaryAfter(anchor, price.recurring as Json, end),
    };
    const invoice = this.made(subscription, 'subscription_cycle', [
      this.lineFor(price, period.current_period_start, period.current_period_end),
    ]);
    if (isPaid) this.pay(invoice);
    else this.fail(invoice, this.bank.now + 3 * DAY);
    const moved = this.updated(
      subscription,
      {
        status: isPaid && this.openOf(id).length === 0 ? 'active' : 'past_due',
        billing_cycle_anchor: anchor,
        items: withItem(subscription, { price, ...period }),
      },
      shape,
    );
    const told = isPaid ? this.paidEvents(invoice, shape) : [this.bank.event('invoice.payment_failed', invoice, shape)];
    return [...events, ...moved, this.bank.event('invoice.finalized', invoice, shape), ...told];
  }

  private paidEvents(invoice: Json, shape: Shape): Json[] {
    const payment = (invoice.payments.data as Json[]).at(-1);
    const told = payment ? [this.bank.event('invoice_payment.paid', payment, shape)] : [];
    return [this.bank.event('invoice.paid', invoice, shape), ...told];
  }
}
