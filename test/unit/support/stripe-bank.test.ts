import { Stripe } from 'stripe';
import { type Json, type Shape, StripeBank } from '#test/support/stripe/stripe-bank';
import { StripeDouble } from '#test/support/stripe/stripe-double';

let bank: StripeBank;
beforeEach(() => (bank = new StripeBank()));

const open = (): string =>
  bank.createSession({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 1000 } }],
  }).id as string;

function paid(): { readonly session: Json; readonly intent: string; readonly charge: Json } {
  const id = open();
  bank.pay(id);
  const session = bank.sessions.get(id)!;
  const intent = session.payment_intent as string;
  return { session, intent, charge: bank.charges.get(bank.intents.get(intent)!.latest_charge as string)! };
}

const types = (events: readonly Json[]): string[] => events.map(({ type }) => type as string);
const objectOf = (event: Json | undefined): Json => event!.data.object as Json;
const previousOf = (event: Json | undefined): Json => event!.data.previous_attributes as Json;

describe('what buyers and banks do', () => {
  it('is told as it is at that moment, and stays so', () => {
    const { intent, charge } = paid();
    const [, told] = bank.refund(intent, 300);
    bank.refund(intent, 200);
    expect(objectOf(told).amount_refunded).toBe(300);
    expect(charge.amount_refunded).toBe(500);
    expect(previousOf(told)).toEqual({ amount_refunded: 0 });
  });

  it('pays by card at once', () => {
    const id = open();
    const events = bank.pay(id);
    expect(types(events)).toEqual(['checkout.session.completed']);
    expect(objectOf(events[0])).toMatchObject({ id, status: 'complete', payment_status: 'paid', amount_total: 1000 });
    expect(events[0]).toMatchObject({ object: 'event', api_version: '2026-10-28.endive', created: bank.now });
  });

  it.each(['succeeded', 'failed'] as const)('pays by bank, which has %s some days later', (outcome) => {
    const id = open();
    const [completed] = bank.startAsyncPayment(id);
    expect(objectOf(completed)).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    const [told] = outcome === 'succeeded' ? bank.succeedAsync(id) : bank.failAsync(id);
    expect(told!.type).toBe(`checkout.session.async_payment_${outcome}`);
    expect(objectOf(told).payment_status).toBe(outcome === 'succeeded' ? 'paid' : 'unpaid');
    expect(bank.charges.size).toBe(outcome === 'succeeded' ? 1 : 0);
    expect(() => bank.succeedAsync(id)).toThrow('not processing');
  });

  it('lets a checkout expire, and it cannot be paid then', () => {
    const id = open();
    const [told] = bank.expire(id);
    expect(objectOf(told)).toMatchObject({ status: 'expired', payment_intent: null });
    expect(() => bank.pay(id)).toThrow('is expired, not open');
    expect(() => bank.pay('cs_test_none')).toThrow('knows no cs_test_none');
  });

  it('refunds, and the charge adds up what has not failed', () => {
    const { intent, charge } = paid();
    const events = bank.refund(intent, 400, 'pending');
    expect(types(events)).toEqual(['refund.created', 'charge.refunded']);
    const { id } = objectOf(events[0]);
    const [succeeded] = bank.settleRefund(id as string, 'succeeded');
    expect([succeeded!.type, previousOf(succeeded)]).toEqual(['refund.updated', { status: 'pending' }]);
    const [failed] = bank.settleRefund(id as string, 'failed');
    expect(failed!.type).toBe('refund.failed');
    expect(objectOf(failed).failure_reason).toBe('expired_or_canceled_card');
    expect(charge).toMatchObject({ amount_refunded: 0, refunded: false });
    bank.refund(intent);
    expect(charge).toMatchObject({ amount_refunded: 1000, refunded: true });
    expect(() => bank.refund(intent, 1)).toThrow('0 left to refund');
  });

  it('disputes, and the money leaves at once; won, it comes back', () => {
    const { intent, charge } = paid();
    const opened = bank.openDispute(intent, 600);
    expect(types(opened)).toEqual(['charge.dispute.created', 'charge.dispute.funds_withdrawn']);
    const { id } = objectOf(opened[0]);
    const closed = bank.closeDispute(id as string, 'won');
    expect(types(closed)).toEqual(['charge.dispute.funds_reinstated', 'charge.dispute.closed']);
    const [dispute] = bank.disputes.values();
    const moved = (dispute!.balance_transactions as Json[]).map(({ amount }) => amount as number);
    expect([dispute!.status, moved, charge.disputed]).toEqual(['won', [-600, 600], true]);
    expect(previousOf(closed[1])).toEqual({ status: 'needs_response' });
  });

  it('only asks at first, takes the money later, and keeps it', () => {
    const { intent } = paid();
    const [asked, ...others] = bank.openInquiry(intent);
    expect(others).toEqual([]);
    expect(objectOf(asked)).toMatchObject({ status: 'warning_needs_response', balance_transactions: [] });
    const id = objectOf(asked).id as string;
    const [withdrawn] = bank.withdrawFunds(id);
    expect(withdrawn!.type).toBe('charge.dispute.funds_withdrawn');
    expect(objectOf(withdrawn).balance_transactions).toMatchObject([{ amount: -1000 }]);
    expect(types(bank.closeDispute(id, 'lost'))).toEqual(['charge.dispute.closed']);
  });
});

describe('the shape of 2022', () => {
  const old: Shape = 'old';

  it('has the payment inside of the checkout, and none of the later fields', () => {
    const [told] = bank.pay(open(), old);
    expect(told!.api_version).toBe('2022-08-01');
    expect(objectOf(told).payment_intent).toMatchObject({ object: 'payment_intent', status: 'succeeded' });
    expect(objectOf(told)).not.toHaveProperty('adaptive_pricing');
  });

  it('has the refunds inside of the charge, as they were then', () => {
    const { intent } = paid();
    const [refund, charge] = bank.refund(intent, 400, 'pending', old);
    bank.settleRefund(objectOf(refund).id as string, 'failed', old);
    expect(objectOf(charge)).toMatchObject({ invoice: null, refunds: { data: [{ amount: 400, status: 'pending' }] } });
    expect(objectOf(refund)).not.toHaveProperty('payment_intent');
    expect(objectOf(bank.refund(intent, 1)[1])).not.toHaveProperty('refunds');
  });

  it('names the charge alone in a dispute', () => {
    const { intent, charge } = paid();
    const [told] = bank.openDispute(intent, null, old);
    expect(objectOf(told)).toMatchObject({ charge: charge.id });
    expect(objectOf(told)).not.toHaveProperty('payment_intent');
  });
});

describe('a signed event', () => {
  const secret = 'whsec_double';
  const built = ({ body, header }: { body: string; header: string }, with_ = secret): Stripe.Event =>
    Stripe.webhooks.constructEvent(body, header, with_);

  it('is what the client library accepts, and nothing else is', () => {
    const [event] = bank.pay(open());
    const signed = StripeDouble.signed(event!, secret);
    expect(built(signed)).toEqual(event);
    const forged = { ...signed, body: signed.body.replace('1000', '9000') };
    const late = StripeDouble.signed(event!, secret, Math.floor(Date.now() / 1000) - 301);
    for (const bad of [() => built(forged), () => built(signed, 'whsec_other'), () => built(late)]) {
      expect(bad).toThrow(Stripe.errors.StripeSignatureVerificationError);
    }
  });
});
