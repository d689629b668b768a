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
      default:
        return object;
    }
  }
}
