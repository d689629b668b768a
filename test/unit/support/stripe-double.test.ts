import { Stripe } from 'stripe';
import type { Json } from '#test/support/stripe/stripe-bank';
import { STRIPE_TEST_KEY, StripeDouble } from '#test/support/stripe/stripe-double';

let double: StripeDouble;
let stripe: Stripe;
beforeEach(async () => {
  double = await StripeDouble.start();
  stripe = client();
});
afterEach(() => double.stop());

function client(key = STRIPE_TEST_KEY, settings: Stripe.StripeConfig = {}): Stripe {
  const { hostname: host, port } = new URL(double.url);
  return new Stripe(key, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...settings });
}

const LINE = { quantity: 2, price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'Credit' } } };
const ORDER: Stripe.Checkout.SessionCreateParams = {
  mode: 'payment',
  line_items: [LINE],
  success_url: 'https://app.example.com/paid',
  metadata: { payment_id: 'p1' },
  payment_intent_data: { metadata: { payment_id: 'p1' } },
};

const open = async (): Promise<string> => (await stripe.checkout.sessions.create(ORDER)).id;

async function paid(): Promise<{ readonly session: string; readonly intent: string }> {
  const session = await open();
  double.bank.pay(session);
  return { session, intent: double.bank.sessions.get(session)!.payment_intent as string };
}

/** The refusal, without waiting for it to be thrown at the test. */
const refused = (asked: Promise<unknown>): Promise<Json> =>
  asked.then(
    () => ({ accepted: true }),
    (error: Json) => error,
  );
const anything = (value: object): never => value as never;

describe('what the client library may ask of the double', () => {
  it('is answered for a whole purchase', async () => {
    const customer = await stripe.customers.create({ email: 'ada@example.com', metadata: { user_id: 'u1' } });
    const made = await stripe.checkout.sessions.create({ ...ORDER, customer: customer.id, client_reference_id: 'u1' });
    expect(made).toMatchObject({ status: 'open', amount_total: 1000, customer: customer.id, payment_intent: null });

    double.bank.pay(made.id);
    const expand = ['payment_intent.latest_charge'];
    const session = await stripe.checkout.sessions.retrieve(made.id, { expand });
    const intent = session.payment_intent as Stripe.PaymentIntent;
    const charge = intent.latest_charge as Stripe.Charge;
    expect(session).toMatchObject({ status: 'complete', payment_status: 'paid', url: null });
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 1000, metadata: { payment_id: 'p1' } });
    expect(charge).toMatchObject({ amount: 1000, payment_intent: intent.id, refunded: false });
    expect((await stripe.paymentIntents.retrieve(intent.id)).latest_charge).toBe(charge.id);
    expect((await stripe.charges.retrieve(charge.id)).customer).toBe(customer.id);
  });

  it('is answered for what comes after it', async () => {
    const { intent } = await paid();
    const [refunded] = double.bank.refund(intent, 300);
    const [disputed] = double.bank.openDispute(intent, 700);
    expect((await stripe.refunds.retrieve(refunded!.data.object.id as string)).amount).toBe(300);
    expect((await stripe.disputes.retrieve(disputed!.data.object.id as string)).amount).toBe(700);
    expect((await stripe.events.list({ type: 'refund.created' })).data).toEqual([refunded]);
    expect(await stripe.events.retrieve(disputed!.id as string)).toEqual(disputed);
  });

  it('is answered when an open checkout is closed, and only then', async () => {
    const { session } = await paid();
    expect(await stripe.checkout.sessions.expire(await open())).toMatchObject({ status: 'expired', url: null });
    expect(await refused(stripe.checkout.sessions.expire(session))).toMatchObject({ statusCode: 400 });
  });

  it.each<[string, object, object]>([
    ['an unknown parameter', { colour: 'red' }, { code: 'parameter_unknown', param: 'colour' }],
    [
      'an unknown parameter further in',
      { line_items: [{ ...LINE, price_data: { ...LINE.price_data, colour: 'red' } }] },
      { code: 'parameter_unknown', param: 'line_items[0][price_data][colour]' },
    ],
    ['a mode that is none', { mode: 'gift' }, { param: 'mode' }],
    ['a number that is none', { expires_at: 'soon' }, { code: 'parameter_invalid_integer', param: 'expires_at' }],
    ['nothing to buy', { line_items: undefined }, { code: 'parameter_missing', param: 'line_items' }],
    ['nowhere to go afterwards', { success_url: undefined }, { code: 'parameter_missing', param: 'success_url' }],
    ['a customer who is not there', { customer: 'cus_none' }, { code: 'resource_missing', param: 'customer' }],
    ['no money', { line_items: [{ ...LINE, quantity: 0 }] }, { code: 'amount_too_small' }],
    ['a lifetime of a minute', { expires_at: Math.floor(Date.now() / 1000) + 60 }, { param: 'expires_at' }],
  ])('is refused with %s', async (_, fields, facts) => {
    const error = await refused(stripe.checkout.sessions.create(anything({ ...ORDER, ...fields })));
    expect(error).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, ...facts });
    expect(double.bank.sessions.size).toBe(0);
  });

  it('is refused at an address that is none, for an object that is none, and for what cannot be expanded', async () => {
    const { session } = await paid();
    expect(await refused(stripe.payouts.list())).toMatchObject({
      statusCode: 404,
      message: 'Unrecognized request URL (GET: /v1/payouts).',
    });
    const missing = { statusCode: 404, code: 'resource_missing' };
    expect(await refused(stripe.checkout.sessions.retrieve('nonsense'))).toMatchObject(missing);
    const colourful = stripe.checkout.sessions.retrieve(session, { expand: ['colour'] });
    expect(await refused(colourful)).toMatchObject({ statusCode: 400, param: 'expand' });
    expect(await refused(stripe.refunds.list(anything({ colour: 'red' })))).toMatchObject({
      code: 'parameter_unknown',
    });
  });

  it('is refused with another key, and in another version of the API', async () => {
    expect(await refused(client('sk_test_other').refunds.list())).toMatchObject({ statusCode: 401 });
    const older = client(STRIPE_TEST_KEY, { apiVersion: anything(Object('2024-06-20')) });
    expect(await refused(older.refunds.list())).toMatchObject({ statusCode: 400, code: 'version' });
  });

  it('is written down: what was asked, with which parameters, key and headers', async () => {
    await stripe.checkout.sessions.create(ORDER, { idempotencyKey: 'k1' });
    expect(double.asked).toMatchObject([
      { method: 'POST', path: '/v1/checkout/sessions', params: { mode: 'payment' }, idempotencyKey: 'k1' },
    ]);
    expect(double.asked[0]!.headers['stripe-version']).toBe('2026-10-28.endive');
  });
});

describe('a list', () => {
  it('is walked page by page, newest first, each object once', async () => {
    const { intent } = await paid();
    const made = Array.from({ length: 7 }, () => double.bank.refund(intent, 1)[0]!.data.object.id as string);
    const walked: string[] = [];
    for await (const { id } of stripe.refunds.list({ payment_intent: intent, limit: 3 })) walked.push(id);
    expect(walked).toEqual(made.toReversed());
    expect(double.asked.filter(({ path }) => path === '/v1/refunds')).toHaveLength(3);
    const back = await stripe.refunds.list({ ending_before: made[0]!, limit: 2 });
    expect(back.data.map(({ id }) => id)).toEqual([made[2], made[1]]);
  });

  it('does not begin anew after an object that is not there', async () => {
    await paid();
    expect(await refused(stripe.refunds.list({ starting_after: 're_none' }))).toMatchObject({
      code: 'resource_missing',
    });
  });

  it('has only what is asked for, by payment, by state and by the time of the double', async () => {
    const first = await paid();
    double.bank.refund(first.intent);
    double.bank.now += 100;
    const second = await paid();
    double.bank.refund(second.intent);
    const ids = (list: { readonly data: readonly { readonly id: string }[] }): string[] =>
      list.data.map(({ id }) => id);
    const { sessions } = stripe.checkout;
    expect(ids(await sessions.list({ payment_intent: first.intent }))).toEqual([first.session]);
    expect(ids(await sessions.list({ created: { gte: double.bank.now } }))).toEqual([second.session]);
    expect(ids(await sessions.list({ created: { lt: double.bank.now } }))).toEqual([first.session]);
    expect((await sessions.list({ status: 'open' })).data).toEqual([]);
    expect((await stripe.refunds.list({ created: { gt: double.bank.now - 100 } })).data).toMatchObject([
      { payment_intent: second.intent },
    ]);
  });
});

describe('an idempotency key', () => {
  const create = (key: string, fields: object = {}) =>
    stripe.checkout.sessions.create({ ...ORDER, ...fields }, { idempotencyKey: key });

  it('leads to the first answer again, which says so', async () => {
    const [one, other] = [await create('k1'), await create('k1')];
    expect(other.id).toBe(one.id);
    expect(one.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(other.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(double.bank.sessions.size).toBe(1);
  });

  it('is refused for anything else', async () => {
    await create('k1');
    const conflict = { type: 'StripeIdempotencyError', statusCode: 400 };
    expect(await refused(create('k1', { client_reference_id: 'u2' }))).toMatchObject(conflict);
    expect(await refused(stripe.customers.create({}, { idempotencyKey: 'k1' }))).toMatchObject(conflict);
  });

  it('is in use while the first request is at work', async () => {
    const held = double.faults.hold();
    const first = create('k1');
    await held.reached;
    expect(await refused(create('k1'))).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    held.release();
    expect((await create('k1')).id).toBe((await first).id);
  });

  it('keeps an error that came after the work began, and may be used again after one that came before', async () => {
    double.faults.next({ status: 500, remembered: true });
    expect(await refused(create('k1'))).toMatchObject({ statusCode: 500 });
    expect(await refused(create('k1'))).toMatchObject({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } });
    expect(double.bank.sessions.size).toBe(1);

    expect(await refused(create('k2', { mode: 'gift' }))).toMatchObject({ statusCode: 400 });
    double.faults.next({ status: 429 });
    expect(await refused(create('k2'))).toMatchObject({ type: 'StripeRateLimitError' });
    expect((await create('k2')).status).toBe('open');
  });

  it('is forgotten after a day', async () => {
    const { id } = await create('k1');
    double.bank.now += 24 * 60 * 60;
    expect((await create('k1')).id).not.toBe(id);
  });
});

describe('a fault', () => {
  it('happens as often as it was asked for, where it was asked for', async () => {
    double.faults.next({ status: 500, times: 2, path: /customers/ });
    await open();
    for (let time = 0; time < 2; time++) {
      expect(await refused(stripe.customers.create({}))).toMatchObject({ statusCode: 500 });
    }
    expect((await stripe.customers.create({})).object).toBe('customer');
  });

  it.each<[string, (faults: StripeDouble['faults']) => void]>([
    ['a timeout', (faults) => faults.timeout()],
    ['a line that is cut', (faults) => faults.push({ cut: 'after' }, { cut: 'after' })],
  ])('of the kind of %s hides that the work was done', async (_, happens) => {
    happens(double.faults);
    const hasty = client(STRIPE_TEST_KEY, { timeout: 100 });
    const asked = hasty.checkout.sessions.create(ORDER, { idempotencyKey: 'k1' });
    expect(await refused(asked)).toMatchObject({ type: 'StripeConnectionError' });
    expect(double.bank.sessions.size).toBe(1);
  });

  it('that delivers a request twice makes two objects, unless it has a key', async () => {
    double.faults.duplicate();
    await stripe.checkout.sessions.create(ORDER, { idempotencyKey: 'k1' });
    expect(double.bank.sessions.size).toBe(1);
    double.faults.duplicate();
    const { protocol, host } = new URL(double.url);
    const headers = { authorization: `Bearer ${STRIPE_TEST_KEY}`, 'stripe-version': '2026-10-28.endive' };
    await fetch(`${protocol}//${host}/v1/customers`, { method: 'POST', headers });
    expect(double.bank.customers.size).toBe(2);
  });

  it('that slows a request down lets it come to its end', async () => {
    double.faults.slow(5);
    expect((await stripe.customers.create({})).object).toBe('customer');
  });
});
