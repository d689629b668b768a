import type { Shape } from './stripe-events.js';
import { StripeBilling } from './stripe-billing.js';
import { existing, StripeLedger } from './stripe-ledger.js';
import { change, type Json } from './stripe-objects.js';

export type { Shape } from './stripe-events.js';
export type { Json } from './stripe-objects.js';

type Settled = 'succeeded' | 'failed' | 'canceled';

/** What buyers, banks and sellers do at Stripe. Deeds answer the events that Stripe would send of them. */
export class StripeBank extends StripeLedger {
  /** Subscriptions, and what belongs to them. */
  readonly billing = new StripeBilling(this);
  private readonly paymentMetadata = new WeakMap<Json, Json>();

  createCustomer(params: Json): Json {
    return this.made(this.customers, 'cus', 'customer', {
      ...params,
      expand: undefined,
      metadata: params.metadata ?? {},
    });
  }

  createSession(params: Json): Json {
    const lines = params.line_items as Json[];
    const amount = lines.reduce((sum, line) => sum + Number(line.price_data.unit_amount) * Number(line.quantity), 0);
    const session = this.made(this.sessions, 'cs_test', 'checkout.session', {
      mode: params.mode,
      amount_subtotal: amount,
      amount_total: amount,
      currency: lines[0]!.price_data.currency,
      customer: params.customer ?? null,
      client_reference_id: params.client_reference_id ?? null,
      metadata: params.metadata ?? {},
      adaptive_pricing: params.adaptive_pricing ?? { enabled: true },
      success_url: params.success_url,
      cancel_url: params.cancel_url ?? null,
      expires_at: Number(params.expires_at ?? this.now + 86_400),
    });
    session.url = `https://checkout.stripe.test/c/pay/${session.id}`;
    this.paymentMetadata.set(session, (params.payment_intent_data?.metadata as Json | undefined) ?? {});
    return session;
  }

  /** The buyer pays by card. */
  pay(sessionId: string, shape: Shape = 'current'): Json[] {
    const session = this.submit(sessionId);
    this.succeed(session);
    return [this.event('checkout.session.completed', session, shape)];
  }

  /** The buyer names a bank account: the checkout is complete, and nothing is paid yet. */
  startAsyncPayment(sessionId: string, shape: Shape = 'current'): Json[] {
    return [this.event('checkout.session.completed', this.submit(sessionId), shape)];
  }

  succeedAsync(sessionId: string, shape: Shape = 'current'): Json[] {
    const session = existing(this.sessions, sessionId);
    this.succeed(session);
    return [this.event('checkout.session.async_payment_succeeded', session, shape)];
  }

  failAsync(sessionId: string, shape: Shape = 'current'): Json[] {
    const session = existing(this.sessions, sessionId);
    Object.assign(this.waiting(session), {
      status: 'requires_payment_method',
      last_payment_error: { type: 'card_error', message: 'The bank account has too little on it.' },
    });
    return [this.event('checkout.session.async_payment_failed', session, shape)];
  }

  expire(sessionId: string, shape: Shape = 'current'): Json[] {
    const session = this.open(sessionId);
    Object.assign(session, { status: 'expired', url: null });
    return [this.event('checkout.session.expired', session, shape)];
  }

  refund(intentId: string, amount: number | null = null, status = 'succeeded', shape: Shape = 'current'): Json[] {
    const charge = this.chargeOf(intentId);
    const left = Number(charge.amount) - Number(charge.amount_refunded);
    if ((amount ?? left) > left || left === 0) throw new Error(`Of ${charge.id} there are ${left} left to refund.`);
    const refund = this.made(this.refunds, 're', 'refund', {
      amount: amount ?? left,
      charge: charge.id,
      payment_intent: intentId,
      currency: charge.currency,
      status,
    });
    const before = this.sumRefunds(charge);
    return [this.event('refund.created', refund, shape), this.event('charge.refunded', charge, shape, before)];
  }

  settleRefund(refundId: string, status: Settled, shape: Shape = 'current'): Json[] {
    const refund = existing(this.refunds, refundId);
    const failure = { failure_reason: 'expired_or_canceled_card', failure_balance_transaction: this.id('txn') };
    const before = change(refund, { status, ...(status === 'failed' && failure) });
    this.sumRefunds(existing(this.charges, refund.charge as string));
    return [this.event(status === 'failed' ? 'refund.failed' : 'refund.updated', refund, shape, before)];
  }

  /** The buyer's bank takes the money back at once. */
  openDispute(intentId: string, amount: number | null = null, shape: Shape = 'current'): Json[] {
    const dispute = this.disputed(intentId, amount, 'needs_response');
    const opened = this.event('charge.dispute.created', dispute, shape);
    return [opened, ...this.withdrawFunds(dispute.id as string, shape)];
  }

  /** The buyer's bank asks, and takes nothing yet. */
  openInquiry(intentId: string, amount: number | null = null, shape: Shape = 'current'): Json[] {
    const dispute = this.disputed(intentId, amount, 'warning_needs_response');
    return [this.event('charge.dispute.created', dispute, shape)];
  }

  /** What an inquiry may lead to. */
  withdrawFunds(disputeId: string, shape: Shape = 'current'): Json[] {
    const dispute = existing(this.disputes, disputeId);
    const before = { ...change(dispute, { status: 'needs_response' }), ...this.moveFunds(dispute, -dispute.amount) };
    return [this.event('charge.dispute.funds_withdrawn', dispute, shape, before)];
  }

  reinstateFunds(disputeId: string, shape: Shape = 'current'): Json[] {
    const dispute = existing(this.disputes, disputeId);
    const before = this.moveFunds(dispute, Number(dispute.amount));
    return [this.event('charge.dispute.funds_reinstated', dispute, shape, before)];
  }

  closeDispute(disputeId: string, outcome: 'won' | 'lost', shape: Shape = 'current'): Json[] {
    const dispute = existing(this.disputes, disputeId);
    const before = change(dispute, { status: outcome });
    const reinstated = outcome === 'won' ? this.reinstateFunds(disputeId, shape) : [];
    return [...reinstated, this.event('charge.dispute.closed', dispute, shape, before)];
  }

  private disputed(intentId: string, amount: number | null, status: string): Json {
    const charge = this.chargeOf(intentId);
    charge.disputed = true;
    return this.made(this.disputes, 'dp', 'dispute', {
      amount: amount ?? Number(charge.amount),
      charge: charge.id,
      payment_intent: intentId,
      currency: charge.currency,
      status,
    });
  }

  private open(sessionId: string): Json {
    const session = existing(this.sessions, sessionId);
    if (session.status !== 'open') throw new Error(`${sessionId} is ${session.status}, not open.`);
    return session;
  }

  private waiting(session: Json): Json {
    const intent = existing(this.intents, session.payment_intent as string);
    if (intent.status !== 'processing') throw new Error(`${intent.id} is ${intent.status}, not processing.`);
    return intent;
  }

  private submit(sessionId: string): Json {
    const session = this.open(sessionId);
    const intent = this.made(this.intents, 'pi', 'payment_intent', {
      amount: session.amount_total,
      currency: session.currency,
      customer: session.customer,
      metadata: this.paymentMetadata.get(session) ?? {},
    });
    intent.client_secret = `${intent.id}_secret_double`;
    return Object.assign(session, { status: 'complete', payment_intent: intent.id, url: null });
  }

  private succeed(session: Json): void {
    const intent = this.waiting(session);
    const charge = this.made(this.charges, 'ch', 'charge', {
      amount: session.amount_total,
      amount_captured: session.amount_total,
      balance_transaction: this.id('txn'),
      currency: session.currency,
      customer: session.customer,
      metadata: intent.metadata,
      payment_intent: intent.id,
    });
    Object.assign(intent, { status: 'succeeded', amount_received: session.amount_total, latest_charge: charge.id });
    session.payment_status = 'paid';
  }
}
