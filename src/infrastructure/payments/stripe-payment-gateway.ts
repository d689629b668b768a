import type { Stripe } from 'stripe';
import {
  type Buyer,
  CheckoutNotFound,
  type GatewayCheckout,
  type GatewayCorrection,
  type PaymentGateway,
  type PaymentReference,
} from '#application/payments/payment-gateway';
import type { Payment } from '#domain/payments/payment';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { findId } from '#domain/shared/id';
import { idOf, PAGE, StripeClient } from './stripe-client.js';
import { referenceInStripeEvent } from './stripe-events.js';
import type { StripeSettings } from './stripe-settings.js';

/** Stripe behind our port. Nothing of its types leaves this folder. */
export class StripePaymentGateway implements PaymentGateway {
  readonly name: string;
  private readonly client: StripeClient;
  private readonly stripe: Stripe;

  constructor(settings: StripeSettings) {
    this.name = settings.gateway;
    this.client = new StripeClient(settings);
    this.stripe = this.client.stripe;
  }

  createCustomer({ userId, email, name }: Buyer, gone: string | null): Promise<string> {
    return this.client.asked(async () => {
      const customer = await this.stripe.customers.create(
        { email, name, metadata: { user_id: userId } },
        // For a day Stripe would answer a deleted customer to the key that made it.
        { idempotencyKey: gone === null ? `customer:${userId}` : `customer:${userId}:after:${gone}` },
      );
      return customer.id;
    });
  }

  async hasCustomer(customerId: string): Promise<boolean> {
    const customer = await this.client.found(() => this.stripe.customers.retrieve(customerId));
    return customer !== null && customer.deleted !== true;
  }

  openCheckout(payment: Payment, customerId: string, description: string): Promise<GatewayCheckout> {
    const { id, userId, amountMinor, currency, successUrl, cancelUrl, expiresAt } = payment;
    const metadata = { payment_id: id, user_id: userId };
    return this.client.asked(async () => {
      // Everything comes from the row: the same key with other parameters is an error, as it should be.
      const session = await this.stripe.checkout.sessions.create(
        {
          mode: 'payment',
          customer: customerId,
          client_reference_id: userId,
          line_items: [
            { quantity: 1, price_data: { currency, unit_amount: amountMinor, product_data: { name: description } } },
          ],
          // The buyer pays the very amount and currency that we compare with.
          adaptive_pricing: { enabled: false },
          metadata,
          payment_intent_data: { metadata },
          success_url: successUrl,
          cancel_url: cancelUrl,
          expires_at: Math.floor(expiresAt.getTime() / 1000),
        },
        { idempotencyKey: `checkout:${id}:${customerId}` },
      );
      return this.checkoutOf(session, []);
    });
  }

  async getCheckout(checkoutId: string): Promise<GatewayCheckout> {
    const checkout = await this.findSession(checkoutId);
    if (!checkout) throw new CheckoutNotFound(checkoutId);
    return checkout;
  }

  async findCheckout({ checkoutId, paymentIntentId, chargeId }: PaymentReference): Promise<GatewayCheckout | null> {
    if (checkoutId !== null) return this.findSession(checkoutId);
    const intent = paymentIntentId ?? (chargeId === null ? null : await this.intentOf(chargeId));
    if (intent === null) return null;
    const sessions = await this.client.found(() =>
      this.stripe.checkout.sessions.list({ payment_intent: intent, limit: 1 }),
    );
    const session = sessions?.data[0];
    return session ? this.findSession(session.id) : null;
  }

  referenceIn({ payload }: PaymentNotice): PaymentReference | null {
    return referenceInStripeEvent(payload);
  }

  async *checkoutsTouchedSince(since: Date): AsyncIterable<PaymentReference> {
    const created = { gte: Math.floor(since.getTime() / 1000) };
    const seen = new Set<string>();
    const { checkout, refunds, disputes } = this.stripe;
    for await (const { id, mode, payment_intent } of this.client.all(
      checkout.sessions.list({ created, limit: PAGE }),
    )) {
      const paymentIntentId = idOf(payment_intent);
      if (paymentIntentId !== null) seen.add(paymentIntentId);
      if (mode === 'payment') yield { checkoutId: id, paymentIntentId, chargeId: null };
    }
    // One list after the other: `list` asks at once, and a refusal that comes while nobody waits for it ends the process.
    const lists = [() => refunds.list({ created, limit: PAGE }), () => disputes.list({ created, limit: PAGE })];
    for (const list of lists) {
      for await (const { payment_intent, charge } of this.client.all<Stripe.Refund | Stripe.Dispute>(list())) {
        const [paymentIntentId, chargeId] = [idOf(payment_intent), idOf(charge)];
        const known = paymentIntentId ?? chargeId;
        if (known === null || seen.has(known)) continue;
        seen.add(known);
        yield { checkoutId: null, paymentIntentId, chargeId };
      }
    }
  }

  private async findSession(checkoutId: string): Promise<GatewayCheckout | null> {
    const session = await this.client.found(() =>
      this.stripe.checkout.sessions.retrieve(checkoutId, { expand: ['payment_intent'] }),
    );
    if (!session) return null;
    const intent = idOf(session.payment_intent);
    // Before it is paid there is nothing to give back.
    const corrections = intent === null || session.payment_status !== 'paid' ? [] : await this.correctionsOf(intent);
    return this.checkoutOf(session, corrections);
  }

  private async intentOf(chargeId: string): Promise<string | null> {
    const charge = await this.client.found(() => this.stripe.charges.retrieve(chargeId));
    return charge && idOf(charge.payment_intent);
  }

  private async correctionsOf(paymentIntent: string): Promise<readonly GatewayCorrection[]> {
    const corrections: GatewayCorrection[] = [];
    const of = { payment_intent: paymentIntent, limit: PAGE };
    for await (const refund of this.client.all(this.stripe.refunds.list(of))) corrections.push(refundOf(refund));
    for await (const dispute of this.client.all(this.stripe.disputes.list(of))) corrections.push(disputeOf(dispute));
    return corrections;
  }

  private checkoutOf(session: Stripe.Checkout.Session, corrections: readonly GatewayCorrection[]): GatewayCheckout {
    const intent = typeof session.payment_intent === 'object' ? session.payment_intent : null;
    return {
      checkoutId: session.id,
      paymentId: findId<'Payment'>(session.metadata?.payment_id),
      userId: findId<'User'>(session.client_reference_id),
      url: session.url,
      expiresAt: new Date(session.expires_at * 1000),
      state: stateOf(session, intent),
      amountMinor: session.amount_total ?? 0,
      currency: session.currency ?? '',
      paymentIntentId: idOf(session.payment_intent),
      failure: intent?.last_payment_error?.message ?? null,
      corrections,
    };
  }
}

/**
 * A completed checkout that is not paid waits for the bank, until its payment asks for another way to pay or is given up
 * (https://docs.stripe.com/payments/paymentintents/lifecycle).
 */
function stateOf(session: Stripe.Checkout.Session, intent: Stripe.PaymentIntent | null): GatewayCheckout['state'] {
  if (session.payment_status === 'paid') return 'paid';
  if (session.status === 'expired') return 'expired';
  if (session.status !== 'complete') return 'open';
  if (session.payment_status === 'no_payment_required') return 'free';
  return intent?.status === 'requires_payment_method' || intent?.status === 'canceled' ? 'failed' : 'processing';
}

/**
 * A refund is on its way to the buyer unless Stripe says that it is not (https://docs.stripe.com/api/refunds/object): so is one in
 * a status that is new to us, because credit that was taken back too soon can be given back, and spent credit cannot be taken.
 */
function refundOf({ id, amount, status, created }: Stripe.Refund): GatewayCorrection {
  const effective = status !== 'failed' && status !== 'canceled';
  return { id, kind: 'refund', amountMinor: amount, status: status ?? 'unknown', effective, createdAt: at(created) };
}

function disputeOf(dispute: Stripe.Dispute): GatewayCorrection {
  const { id, amount, status, created } = dispute;
  return { id, kind: 'dispute', amountMinor: amount, status, effective: isWithdrawn(dispute), createdAt: at(created) };
}

/** `warning_…` is an inquiry, which withdraws nothing. `charge_refunded` is what versions before 2014-11-20 said for `won`. */
const MONEY_IS_HERE = /^(warning_.*|prevented|won|charge_refunded)$/;
const MONEY_IS_GONE = /^(needs_response|under_review|lost|appeal_.*)$/;

/**
 * A dispute withdraws the money at once, and only winning it brings it back (https://docs.stripe.com/disputes/how-disputes-work).
 * A status that is new to us is decided by what Stripe booked, without its fees; where it booked nothing the money counts as gone.
 */
function isWithdrawn({ status, balance_transactions: booked }: Stripe.Dispute): boolean {
  if (MONEY_IS_HERE.test(status)) return false;
  if (MONEY_IS_GONE.test(status)) return true;
  return booked.length === 0 || booked.reduce((sum, { amount }) => sum + amount, 0) < 0;
}

const at = (seconds: number): Date => new Date(seconds * 1000);
