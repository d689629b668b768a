import { CheckoutPreparation, type CheckoutRequest, MOST_PENDING } from '#application/payments/checkout-preparation';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { ScriptedPaymentGateway } from '#test/support/fakes/scripted-payment-gateway';
import { slowMotion } from '#test/support/slow-motion';

let app: TestApp;
let gateway: ScriptedPaymentGateway;

beforeAll(async () => {
  gateway = new ScriptedPaymentGateway({ isRunning: false });
  app = await TestApp.start({ gateway, poolSize: 40 });
});
beforeEach(() => {
  gateway.away = 'never';
});
afterAll(() => app?.stop());

const checkout = (as: TestUser, key: string | null = null, body: object = { package_id: 'starter' }) =>
  app.call('POST', '/api/v1/payments/checkout', { as, body, headers: key === null ? {} : { 'Idempotency-Key': key } });
const refreshed = (as: TestUser, id: string) => app.call('POST', `/api/v1/payments/${id}/refresh`, { as });
const listed = async (as: TestUser): Promise<Answered['body']> =>
  (await app.call('GET', '/api/v1/payments', { as })).body;
const entriesOf = ({ id }: TestUser) =>
  app.rows('select type, amount_micros from credit_transactions where user_id = $1 order by sequence', [id]);

/** Of one user: purchases, customers of ours, and customers and checkouts of the provider's. */
async function counts({ id }: TestUser): Promise<readonly number[]> {
  const [{ payments, customers }] = (await app.rows<{ payments: number; customers: number }>(
    `select (select count(*)::int from payments where user_id = $1) as payments,
            (select count(*)::int from payment_customers where user_id = $1) as customers`,
    [id],
  )) as [{ payments: number; customers: number }];
  const theirs = [...gateway.checkouts.values()].filter(({ userId }) => userId === id).length;
  return [payments, customers, gateway.customers.has(id) ? 1 : 0, theirs];
}

const REQUEST = { wish: { packageId: 'starter' }, currency: 'usd', successUrl: null, cancelUrl: null };
const prepared = (request: Pick<CheckoutRequest, 'userId' | 'idempotencyKey'>) =>
  app.container.get(CheckoutPreparation).execute({ ...REQUEST, ...request });

describe('a checkout that was cut off', () => {
  it.each([
    ['before the provider heard of the customer', 'before', [1, 0, 0, 0]],
    ['after the provider made the customer', 'after', [1, 0, 1, 0]],
  ] as const)('%s is healed by the same request', async (_, away, left) => {
    const user = await app.user();
    gateway.away = away;
    const lost = await checkout(user, 'k');
    expect([lost.status, lost.body.detail.error]).toEqual([503, 'payment_provider_unavailable']);
    expect(await counts(user)).toEqual(left);
    gateway.away = 'never';
    expect((await checkout(user, 'k')).status).toBe(201);
    expect(await counts(user)).toEqual([1, 1, 1, 1]);
  });

  it.each([
    ['before', [2, 1, 1, 1]],
    ['after', [2, 1, 1, 2]],
  ] as const)('%s the provider opened it is healed by the same request', async (away, left) => {
    const user = await app.user();
    await checkout(user, 'first');
    gateway.away = away;
    expect((await checkout(user, 'k')).status).toBe(503);
    expect(await counts(user)).toEqual(left);
    gateway.away = 'never';
    expect((await checkout(user, 'k')).status).toBe(201);
    expect(await counts(user)).toEqual([2, 1, 1, 2]);
  });

  it('before it was noted which one was opened is healed by the same request', async () => {
    const user = await app.user();
    const { payment } = await prepared({ userId: user.id, idempotencyKey: 'k' });
    expect((await refreshed(user, payment.id)).body).toMatchObject({ status: 'pending', session_id: null, url: null });
    const { status, body } = await checkout(user, 'k');
    expect([status, body.payment_id]).toEqual([201, payment.id]);
    expect((await listed(user)).data[0]).toMatchObject({ id: payment.id, session_id: body.session_id, url: body.url });
    expect(await counts(user)).toEqual([1, 1, 1, 1]);
  });

  it('is one purchase for sixteen who repeat it at the same time', async () => {
    const user = await app.user();
    const slow = await slowMotion(app.databaseUrl, 'payments');
    try {
      const all = await Promise.all(
        Array.from({ length: 16 }, () => prepared({ userId: user.id, idempotencyKey: 'k' })),
      );
      expect(new Set(all.map(({ payment }) => payment.id)).size).toBe(1);
    } finally {
      await slow.stop();
    }
    expect(await counts(user)).toEqual([1, 1, 1, 1]);
  });
});

describe('purchases that nobody pays', () => {
  it('are no more than so many, also when they are begun at the same time', async () => {
    const user = await app.user();
    const slow = await slowMotion(app.databaseUrl, 'payments', { seconds: 0.02 });
    try {
      const all = await Promise.all(Array.from({ length: MOST_PENDING + 10 }, () => checkout(user)));
      const refused = all.filter(({ status }) => status === 409);
      expect([all.filter(({ status }) => status === 201).length, refused.length]).toEqual([MOST_PENDING, 10]);
      expect(refused[0]!.body.detail).toMatchObject({ error: 'too_many_open_checkouts', limit: MOST_PENDING });
    } finally {
      await slow.stop();
    }
    expect((await listed(user)).total).toBe(MOST_PENDING);
  });
});

describe('the page that a buyer comes back to', () => {
  it('is told which purchase it is about', async () => {
    const user = await app.user();
    const { body } = await checkout(user, 'k');
    const rows = await app.rows('select success_url, cancel_url from payments where id = $1', [body.payment_id]);
    const page = (outcome: string) =>
      `http://minutebook.test/checkout/return?payment_id=${body.payment_id}&outcome=${outcome}`;
    expect(rows).toEqual([{ success_url: page('success'), cancel_url: page('cancelled') }]);
  });

  it('says why a payment failed, and that a person looks at one that is not what was ordered', async () => {
    const user = await app.user();
    const [failed, wrong] = [(await checkout(user)).body, (await checkout(user)).body];
    gateway.fail(failed.session_id, 'The bank refused.');
    gateway.pay(wrong.session_id);
    gateway.change(wrong.session_id, { amountMinor: 1 });
    expect((await refreshed(user, failed.payment_id)).body).toMatchObject({
      status: 'failed',
      message: 'The bank refused.',
      url: null,
    });
    const { body } = await refreshed(user, wrong.payment_id);
    expect(body).toMatchObject({ status: 'review', completed_at: null, url: null });
    expect(body.message).toContain('is being looked at');
    expect(JSON.stringify(body)).not.toContain('Ordered were');
    expect(await entriesOf(user)).toEqual([]);
  });

  it('is told of no outcome while the provider is away, and of the true one afterwards', async () => {
    const user = await app.user();
    const { body } = await checkout(user);
    gateway.pay(body.session_id);
    gateway.away = 'before';
    expect((await refreshed(user, body.payment_id)).status).toBe(503);
    expect((await listed(user)).data[0].status).toBe('pending');
    gateway.away = 'never';
    expect((await refreshed(user, body.payment_id)).body.status).toBe('completed');
    expect(await entriesOf(user)).toEqual([{ type: 'purchase', amount_micros: '10000000' }]);
  });

  it('is told so when the purchase was made with another provider', async () => {
    const user = await app.user();
    const { body } = await checkout(user);
    const asked = gateway.calls.getCheckout;
    Object.assign(gateway, { name: 'stripe-live' });
    try {
      const { status, body: refused } = await refreshed(user, body.payment_id);
      expect([status, refused.detail.error]).toEqual([409, 'payment_gateway_changed']);
      expect((await app.call('GET', `/api/v1/payments/${body.payment_id}`, { as: user })).body.status).toBe('pending');
    } finally {
      Object.assign(gateway, { name: 'stripe-test' });
    }
    expect(gateway.calls.getCheckout).toBe(asked);
  });
});
