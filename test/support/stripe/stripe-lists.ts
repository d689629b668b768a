import type { Json, StripeBank } from './stripe-bank.js';
import type { Params } from './stripe-params.js';
import { noSuch, StripeRefusal } from './stripe-refusal.js';

export type Objects = ReadonlyMap<string, Json>;
export type Handler = (bank: StripeBank, params: Json, id: string, path: string) => Json;
/** Method, path, the parameters' type, and what is done. */
export type Route = readonly [string, Params, Handler];

export const one =
  (kind: string, of: (bank: StripeBank) => Objects): Handler =>
  (bank, _params, id) =>
    found(of(bank), kind, id);

export const many =
  (kind: string, of: (bank: StripeBank) => Objects): Handler =>
  (bank, params, _id, path) => {
    mustKnowCustomer(bank, params);
    return listOf(of(bank), kind, params, path);
  };

/** Stripe lists nothing of whom it does not know. */
export function mustKnowCustomer(bank: StripeBank, { customer }: Json): void {
  if (customer && !bank.customers.has(customer as string))
    throw noSuch('customer', customer as string, 400, 'customer');
}

/** Nothing is sold to whom Stripe does not know, or was made to forget. */
export function mustSellTo(bank: StripeBank, { customer }: Json): void {
  const known = bank.customers.get(customer as string);
  if (customer && (!known || known.deleted === true)) throw noSuch('customer', customer as string, 400, 'customer');
}

export const missing = (param: string): StripeRefusal =>
  new StripeRefusal(`Missing required param: ${param}.`, { code: 'parameter_missing', param });

export function found(objects: Objects, kind: string, id: string): Json {
  const object = objects.get(id);
  if (!object) throw noSuch(kind, id, 404);
  return object;
}

const FILTERS = [
  'payment_intent',
  'charge',
  'customer',
  'status',
  'type',
  'payment_link',
  'subscription',
  'invoice',
] as const;

/** The subscription of an invoice is that of its parent. */
const valueOf = (object: Json, name: string): unknown =>
  name === 'subscription' ? (object.parent?.subscription_details?.subscription ?? object[name]) : object[name];

/** Newest first, as Stripe lists: https://docs.stripe.com/api/pagination */
export function listOf(objects: Objects, kind: string, params: Json, url: string): Json {
  const { limit = 10, starting_after: after, ending_before: before, types, created } = params;
  const wanted = FILTERS.filter((name) => params[name] !== undefined);
  const matching = [...objects.values()]
    .reverse()
    .filter((object) => wanted.every((name) => valueOf(object, name) === params[name]))
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
