import type { Json, StripeBank } from './stripe-bank.js';
import { BILLING_ROUTES, createSubscriptionSession } from './stripe-billing-routes.js';
import { found, missing, mustSellTo, type Objects, type Route, many, one } from './stripe-lists.js';
import { checked } from './stripe-params.js';
import { noSuch, StripeRefusal } from './stripe-refusal.js';

/** Method, path, the parameters' type, and what is done. */
const ROUTES: readonly Route[] = [
  ...BILLING_ROUTES,
  ['POST /v1/customers', 'CustomerCreate', (bank, params) => bank.createCustomer(params)],
  ['GET /v1/customers/:id', 'Retrieve', one('customer', (bank) => bank.customers)],
  ['POST /v1/checkout/sessions', 'CheckoutCreate', createSession],
  ['GET /v1/checkout/sessions', 'SessionList', many('checkout.session', (bank) => bank.sessions)],
  ['GET /v1/checkout/sessions/:id', 'Retrieve', one('checkout.session', (bank) => bank.sessions)],
  ['POST /v1/checkout/sessions/:id/expire', 'Retrieve', expireSession],
  ['GET /v1/payment_intents/:id', 'IntentRetrieve', one('payment_intent', (bank) => bank.intents)],
  ['GET /v1/charges/:id', 'Retrieve', one('charge', (bank) => bank.charges)],
  ['GET /v1/refunds', 'RefundList', many('refund', (bank) => bank.refunds)],
  ['GET /v1/refunds/:id', 'Retrieve', one('refund', (bank) => bank.refunds)],
  ['GET /v1/disputes', 'DisputeList', many('dispute', (bank) => bank.disputes)],
  ['GET /v1/disputes/:id', 'Retrieve', one('dispute', (bank) => bank.disputes)],
  ['GET /v1/events', 'EventList', many('event', (bank) => bank.events)],
  ['GET /v1/events/:id', 'Retrieve', one('event', (bank) => bank.events)],
];

/** https://docs.stripe.com/api/expanding_objects */
const DEEPEST = 4;

const COMPILED = ROUTES.map(([route, type, handler]) => {
  const pattern = new RegExp(`^${route.replace(':id', '([^/]+)')}$`);
  return { pattern, type, handler };
});

/** Does what is asked and answers the object. What Stripe would refuse throws {@link StripeRefusal}. */
export function routed(bank: StripeBank, method: string, path: string, given: Json): Json {
  for (const { pattern, type, handler } of COMPILED) {
    const match = pattern.exec(`${method} ${path}`);
    if (!match) continue;
    const params = checked(type, given);
    const paths = (params.expand as string[] | undefined) ?? [];
    if (paths.some((names) => names.split('.').length > DEEPEST)) {
      throw new StripeRefusal(`You cannot expand more than ${DEEPEST} levels of a property.`, { param: 'expand' });
    }
    return paths.reduce(
      (object, names) => expanded(bank, object, names.split('.'), names),
      handler(bank, params, match[1] ?? '', path),
    );
  }
  throw new StripeRefusal(`Unrecognized request URL (${method}: ${path}).`, { status: 404 });
}

function createSession(bank: StripeBank, params: Json): Json {
  if (params.mode === 'setup') throw new StripeRefusal('The double sets no cards up.', { param: 'mode' });
  const lines = (params.line_items ?? []) as Json[];
  if (lines.length === 0) throw missing('line_items');
  if (!params.success_url) throw missing('success_url');
  mustSellTo(bank, params);
  const lifetime = Number(params.expires_at ?? bank.now + 86_400) - bank.now;
  if (lifetime < 30 * 60 || lifetime > 24 * 60 * 60) {
    throw new StripeRefusal('`expires_at` must be between 30 minutes and 24 hours from Checkout Session creation.', {
      param: 'expires_at',
    });
  }
  if (params.mode === 'subscription') return createSubscriptionSession(bank, params);
  lines.forEach((line, index) => mustBePriced(line, `line_items[${index}]`));
  return bank.createSession(params);
}

function mustBePriced({ price, price_data: data, quantity }: Json, param: string): void {
  if (price !== undefined) throw noSuch('price', String(price), 400, `${param}[price]`);
  if (!data) throw missing(`${param}[price_data]`);
  if (data.unit_amount === undefined) throw missing(`${param}[price_data][unit_amount]`);
  if (!data.product_data) throw missing(`${param}[price_data][product_data]`);
  if (quantity === undefined) throw missing(`${param}[quantity]`);
  if (Number(data.unit_amount) <= 0 || Number(quantity) <= 0) {
    throw new StripeRefusal('The total amount due must be above zero.', { code: 'amount_too_small', param });
  }
}

function expireSession(bank: StripeBank, _params: Json, id: string): Json {
  const session = found(bank.sessions, 'checkout.session', id);
  if (session.status !== 'open') {
    const message = `Only Checkout Sessions with a status in ["open"] can be expired. This one is ${session.status}.`;
    throw new StripeRefusal(message, { begun: true });
  }
  bank.expire(id);
  return session;
}

/** Copies along the way: what is expanded in an answer stays an id in the state. */
function expanded(bank: StripeBank, object: Json, [name, ...rest]: readonly string[], whole: string): Json {
  if (name === undefined) return object;
  if (name === 'data' && object.object === 'list') {
    return { ...object, data: (object.data as Json[]).map((inner) => expanded(bank, inner, rest, whole)) };
  }
  const { billing } = bank;
  const objects: Readonly<Record<string, Objects>> = {
    charge: bank.charges,
    customer: bank.customers,
    default_payment_method: billing.paymentMethods,
    invoice: billing.invoices,
    latest_charge: bank.charges,
    latest_invoice: billing.invoices,
    payment_intent: bank.intents,
    schedule: billing.schedules,
    subscription: billing.subscriptions,
  };
  const value: unknown = object[name];
  if (!objects[name] && rest.length > 0 && typeof value === 'object' && value !== null) {
    return { ...object, [name]: expanded(bank, value, rest, whole) };
  }
  if (!(name in object) || !objects[name]) {
    throw new StripeRefusal(`This property cannot be expanded (${whole}).`, { param: 'expand' });
  }
  const inner = typeof value === 'string' ? objects[name].get(value) : (value as Json | null);
  return inner ? { ...object, [name]: expanded(bank, inner, rest, whole) } : object;
}
