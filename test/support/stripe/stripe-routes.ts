import type { Json, StripeBank } from './stripe-bank.js';
import { type Params, checked } from './stripe-params.js';
import { noSuch, StripeRefusal } from './stripe-refusal.js';

type Objects = ReadonlyMap<string, Json>;
type Handler = (bank: StripeBank, params: Json, id: string, path: string) => Json;

const one =
  (kind: string, of: (bank: StripeBank) => Objects): Handler =>
  (bank, _params, id) =>
    found(of(bank), kind, id);
const many =
  (kind: string, of: (bank: StripeBank) => Objects): Handler =>
  (bank, params, _id, path) =>
    listOf(of(bank), kind, params, path);

/** Method, path, the parameters' type, and what is done. */
const ROUTES: readonly (readonly [string, Params, Handler])[] = [
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
    return paths.reduce(
      (object, names) => expanded(bank, object, names.split('.'), names),
      handler(bank, params, match[1] ?? '', path),
    );
  }
  throw new StripeRefusal(`Unrecognized request URL (${method}: ${path}).`, { status: 404 });
}

function createSession(bank: StripeBank, params: Json): Json {
  if (params.mode !== 'payment') {
    throw new StripeRefusal(`The double sells in the mode payment alone, not ${params.mode}.`, { param: 'mode' });
  }
  const lines = (params.line_items ?? []) as Json[];
  if (lines.length === 0) throw missing('line_items');
  if (!params.success_url) throw missing('success_url');
  if (params.customer && !bank.customers.has(params.customer as string)) {
    throw noSuch('customer', params.customer as string, 400, 'customer');
  }
  lines.forEach((line, index) => mustBePriced(line, `line_items[${index}]`));
  const lifetime = Number(params.expires_at ?? bank.now + 86_400) - bank.now;
  if (lifetime < 30 * 60 || lifetime > 24 * 60 * 60) {
    throw new StripeRefusal('`expires_at` must be between 30 minutes and 24 hours from Checkout Session creation.', {
      param: 'expires_at',
    });
  }
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

const missing = (param: string): StripeRefusal =>
  new StripeRefusal(`Missing required param: ${param}.`, { code: 'parameter_missing', param });

function found(objects: Objects, kind: string, id: string): Json {
  const object = objects.get(id);
  if (!object) throw noSuch(kind, id, 404);
  return object;
}

const FILTERS = ['payment_intent', 'charge', 'customer', 'status', 'type', 'payment_link', 'subscription'] as const;

/** Newest first, as Stripe lists: https://docs.stripe.com/api/pagination */
function listOf(objects: Objects, kind: string, params: Json, url: string): Json {
  const { limit = 10, starting_after: after, ending_before: before, types, created } = params;
  const wanted = FILTERS.filter((name) => params[name] !== undefined);
  const matching = [...objects.values()]
    .reverse()
    .filter((object) => wanted.every((name) => object[name] === params[name]))
    .filter(({ type }) => types === undefined || (types as string[]).includes(type as string))
    .filter(({ created: at }) => within(Number(at), created));
  const place = (id: string, param: string): number => {
    if (!objects.has(id)) throw noSuch(kind, id, 400, param);
    return matching.findIndex((object) => object.id === id);
  };
  if (before !== undefined) {
    const end = place(before as string, 'ending_before');
    const start = Math.max(0, end - Number(limit));
    return { object: 'list', url, data: matching.slice(start, end), has_more: start > 0 };
  }
  const start = after === undefined ? 0 : place(after as string, 'starting_after') + 1;
  const data = matching.slice(start, start + Number(limit));
  return { object: 'list', url, data, has_more: start + data.length < matching.length };
}

function within(at: number, range: Json | number | undefined): boolean {
  if (range === undefined) return true;
  if (typeof range === 'number') return at === range;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range;
  return at > gt && at >= gte && at < lt && at <= lte;
}

/** Copies along the way: what is expanded in an answer stays an id in the state. */
function expanded(bank: StripeBank, object: Json, [name, ...rest]: readonly string[], whole: string): Json {
  if (name === undefined) return object;
  if (name === 'data' && object.object === 'list') {
    return { ...object, data: (object.data as Json[]).map((inner) => expanded(bank, inner, rest, whole)) };
  }
  const objects: Readonly<Record<string, Objects>> = {
    charge: bank.charges,
    customer: bank.customers,
    latest_charge: bank.charges,
    payment_intent: bank.intents,
  };
  if (!(name in object) || !objects[name]) {
    throw new StripeRefusal(`This property cannot be expanded (${whole}).`, { param: 'expand' });
  }
  const value: unknown = object[name];
  const inner = typeof value === 'string' ? objects[name].get(value) : (value as Json | null);
  return inner ? { ...object, [name]: expanded(bank, inner, rest, whole) } : object;
}
