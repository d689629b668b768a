import type { Json, StripeBank } from './stripe-bank.js';
import { found, listOf, many, missing, mustKnowCustomer, mustSellTo, one, type Route } from './stripe-lists.js';
import { noSuch, StripeRefusal } from './stripe-refusal.js';
import { ENDED, type PlanChange } from './stripe-subscriptions.js';

/** Everything about subscriptions. */
export const BILLING_ROUTES: readonly Route[] = [
  ['GET /v1/prices/:id', 'Retrieve', one('price', ({ billing }) => billing.prices)],
  ['GET /v1/payment_methods/:id', 'Retrieve', one('payment_method', ({ billing }) => billing.paymentMethods)],
  ['GET /v1/subscriptions', 'SubscriptionList', listSubscriptions],
  ['GET /v1/subscriptions/:id', 'Retrieve', one('subscription', ({ billing }) => billing.subscriptions)],
  ['POST /v1/subscriptions/:id', 'SubscriptionUpdate', updateSubscription],
  ['DELETE /v1/subscriptions/:id', 'SubscriptionCancel', cancelSubscription],
  ['POST /v1/subscription_schedules', 'ScheduleCreate', ({ billing }, p) => billing.schedules.fromSubscription(p)],
  ['GET /v1/subscription_schedules/:id', 'Retrieve', one('subscription_schedule', ({ billing }) => billing.schedules)],
  ['POST /v1/subscription_schedules/:id', 'ScheduleUpdate', ({ billing }, p, id) => billing.schedules.revise(id, p)],
  [
    'POST /v1/subscription_schedules/:id/release',
    'ScheduleRelease',
    ({ billing }, _params, id) => billing.schedules.release(id),
  ],
  ['GET /v1/invoices', 'InvoiceList', many('invoice', ({ billing }) => billing.invoices)],
  ['GET /v1/invoices/:id', 'Retrieve', one('invoice', ({ billing }) => billing.invoices)],
  ['POST /v1/invoices/create_preview', 'InvoicePreview', previewInvoice],
  ['GET /v1/invoice_payments', 'InvoicePaymentList', many('invoice_payment', ({ billing }) => billing.invoicePayments)],
  ['POST /v1/billing_portal/sessions', 'PortalCreate', openPortal],
];

export function createSubscriptionSession(bank: StripeBank, params: Json): Json {
  const { customer, payment_intent_data: intent, line_items: lines, subscription_data: data } = params;
  if (intent !== undefined) {
    const message = 'You can not pass `payment_intent_data` in `subscription` mode.';
    throw new StripeRefusal(message, { param: 'payment_intent_data' });
  }
  if (!customer) throw new StripeRefusal('The double sells subscriptions to customers that it knows.');
  if (lines.length !== 1) throw new StripeRefusal('The double sells one thing in a subscription.');
  const [line] = lines as [Json];
  const price = bank.billing.prices.get(line.price as string);
  if (!price) throw noSuch('price', String(line.price), 400, 'line_items[0][price]');
  if (line.quantity === undefined) throw missing('line_items[0][quantity]');
  if (data?.trial_period_days !== undefined && data.trial_period_days < 1) {
    const param = 'subscription_data[trial_period_days]';
    throw new StripeRefusal('The minimum number of trial period days is 1.', { param });
  }
  const amount = data?.trial_period_days === undefined ? Number(price.unit_amount) * Number(line.quantity) : 0;
  const session = bank.made(bank.sessions, 'cs_test', 'checkout.session', {
    mode: 'subscription',
    amount_subtotal: amount,
    amount_total: amount,
    currency: price.currency,
    customer,
    client_reference_id: params.client_reference_id ?? null,
    metadata: params.metadata ?? {},
    adaptive_pricing: params.adaptive_pricing ?? { enabled: true },
    payment_method_collection: params.payment_method_collection ?? 'always',
    success_url: params.success_url,
    cancel_url: params.cancel_url ?? null,
    expires_at: Number(params.expires_at ?? bank.now + 86_400),
  });
  session.url = `https://checkout.stripe.test/c/pay/${session.id}`;
  bank.billing.ordered.set(session, params);
  return session;
}

function listSubscriptions(bank: StripeBank, { status, ...params }: Json, _id: string, path: string): Json {
  mustKnowCustomer(bank, params);
  const wanted = [...bank.billing.subscriptions].filter(([, { status: is }]) => {
    if (status === 'all') return true;
    if (status === 'ended') return ENDED.includes(is as string);
    return status === undefined ? is !== 'canceled' : is === status;
  });
  return listOf(new Map(wanted), 'subscription', params, path);
}

function cancelSubscription(bank: StripeBank, _params: Json, id: string): Json {
  const subscription = found(bank.billing.subscriptions, 'subscription', id);
  // What is canceled is as good as gone.
  if (ENDED.includes(subscription.status as string)) throw noSuch('subscription', id, 404);
  bank.billing.cancel(id);
  return subscription;
}

const CHANGED = [
  'items',
  'proration_behavior',
  'proration_date',
  'payment_behavior',
  'trial_end',
  'cancel_at_period_end',
  'cancel_at',
  'expand',
];

function updateSubscription(bank: StripeBank, params: Json, id: string): Json {
  const subscription = found(bank.billing.subscriptions, 'subscription', id);
  const { cancel_at_period_end: ends, cancel_at: endsAt } = params;
  const unknown = Object.keys(params).find((name) => !CHANGED.includes(name));
  if (unknown) throw new StripeRefusal(`The double does not change ${unknown}.`, { param: unknown });
  if (ENDED.includes(subscription.status as string)) {
    const message = 'A canceled subscription can only update its cancellation_details and metadata.';
    throw new StripeRefusal(message, { begun: true });
  }
  const touchesEnd = ends !== undefined || endsAt !== undefined || params.trial_end !== undefined;
  if (touchesEnd && subscription.schedule) {
    throw new StripeRefusal(
      `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
      { begun: true },
    );
  }
  if (ends !== undefined && endsAt !== undefined) {
    throw new StripeRefusal('You may only specify one of these parameters: cancel_at, cancel_at_period_end.');
  }
  if (params.items) bank.billing.changePlan(subscription, planned(bank, subscription, params, ''));
  const { now } = bank;
  const end = subscription.items.data[0].current_period_end as number;
  if (ends !== undefined) {
    // An instant that was set by itself is taken back by itself.
    const left = subscription.cancel_at_period_end ? null : (subscription.cancel_at as number | null);
    const at = ends ? end : left;
    const fields = { cancel_at_period_end: ends, cancel_at: at, canceled_at: at === null ? null : now };
    bank.billing.updated(subscription, fields, 'current');
  }
  if (endsAt !== undefined) {
    // An empty text takes it back, which the schema reads as null.
    const isTakenBack = endsAt === '' || endsAt === null;
    const at = isTakenBack ? null : /^(min|max)_period_end$/.test(String(endsAt)) ? end : Number(endsAt);
    const fields = { cancel_at: at, cancel_at_period_end: false, canceled_at: at === null ? null : now };
    bank.billing.updated(subscription, fields, 'current');
  }
  return subscription;
}

function previewInvoice(bank: StripeBank, params: Json): Json {
  mustKnowCustomer(bank, params);
  const { subscription: id, subscription_details: details } = params;
  const subscription = bank.billing.subscriptions.get(id as string);
  if (!subscription) throw noSuch('subscription', String(id), 404, 'subscription');
  if (params.customer !== undefined && params.customer !== subscription.customer) {
    throw new StripeRefusal('The customer is not that of the subscription.', { param: 'customer' });
  }
  if (!details?.items) throw new StripeRefusal('The double previews changes of items alone.');
  const change = planned(bank, subscription, details as Json, 'subscription_details');
  return bank.billing.draft(subscription, 'upcoming', bank.billing.linesOf(subscription, change));
}

function planned(bank: StripeBank, subscription: Json, params: Json, of: string): PlanChange {
  const named = (name: string): string => (of === '' ? name : `${of}[${name}]`);
  const { items, proration_behavior: prorates, proration_date: date, payment_behavior: behavior } = params;
  const { trial_end: trialEnd } = params;
  const endsTrial = trialEnd !== undefined;
  if (endsTrial && (trialEnd !== 'now' || date !== undefined || subscription.status !== 'trialing')) {
    const message = 'The double ends, with a change and now, a trial that runs.';
    throw new StripeRefusal(message, { param: named('trial_end') });
  }
  const [item] = items as [Json];
  const [sold] = subscription.items.data as [Json];
  if (items.length !== 1 || item.deleted) throw new StripeRefusal('The double changes the one item that there is.');
  if (item.id === undefined) throw new StripeRefusal('The double adds no second item.', { param: named('items') });
  if (item.id !== sold.id) throw noSuch('subscription item', String(item.id), 400, `${named('items')}[0][id]`);
  if (!bank.billing.prices.has(item.price as string)) {
    throw noSuch('price', String(item.price), 400, `${named('items')}[0][price]`);
  }
  if (prorates !== 'always_invoice' && prorates !== 'none') {
    const message = 'The double prorates at once (always_invoice) or not at all (none).';
    throw new StripeRefusal(message, { param: named('proration_behavior') });
  }
  const at = Number(date ?? bank.now);
  if (at < sold.current_period_start || at > sold.current_period_end) {
    const message = 'The proration date must be within the current billing period.';
    throw new StripeRefusal(message, { param: named('proration_date') });
  }
  return {
    price: item.price as string,
    at,
    charges: prorates === 'always_invoice',
    orElseRefused: behavior === 'error_if_incomplete',
    endsTrial,
  };
}

function openPortal(bank: StripeBank, params: Json): Json {
  const { customer, flow_data: flow, return_url: returnUrl } = params;
  if (!customer) throw missing('customer');
  mustSellTo(bank, params);
  const about = flow?.[flow.type as string] as Json | undefined;
  if (flow && flow.type !== 'payment_method_update') {
    if (!about?.subscription) throw missing(`flow_data[${flow.type}][subscription]`);
    const subscription = bank.billing.subscriptions.get(about.subscription as string);
    if (!subscription || subscription.customer !== customer) {
      throw noSuch('subscription', String(about.subscription), 400, `flow_data[${flow.type}][subscription]`);
    }
    if (flow.type === 'subscription_cancel' && (subscription.cancel_at_period_end || subscription.ended_at)) {
      throw new StripeRefusal('This subscription is already set to be canceled.', { begun: true });
    }
  }
  const session = bank.made(bank.billing.portals, 'bps', 'billing_portal.session', {
    customer,
    flow: flow ?? null,
    livemode: false,
    return_url: returnUrl ?? null,
  });
  session.url = `https://billing.stripe.test/p/session/${session.id}`;
  return session;
}
