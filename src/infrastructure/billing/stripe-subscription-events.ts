type Json = Readonly<Record<string, unknown>>;

/**
 * Events after which a customer's subscriptions or invoices may be others than before (https://docs.stripe.com/api/events/types).
 * What is left out says nothing of its own: `invoice.payment_succeeded` always comes with `invoice.paid`, and
 * `invoice.upcoming` is about none that exists.
 */
const OF_A_CUSTOMER = /^customer\.(updated|deleted)$/;
const OF_SUBSCRIPTIONS =
  /^customer\.subscription\.(created|updated|deleted|paused|resumed|pending_update_applied|pending_update_expired|trial_will_end)$/;
const OF_SCHEDULES = /^subscription_schedule\.(created|updated|released|canceled|completed|aborted)$/;
const OF_INVOICES =
  /^invoice\.(created|deleted|finalized|finalization_failed|updated|paid|overpaid|overdue|payment_failed|payment_action_required|payment_attempt_required|marked_uncollectible|voided)$/;
const OF_INVOICE_PAYMENTS = /^invoice_payment\.paid$/;
const OF_CREDIT_NOTES = /^credit_note\.(created|updated|voided)$/;
const OF_CARDS = /^payment_method\.(attached|detached|updated|automatically_updated)$/;
const OF_CHECKOUTS = /^checkout\.session\.(completed|async_payment_succeeded|async_payment_failed|expired)$/;

/** What Stripe can be asked for when nobody told us: as many types as it lists at once, of those that move the most. */
export const LISTED_EVENTS = [
  'customer.deleted',
  'customer.updated',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.pending_update_applied',
  'subscription_schedule.updated',
  'subscription_schedule.released',
  'subscription_schedule.canceled',
  'invoice.created',
  'invoice.deleted',
  'invoice.finalized',
  'invoice.updated',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.overdue',
  'invoice.marked_uncollectible',
  'invoice.voided',
] as const;

/**
 * The customer whom an event concerns, in whatever version of the API it is written: a customer is an id or the whole object. Null
 * for events that move no subscription, and for a payment of an invoice that is named by its id alone: `invoice.paid` tells of it.
 */
export function customerInStripeEvent(payload: unknown): string | null {
  const { type, data } = (payload ?? {}) as {
    readonly type?: unknown;
    readonly data?: { readonly object?: Json; readonly previous_attributes?: Json };
  };
  const object = data?.object;
  if (typeof type !== 'string' || !object) return null;
  if (OF_A_CUSTOMER.test(type)) return idIn(object);
  if (OF_CHECKOUTS.test(type)) return object.mode === 'subscription' ? idIn(object.customer) : null;
  if (OF_INVOICE_PAYMENTS.test(type)) {
    return idIn(object.customer) ?? idIn((object.invoice as Json | null | undefined)?.customer);
  }
  // One that was detached belongs to nobody any more.
  if (OF_CARDS.test(type)) return idIn(object.customer) ?? idIn(data.previous_attributes?.customer);
  const named = [OF_SUBSCRIPTIONS, OF_SCHEDULES, OF_INVOICES, OF_CREDIT_NOTES];
  return named.some((kind) => kind.test(type)) ? idIn(object.customer) : null;
}

/** An id, given as itself or as the whole object. */
function idIn(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  const id = (value as Json | null | undefined)?.id;
  return typeof id === 'string' ? id : null;
}
