import {
  CheckoutNotFound,
  type GatewayCheckout,
  PaymentProviderUnavailable,
} from '#application/payments/payment-gateway';
import type { UserId } from '#domain/accounts/user';
import { Payment, type PaymentId } from '#domain/payments/payment';
import { StripePaymentGateway } from '#infrastructure/payments/stripe-payment-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { STRIPE_TEST_KEY, StripeDouble } from '#test/support/stripe/stripe-double';

let double: StripeDouble;
let gateway: StripePaymentGateway;
let serial = 0;

beforeEach(async () => {
  double = await StripeDouble.start();
  gateway = new StripePaymentGateway(new StripeSettings(STRIPE_TEST_KEY, [], double.url, 1500));
});
afterEach(() => double.stop());

const USER = '01900000-0000-7000-8000-000000000001' as UserId;

function order(): Payment {
  const id = `01900000-0000-7000-9000-${String(++serial).padStart(12, '0')}` as PaymentId;
  return Payment.ordered(
    {
      id,
      userId: USER,
      gateway: gateway.name,
      requestKey: id,
      packageId: 'starter',
      amountMinor: 1000,
      currency: 'usd',
      creditMicros: 10_000_000n,
      successUrl: 'https://app.example.com/paid',
      cancelUrl: 'https://app.example.com/left',
    },
    new Date(),
  );
}

async function opened(payment = order()): Promise<GatewayCheckout> {
  const customer = await gateway.createCustomer({ userId: USER, email: 'ada@example.com', name: 'Ada' }, null);
  return gateway.openCheckout(payment, customer, '1000 credits');
}

async function paid(): Promise<GatewayCheckout> {
  const { checkoutId } = await opened();
  double.bank.pay(checkoutId);
  return gateway.getCheckout(checkoutId);
}

describe('a checkout at Stripe', () => {
  it('is opened with the amount, the currency and the names of our row alone', async () => {
    const payment = order();
    const checkout = await opened(payment);
    expect(checkout).toMatchObject({
      paymentId: payment.id,
      userId: USER,
      state: 'open',
      amountMinor: 1000,
      currency: 'usd',
      corrections: [],
    });
    const { params, idempotencyKey } = double.asked.find(({ path }) => path === '/v1/checkout/sessions')!;
    expect(idempotencyKey).toBe(`checkout:${payment.id}:${String(params.customer)}`);
    expect(params).toMatchObject({
      client_reference_id: USER,
      metadata: { payment_id: payment.id, user_id: USER },
      payment_intent_data: { metadata: { payment_id: payment.id, user_id: USER } },
      adaptive_pricing: { enabled: false },
    });
  });

  it('is the same one for the same payment, and so is the customer', async () => {
    const payment = order();
    const [one, other] = [await opened(payment), await opened(payment)];
    expect(other.checkoutId).toBe(one.checkoutId);
    expect(double.bank.sessions.size).toBe(1);
    expect(double.bank.customers.size).toBe(1);
  });

  it('is one although the answer to the first request was lost, by the key it was asked with', async () => {
    const payment = order();
    double.faults.push(...Array(3).fill({ cut: 'after', path: /checkout/ }));
    await expect(opened(payment)).rejects.toThrow(PaymentProviderUnavailable);
    expect(double.bank.sessions.size).toBe(1);
    const checkout = await opened(payment);
    expect([...double.bank.sessions.keys()]).toEqual([checkout.checkoutId]);
  });

  it.each([
    ['has a fault (500)', { status: 500 }],
    ['hangs up', { cut: 'before' as const }],
  ])('is opened all the same when Stripe %s once', async (_, fault) => {
    double.faults.push({ ...fault, path: /checkout/ });
    expect((await opened()).state).toBe('open');
    expect(double.bank.sessions.size).toBe(1);
  });

  it('has an unknown outcome when Stripe is busy, and is opened when it is asked again', async () => {
    const payment = order();
    double.faults.push({ status: 429, path: /checkout/ });
    await expect(opened(payment)).rejects.toThrow(PaymentProviderUnavailable);
    expect((await opened(payment)).state).toBe('open');
  });

  it('has an unknown outcome when Stripe stays away', async () => {
    double.faults.push(...Array(3).fill({ status: 500, path: /customers/ }));
    await expect(opened()).rejects.toThrow(PaymentProviderUnavailable);
  });

  it('that does not exist is not found', async () => {
    await expect(gateway.getCheckout('cs_test_unknown')).rejects.toThrow(CheckoutNotFound);
    expect(
      await gateway.findCheckout({ checkoutId: 'cs_test_unknown', paymentIntentId: null, chargeId: null }),
    ).toBeNull();
  });

  it('with a key that Stripe refuses is a fault of the installation, not an outage', async () => {
    const stranger = new StripePaymentGateway(new StripeSettings('sk_test_wrong', [], double.url));
    const asked = stranger.getCheckout('cs_test_any');
    await expect(asked).rejects.toThrow('STRIPE_SECRET_KEY');
    await expect(asked).rejects.not.toThrow(PaymentProviderUnavailable);
  });
});

describe('the state of a checkout', () => {
  it('is paid once the money is there', async () => {
    const checkout = await paid();
    expect(checkout).toMatchObject({ state: 'paid', url: null });
    expect(checkout.paymentIntentId).toMatch(/^pi_/);
  });

  it('is processing while a bank takes its time, then paid or failed', async () => {
    const [one, other] = [await opened(), await opened()];
    for (const { checkoutId } of [one, other]) {
      double.bank.startAsyncPayment(checkoutId);
      expect((await gateway.getCheckout(checkoutId)).state).toBe('processing');
    }
    double.bank.succeedAsync(one.checkoutId);
    double.bank.failAsync(other.checkoutId);
    expect((await gateway.getCheckout(one.checkoutId)).state).toBe('paid');
    expect(await gateway.getCheckout(other.checkoutId)).toMatchObject({
      state: 'failed',
      failure: 'The bank account has too little on it.',
    });
  });

  it('is expired when the buyer did not pay in time', async () => {
    const { checkoutId } = await opened();
    double.bank.expire(checkoutId);
    expect((await gateway.getCheckout(checkoutId)).state).toBe('expired');
  });

  it('is free, and so never sold, when Stripe asked for nothing', async () => {
    const { checkoutId } = await opened();
    Object.assign(double.bank.sessions.get(checkoutId)!, { status: 'complete', payment_status: 'no_payment_required' });
    expect((await gateway.getCheckout(checkoutId)).state).toBe('free');
  });
});

describe('money that goes back', () => {
  it.each([
    ['succeeded', true],
    ['pending', true],
    ['requires_action', true],
    ['failed', false],
    ['canceled', false],
    ['something_new', true],
  ])('by a refund that is %s is with the buyer: %s', async (status, effective) => {
    const { checkoutId, paymentIntentId } = await paid();
    double.bank.refund(paymentIntentId!, 300, status);
    const { corrections } = await gateway.getCheckout(checkoutId);
    expect(corrections).toEqual([expect.objectContaining({ kind: 'refund', amountMinor: 300, status, effective })]);
  });

  it.each([
    ['needs_response', true],
    ['under_review', true],
    ['lost', true],
    ['appeal_under_review', true],
    ['something_new', true],
    ['won', false],
    ['prevented', false],
    ['warning_needs_response', false],
    ['warning_closed', false],
    ['warning_something_new', false],
    ['charge_refunded', false],
  ])('by a dispute that is %s is with the buyer: %s', async (status, effective) => {
    const { checkoutId, paymentIntentId } = await paid();
    double.bank.openDispute(paymentIntentId!);
    [...double.bank.disputes.values()][0]!.status = status;
    const { corrections } = await gateway.getCheckout(checkoutId);
    expect(corrections).toEqual([expect.objectContaining({ kind: 'dispute', amountMinor: 1000, status, effective })]);
  });

  // A fee of 15 dollars comes with each, and stays with Stripe: what the buyer has is told by the amounts alone.
  it.each([
    ['something_new', 'withdrawn', [-1000], true],
    ['something_new', 'withdrawn and brought back', [-1000, 1000], false],
    ['something_new', 'brought back in part', [-1000, 400], true],
    ['lost', 'told before it is booked anew', [-1000, 1000], true],
    ['appeal_under_review', 'told before it is booked anew', [-1000, 1000], true],
    ['won', 'told before it is brought back', [-1000], false],
  ])(
    'by a dispute that is %s, when its money was %s %j, is with the buyer: %s',
    async (status, _, amounts, effective) => {
      const { checkoutId, paymentIntentId } = await paid();
      double.bank.openDispute(paymentIntentId!);
      const booked = amounts.map((amount) => ({
        amount,
        fee: amount < 0 ? 1500 : 0,
        net: amount - (amount < 0 ? 1500 : 0),
      }));
      Object.assign([...double.bank.disputes.values()][0]!, { status, balance_transactions: booked });
      expect((await gateway.getCheckout(checkoutId)).corrections).toEqual([expect.objectContaining({ effective })]);
    },
  );

  it('is counted to the last of more refunds than fit on one page', async () => {
    const { checkoutId, paymentIntentId } = await paid();
    for (let cent = 0; cent < 130; cent++) double.bank.refund(paymentIntentId!, 1);
    expect((await gateway.getCheckout(checkoutId)).corrections).toHaveLength(130);
  });

  it('leads back to the checkout from the payment and from the charge alone', async () => {
    const { checkoutId, paymentIntentId } = await paid();
    const [chargeId] = [...double.bank.charges.keys()];
    const none = { checkoutId: null, paymentIntentId: null, chargeId: null };
    expect(await gateway.findCheckout({ ...none, paymentIntentId })).toMatchObject({ checkoutId });
    expect(await gateway.findCheckout({ ...none, chargeId: chargeId! })).toMatchObject({ checkoutId });
    expect(await gateway.findCheckout(none)).toBeNull();
  });
});

describe('what was touched since', () => {
  it('names new checkouts, and old ones with a new refund or dispute, each once', async () => {
    double.bank.now -= 3000;
    const [quiet, refunded, disputed] = [await paid(), await paid(), await paid()];
    double.bank.now += 3000;
    const since = new Date((double.bank.now - 100) * 1000);
    double.bank.refund(refunded.paymentIntentId!, 100);
    double.bank.refund(refunded.paymentIntentId!, 100);
    double.bank.openDispute(disputed.paymentIntentId!);
    const fresh = await opened();
    const names: (string | null)[] = [];
    for await (const { checkoutId, paymentIntentId } of gateway.checkoutsTouchedSince(since)) {
      names.push(checkoutId ?? paymentIntentId);
    }
    expect(names.sort()).toEqual([fresh.checkoutId, refunded.paymentIntentId, disputed.paymentIntentId].sort());
    expect(names).not.toContain(quiet.checkoutId);
  });
});
