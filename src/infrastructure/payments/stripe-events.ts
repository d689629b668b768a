import type { PaymentReference } from '#application/payments/payment-gateway';

/**
 * Events that tell of money which moved, or of a checkout which ended. Whether another type is about one of our payments is not
 * asked: these are all that change a purchase (https://docs.stripe.com/api/events/types).
 */
const OF_CHECKOUTS = /^checkout\.session\.(completed|async_payment_succeeded|async_payment_failed|expired)$/;
const OF_REFUNDS = /^(refund\.(created|updated|failed)|charge\.refund\.updated)$/;
const OF_CHARGES = /^charge\.refunded$/;
const OF_DISPUTES = /^charge\.dispute\.(created|updated|funds_withdrawn|funds_reinstated|closed)$/;

type Json = Readonly<Record<string, unknown>>;

/**
 * What an event is about, in whatever version of the API it is written: ids may be strings or whole objects, and older refunds and
 * disputes name the charge alone. Null for events that move no payment.
 */
export function referenceInStripeEvent(payload: unknown): PaymentReference | null {
  const { type, data } = (payload ?? {}) as { readonly type?: unknown; readonly data?: { readonly object?: Json } };
  const object = data?.object;
  if (typeof type !== 'string' || !object) return null;
  if (OF_CHECKOUTS.test(type)) {
    // A subscription's checkout is not a purchase of credit.
    if (object.mode !== 'payment') return null;
    return { checkoutId: idOf(object.id), paymentIntentId: idOf(object.payment_intent), chargeId: null };
  }
  if (OF_REFUNDS.test(type) || OF_DISPUTES.test(type)) {
    return { checkoutId: null, paymentIntentId: idOf(object.payment_intent), chargeId: idOf(object.charge) };
  }
  if (OF_CHARGES.test(type)) {
    return { checkoutId: null, paymentIntentId: idOf(object.payment_intent), chargeId: idOf(object.id) };
  }
  return null;
}

/** An id, given as itself or as the whole object. */
function idOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const id = (value as Json | null | undefined)?.id;
  return typeof id === 'string' ? id : null;
}
