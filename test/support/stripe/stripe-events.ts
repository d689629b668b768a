import { example, type Json } from './stripe-objects.js';
import type { StripeLedger } from './stripe-ledger.js';

export type Shape = 'current' | 'old';

/** `old` is the last version in which a charge brings its refunds along: https://docs.stripe.com/changelog/2022-11-15 */
const VERSIONS: Readonly<Record<Shape, string>> = { current: '2026-10-28.endive', old: '2022-08-01' };

/** Stripe can list those of 30 days; the double forgets all but the last, since scenarios run by the hundred thousand. */
const KEPT = 1000;

/** Fields that a checkout of 2022 does not have. */
const SINCE_2022 = [
  'adaptive_pricing',
  'collected_information',
  'currency_conversion',
  'customer_account',
  'integration_identifier',
  'managed_payments',
  'origin_context',
  'permissions',
  'ui_mode',
  'wallet_options',
];

/** Fields that a subscription of 2022 does not have, and an invoice. */
const SUBSCRIPTIONS_SINCE = [
  'billing_cycle_anchor_config',
  'billing_mode',
  'cancellation_details',
  'customer_account',
  'discounts',
  'managed_payments',
  'on_behalf_of',
  'trial_settings',
];
const INVOICES_SINCE = [
  'amount_overpaid',
  'customer_account',
  'effective_at',
  'from_invoice',
  'issuer',
  'latest_revision',
  'parent',
  'payments',
  'rendering',
  'total_pretax_credit_amounts',
  'total_taxes',
];

/** The events that were sent, oldest first. */
export class StripeEvents extends Map<string, Json> {
  constructor(private readonly ledger: StripeLedger) {
    super();
  }

  told(id: string, type: string, object: Json, shape: Shape, previous: Json | null): Json {
    const snapshot = structuredClone(object);
    const event = example('event', {
      id,
      type,
      api_version: VERSIONS[shape],
      created: this.ledger.now,
      livemode: false,
      data: {
        object: shape === 'old' ? this.asOf2022(snapshot) : snapshot,
        ...(previous && { previous_attributes: structuredClone(previous) }),
      },
    });
    this.set(id, event);
    if (this.size > KEPT) this.delete(this.keys().next().value!);
    return event;
  }

  private asOf2022(object: Json): Json {
    const { intents, refunds } = this.ledger;
    switch (object.object) {
      case 'checkout.session': {
        for (const field of SINCE_2022) delete object[field];
        // An expanded payment, as an endpoint with expansions of its own would have it.
        const intent = intents.get(object.payment_intent as string);
        return { ...object, shipping: null, payment_intent: intent ? structuredClone(intent) : null };
      }
      case 'charge': {
        const data = [...refunds.values()].filter(({ charge }) => charge === object.id).reverse();
        const url = `/v1/charges/${object.id as string}/refunds`;
        const list = { object: 'list', data: structuredClone(data), has_more: false, total_count: data.length, url };
        return { ...object, invoice: null, refunds: list };
      }
      case 'refund':
      case 'dispute':
        // As those of charges that were made without a payment intent, which name the charge alone.
        for (const field of ['payment_intent', 'payment_method_details', 'destination_details']) delete object[field];
        return object;
      case 'subscription':
        return subscriptionOf2022(object);
      case 'invoice':
        return this.invoiceOf2022(object);
      default:
        return object;
    }
  }

  private invoiceOf2022(invoice: Json): Json {
    const [payment] = (invoice.payments?.data ?? []) as Json[];
    const subscription = (invoice.parent?.subscription_details?.subscription ?? null) as string | null;
    for (const field of INVOICES_SINCE) delete invoice[field];
    const lines = invoice.lines as Json;
    return {
      ...invoice,
      // An expanded customer, as an endpoint with expansions of its own would have it.
      customer: structuredClone(this.ledger.customers.get(invoice.customer as string) ?? invoice.customer),
      charge: null,
      discount: null,
      lines: { ...lines, data: (lines.data as Json[]).map((line) => lineOf2022(line, subscription)) },
      paid: invoice.status === 'paid',
      payment_intent: payment?.payment.payment_intent ?? null,
      subscription,
      tax: null,
    };
  }
}

/** Its period was its own: https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end */
function subscriptionOf2022(subscription: Json): Json {
  for (const field of SUBSCRIPTIONS_SINCE) delete subscription[field];
  const data = (subscription.items.data as Json[]).map((item) =>
    Object.fromEntries(Object.entries(item).filter(([name]) => !/^(current_period_|discounts)/.test(name))),
  );
  const { current_period_start, current_period_end } = (subscription.items.data as Json[])[0]!;
  return {
    ...subscription,
    current_period_start,
    current_period_end,
    discount: null,
    items: { ...subscription.items, data },
  };
}

function lineOf2022({ parent, pricing, ...line }: Json, subscription: string | null): Json {
  const details = parent.subscription_item_details as Json;
  return {
    ...line,
    taxes: undefined,
    type: 'subscription',
    plan: null,
    price: pricing.price_details.price,
    proration: details.proration,
    subscription,
    subscription_item: details.subscription_item,
  };
}
