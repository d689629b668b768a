import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- objects of a foreign API, as they come over the wire.
export type Json = Record<string, any>;
export type Shape = 'current' | 'old';

const fixtures = JSON.parse(readFileSync(join(process.cwd(), 'test/support/stripe-api/fixtures.json'), 'utf8')) as Json;
const VERSIONS: Readonly<Record<Shape, string>> = { current: '2026-10-28.endive', old: '2022-11-15' };

/** What Stripe knows, and what buyers, banks and sellers do to it. Deeds answer the events that Stripe would send. */
export class StripeBank {
  /** Seconds; scenarios may move it. */
  now = Math.floor(Date.now() / 1000);
  private serial = 0;
  readonly customers = new Map<string, Json>();
  readonly sessions = new Map<string, Json>();
  readonly intents = new Map<string, Json>();
  readonly charges = new Map<string, Json>();
  readonly refunds = new Map<string, Json>();
  readonly disputes = new Map<string, Json>();

  createCustomer(params: Json): Json {
    return this.made(this.customers, 'cus', 'customer', { ...params, metadata: params.metadata ?? {} });
  }

  createSession(params: Json): Json {
    const [line] = params.line_items as Json[];
    const amount = Number(line!.price_data.unit_amount) * Number(line!.quantity);
    return this.made(this.sessions, 'cs_test', 'checkout.session', {
      mode: params.mode,
      status: 'open',
      payment_status: 'unpaid',
      amount_subtotal: amount,
      amount_total: amount,
      currency: line!.price_data.currency,
      customer: params.customer,
      client_reference_id: params.client_reference_id ?? null,
      metadata: params.metadata ?? {},
      payment_intent: null,
      subscription: null,
      invoice: null,
      success_url: params.success_url,
      cancel_url: params.cancel_url ?? null,
      expires_at: Number(params.expires_at ?? this.now + 86_400),
      url: `https://checkout.stripe.test/c/pay/${this.serial}`,
    });
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
    const session = this.sessions.get(sessionId)!;
    this.succeed(session);
    return [this.event('checkout.session.async_payment_succeeded', session, shape)];
  }

  failAsync(sessionId: string, shape: Shape = 'current'): Json[] {
    const session = this.sessions.get(sessionId)!;
    Object.assign(this.intents.get(session.payment_intent as string)!, {
      status: 'requires_payment_method',
      last_payment_error: { type: 'card_error', message: 'The bank account has too little on it.' },
    });
    return [this.event('checkout.session.async_payment_failed', session, shape)];
  }

  expire(sessionId: string, shape: Shape = 'current'): Json[] {
    const session = this.sessions.get(sessionId)!;
    Object.assign(session, { status: 'expired', url: null });
    return [this.event('checkout.session.expired', session, shape)];
  }

  refund(intentId: string, amount: number | null = null, status = 'succeeded', shape: Shape = 'current'): Json[] {
    const charge = this.chargeOf(intentId);
    const refund = this.made(this.refunds, 're', 'refund', {
      amount: amount ?? Number(charge.amount) - Number(charge.amount_refunded),
      charge: charge.id,
      payment_intent: intentId,
      currency: charge.currency,
      status,
    });
    this.sumRefunds(charge);
    return [this.event('refund.created', refund, shape), this.event('charge.refunded', charge, shape)];
  }

  settleRefund(refundId: string, status: 'succeeded' | 'failed' | 'canceled', shape: Shape = 'current'): Json[] {
    const refund = this.refunds.get(refundId)!;
    refund.status = status;
    this.sumRefunds(this.charges.get(refund.charge as string)!);
    return [this.event(status === 'failed' ? 'refund.failed' : 'refund.updated', refund, shape)];
  }

  openDispute(intentId: string, amount: number | null = null, shape: Shape = 'current'): Json[] {
    const charge = this.chargeOf(intentId);
    const dispute = this.made(this.disputes, 'dp', 'dispute', {
      amount: amount ?? Number(charge.amount),
      charge: charge.id,
      payment_intent: intentId,
      currency: charge.currency,
      status: 'needs_response',
    });
    charge.disputed = true;
    return ['created', 'funds_withdrawn'].map((what) => this.event(`charge.dispute.${what}`, dispute, shape));
  }

  closeDispute(disputeId: string, outcome: 'won' | 'lost', shape: Shape = 'current'): Json[] {
    const dispute = this.disputes.get(disputeId)!;
    dispute.status = outcome;
    const told = outcome === 'won' ? ['funds_reinstated', 'closed'] : ['closed'];
    return told.map((what) => this.event(`charge.dispute.${what}`, dispute, shape));
  }

  /** An object as it is now, in an envelope. The old shape has the fields, and lacks the fields, of 2022. */
  event(type: string, object: Json, shape: Shape): Json {
    return {
      ...structuredClone(fixtures['event'] as Json),
      id: this.id('evt'),
      type,
      api_version: VERSIONS[shape],
      created: this.now,
      livemode: false,
      data: { object: shape === 'old' ? this.asOf2022(structuredClone(object)) : structuredClone(object) },
    };
  }

  private asOf2022(object: Json): Json {
    switch (object.object) {
      case 'checkout.session':
        // An expanded payment, as an endpoint with expansions of its own would have it.
        return {
          ...object,
          payment_intent: object.payment_intent ? this.intents.get(object.payment_intent as string) : null,
        };
      case 'charge': {
        const data = [...this.refunds.values()].filter(({ charge }) => charge === object.id);
        return {
          ...object,
          invoice: null,
          refunds: { object: 'list', data, has_more: false, total_count: data.length },
        };
      }
      case 'refund':
      case 'dispute': {
        delete object.payment_intent;
        return object;
      }
      default:
        return object;
    }
  }

  private submit(sessionId: string): Json {
    const session = this.sessions.get(sessionId)!;
    const intent = this.made(this.intents, 'pi', 'payment_intent', {
      amount: session.amount_total,
      currency: session.currency,
      customer: session.customer,
      metadata: session.metadata,
      status: 'processing',
      last_payment_error: null,
      latest_charge: null,
    });
    return Object.assign(session, { status: 'complete', payment_intent: intent.id, url: null });
  }

  private succeed(session: Json): void {
    const intent = this.intents.get(session.payment_intent as string)!;
    const charge = this.made(this.charges, 'ch', 'charge', {
      amount: session.amount_total,
      amount_refunded: 0,
      refunded: false,
      disputed: false,
      currency: session.currency,
      payment_intent: intent.id,
      status: 'succeeded',
    });
    Object.assign(intent, { status: 'succeeded', amount_received: session.amount_total, latest_charge: charge.id });
    session.payment_status = 'paid';
  }

  private sumRefunds(charge: Json): void {
    const counted = [...this.refunds.values()].filter((one) => one.charge === charge.id);
    const sum = counted
      .filter(({ status }) => status !== 'failed' && status !== 'canceled')
      .reduce((total, { amount }) => total + Number(amount), 0);
    Object.assign(charge, { amount_refunded: sum, refunded: sum >= Number(charge.amount) });
  }

  private chargeOf(intentId: string): Json {
    return this.charges.get(this.intents.get(intentId)!.latest_charge as string)!;
  }

  private made(into: Map<string, Json>, prefix: string, fixture: string, fields: Json): Json {
    const made = { ...structuredClone(fixtures[fixture] as Json), ...fields, id: this.id(prefix), created: this.now };
    into.set(made.id, made);
    return made;
  }

  private id(prefix: string): string {
    return `${prefix}_${String(++this.serial).padStart(8, '0')}${Math.random().toString(36).slice(2, 10)}`;
  }
}
