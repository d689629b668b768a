import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- objects of a foreign API, as they come over the wire.
export type Json = Record<string, any>;

const fixtures = JSON.parse(readFileSync(join(process.cwd(), 'test/support/stripe/fixtures.json'), 'utf8')) as Json;

/** The examples are right in type and fanciful in value; this is what a plain purchase of credit has in those places. */
const PLAIN: Readonly<Record<string, Json>> = {
  'checkout.session': {
    after_expiration: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    currency_conversion: null,
    invoice: null,
    invoice_creation: null,
    payment_intent: null,
    payment_method_configuration_details: null,
    payment_status: 'unpaid',
    shipping_address_collection: null,
    shipping_cost: null,
    status: 'open',
    subscription: null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
  },
  customer: { discount: null, shipping: null },
  payment_intent: {
    amount_capturable: 0,
    amount_received: 0,
    canceled_at: null,
    last_payment_error: null,
    latest_charge: null,
    next_action: null,
    processing: null,
    shipping: null,
    status: 'processing',
    transfer_data: null,
  },
  charge: {
    amount_refunded: 0,
    captured: true,
    disputed: false,
    refunded: false,
    // Not part of a charge since 2022-11-15, unless it is expanded.
    refunds: undefined,
    shipping: null,
    source: null,
    status: 'succeeded',
    transfer_data: null,
  },
  dispute: { is_charge_refundable: false, reason: 'fraudulent', status: 'needs_response' },
};

/** One object of this kind, with these fields. */
export function example(kind: string, fields: Json = {}): Json {
  const whole = { ...structuredClone(fixtures[kind] as Json), ...structuredClone(PLAIN[kind] ?? {}), ...fields };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
}

/** Makes these changes, and answers what was in their place, as events tell it in `previous_attributes`. */
export function change(object: Json, fields: Json): Json {
  const changed = Object.keys(fields).filter((name) => JSON.stringify(object[name]) !== JSON.stringify(fields[name]));
  const previous = Object.fromEntries(changed.map((name) => [name, structuredClone(object[name] as unknown) ?? null]));
  Object.assign(object, fields);
  return previous;
}
