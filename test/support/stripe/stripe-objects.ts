import { readFileSync } from 'node:fs';
import { join } from 'node:path';

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
  price: { custom_unit_amount: null, transform_quantity: null },
  payment_method: { metadata: {} },
  subscription: {
    billing_mode: { type: 'flexible', flexible: {} },
    billing_schedules: undefined,
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    ended_at: null,
    managed_payments: null,
    next_pending_invoice_item_invoice: null,
    pause_collection: null,
    pending_invoice_item_interval: null,
    pending_update: null,
    transfer_data: null,
    trial_end: null,
    trial_start: null,
  },
  subscription_item: { billing_thresholds: null, plan: undefined },
  subscription_schedule: { canceled_at: null, completed_at: null, released_at: null, status: 'active' },
  invoice: {
    amount_overpaid: 0,
    automatically_finalizes_at: null,
    customer_address: null,
    customer_shipping: null,
    discounts: [],
    due_date: null,
    from_invoice: null,
    last_finalization_error: null,
    next_payment_attempt: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    // Not part of an invoice since 2025-03-31.
    subscription: undefined,
    total_taxes: [],
    webhooks_delivered_at: null,
  },
  line_item: { taxes: [] },
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
