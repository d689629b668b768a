import { CheckoutPreparation, type CheckoutRequest, MOST_PENDING } from '#application/payments/checkout-preparation';
import { CheckoutSettings } from '#application/payments/checkout-settings';
import { CheckoutStart } from '#application/payments/checkout-start';
import { PaymentCustomer } from '#application/payments/payment-customer';
import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import { DEFAULT_OFFER } from '#domain/payments/default-offer';
import type { Payment } from '#domain/payments/payment';
import { InMemoryPaymentRepository } from '#test/support/fakes/in-memory-payment-repository';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { InMemoryUserRepository } from '#test/support/fakes/in-memory-user-repository';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { ScriptedPaymentGateway } from '#test/support/fakes/scripted-payment-gateway';
import { SequentialIds } from '#test/support/fakes/sequential-ids';
import { refusalOf } from '#test/support/refusals';
import { aUser } from '#test/support/builders/users';

const user = aUser();
let payments: InMemoryPaymentRepository;
let gateway: ScriptedPaymentGateway;
let clock: ManualClock;
let preparation: CheckoutPreparation;
let start: CheckoutStart;

beforeEach(async () => {
  const transaction = new InMemoryTransaction();
  const users = new InMemoryUserRepository(transaction);
  await transaction.run(() => users.add(user));
  payments = new InMemoryPaymentRepository(transaction);
  gateway = new ScriptedPaymentGateway(transaction);
  clock = new ManualClock();
  const settings = new CheckoutSettings('https://api.example.com', ['https://app.example.com']);
  const ids = new SequentialIds();
  const offers = { offer: DEFAULT_OFFER };
  const customer = new PaymentCustomer(users, payments, gateway, transaction, clock);
  preparation = new CheckoutPreparation(users, payments, offers, customer, gateway, settings, transaction, clock, ids);
  start = new CheckoutStart(payments, transaction, clock);
});

const REQUEST: CheckoutRequest = {
  userId: user.id,
  idempotencyKey: 'key-1',
  wish: { packageId: 'professional' },
  currency: 'usd',
  successUrl: null,
  cancelUrl: null,
};
const begun = async (changes: Partial<CheckoutRequest> = {}): Promise<Payment> =>
  start.execute(await preparation.execute({ ...REQUEST, ...changes }));
const all = async (): Promise<readonly Payment[]> => (await payments.listOf(user.id, { limit: 100, offset: 0 })).items;

describe('a purchase', () => {
  it('of a package has its price and its credit from the offer', async () => {
    const payment = await begun();
    expect(payment).toMatchObject({
      status: 'pending',
      amountMinor: 4500,
      currency: 'usd',
      creditMicros: 50_000_000n,
      checkoutId: `cs_${payment.id}`,
      checkoutUrl: `https://pay.example.com/cs_${payment.id}`,
    });
  });

  it('of an amount gives a credit for each cent', async () => {
    expect(await begun({ wish: { amountMinor: 1234 } })).toMatchObject({ packageId: null, creditMicros: 12_340_000n });
  });

  it.each<[string, Partial<CheckoutRequest>, string]>([
    ['of a package that is not sold', { wish: { packageId: 'golden' } }, 'package_unknown'],
    ['in a currency without a price', { currency: 'eur' }, 'currency_not_offered'],
    ['in a currency that only objects have', { currency: 'constructor' }, 'currency_not_offered'],
    [
      'of an amount in another currency than the dollar',
      { wish: { amountMinor: 1000 }, currency: 'eur' },
      'currency_not_offered',
    ],
    ['of too little', { wish: { amountMinor: 499 } }, 'amount_out_of_range'],
    ['of too much', { wish: { amountMinor: 1_000_001 } }, 'amount_out_of_range'],
    ['of half a cent', { wish: { amountMinor: 1000.5 } }, 'amount_out_of_range'],
  ])('%s is refused, and nothing is begun', async (_, changes, code) => {
    expect((await refusalOf(begun(changes))).code).toBe(code);
    expect([await all(), gateway.checkouts.size, gateway.customers.size]).toEqual([[], 0, 0]);
  });

  it.each(['https://api.example.com/thanks', 'https://app.example.com/paid?id=1#top'])(
    'may send the buyer back to %s',
    async (url) => {
      expect(await begun({ successUrl: url, cancelUrl: url })).toMatchObject({ successUrl: url, cancelUrl: url });
    },
  );

  it.each([
    'https://evil.example.com/',
    'https://app.example.com.evil.com/',
    'https://app.example.com@evil.com/',
    'https://me@app.example.com/',
    'http://app.example.com/',
    'https://app.example.com:8443/',
    '//app.example.com/',
    'javascript:alert(1)',
    'blob:https://app.example.com/0b7e7f6c',
    'https://app.example.com\\@evil.com/',
    'https://app.example.com/\n',
    ' https://app.example.com/',
    'nonsense',
  ])('never sends the buyer to %s', async (url) => {
    for (const changes of [{ successUrl: url }, { cancelUrl: url }]) {
      expect((await refusalOf(begun(changes))).code).toBe('return_url_not_allowed');
    }
    expect(await all()).toEqual([]);
  });
});

describe('the same request', () => {
  it('is one purchase, one customer and one checkout, wherever it was cut off before', async () => {
    for (const away of ['before', 'after'] as const) {
      gateway.away = away;
      await expect(begun()).rejects.toThrow(PaymentProviderUnavailable);
    }
    gateway.away = 'never';
    await preparation.execute(REQUEST);
    const [first, again] = [await begun(), await begun()];
    expect(again).toEqual(first);
    expect([(await all()).length, gateway.checkouts.size, gateway.customers.size]).toEqual([1, 1, 1]);
  });

  it('made by many at the same time is one purchase', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => begun()));
    // Whoever comes first notes the checkout, and everybody else changes nothing.
    for (const payment of made) expect(payment).toEqual(made[0]);
    expect([await all(), gateway.checkouts.size]).toEqual([[made[0]], 1]);
  });

  it('for something else is refused, and the purchase stays what it was', async () => {
    const before = await begun();
    for (const changes of [
      { wish: { packageId: 'starter' } },
      { wish: { amountMinor: 4500 } },
      { successUrl: 'https://app.example.com/other' },
    ]) {
      expect((await refusalOf(begun(changes))).code).toBe('payment_request_reused');
    }
    expect(await all()).toEqual([before]);
  });

  it('that comes so late that the provider may have forgotten it is refused', async () => {
    gateway.away = 'before';
    await expect(begun()).rejects.toThrow(PaymentProviderUnavailable);
    gateway.away = 'never';
    clock.advance(23 * 3600);
    expect((await refusalOf(begun())).code).toBe('checkout_expired');
  });
});

describe('requests without a key', () => {
  it('are each a purchase of its own, up to so many that nobody pays', async () => {
    for (let made = 0; made < MOST_PENDING; made++) await begun({ idempotencyKey: null });
    const refusal = await refusalOf(begun({ idempotencyKey: null }));
    expect([refusal.code, refusal.facts]).toEqual([
      'too_many_open_checkouts',
      { limit: MOST_PENDING, window_seconds: 3600 },
    ]);
    expect(gateway.checkouts.size).toBe(MOST_PENDING);
    clock.advance(3601);
    expect((await begun({ idempotencyKey: null })).status).toBe('pending');
  });
});
