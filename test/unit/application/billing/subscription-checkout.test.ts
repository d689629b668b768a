import { SubscriptionCheckout, type SubscriptionCheckoutRequest } from '#application/billing/subscription-checkout';
import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import type { User } from '#domain/accounts/user';
import { PlanCheckout } from '#domain/billing/subscription-checkouts';
import { BillingWorld } from '#test/support/billing-world';
import { InMemoryBillingTurns } from '#test/support/fakes/in-memory-billing-turns';
import { refusalOf } from '#test/support/refusals';

let world: BillingWorld;
let user: User;
let checkout: SubscriptionCheckout;

beforeEach(async () => {
  world = new BillingWorld();
  user = await world.user();
  const { users, subscriptions, checkouts, plans, prices, customer, gateway, synchronisation, settings } = world;
  checkout = new SubscriptionCheckout(
    ...([users, subscriptions, checkouts, plans, prices, customer, gateway, synchronisation, settings] as const),
    ...([world.transaction, world.clock, world.ids, world.turns] as const),
  );
});

const begin = (of: Partial<SubscriptionCheckoutRequest> = {}): ReturnType<SubscriptionCheckout['execute']> =>
  checkout.execute({ userId: user.id, planId: 'pro', cycle: 'month', successUrl: null, cancelUrl: null, ...of });
const all = (): Promise<readonly PlanCheckout[]> => world.checkouts.listOf(user.id);
const states = async (): Promise<string[]> => (await all()).map(({ state }) => state).sort();
/** Pays, as the buyer does: the subscription is there, and the notice of it on its way. */
const pay = (sessionId: string, of: Parameters<BillingWorld['snapshot']>[1] = {}): void => {
  world.gateway.pay(sessionId);
  world.gateway.put(world.snapshot(user, of));
};

describe('a checkout of a plan', () => {
  it('orders the price of the plan, for the one customer of the user, with the trial of the plan', async () => {
    const { sessionId, url } = await begin();
    expect(url).toBe(`https://pay.example.com/${sessionId}`);
    expect(world.gateway.orders.get(sessionId)).toMatchObject({
      userId: user.id,
      customerId: `cus_${user.id}`,
      priceId: 'pro_month',
      trialDays: 14,
      successUrl: 'https://api.example.com/billing?outcome=success',
      cancelUrl: 'https://api.example.com/billing?outcome=cancelled',
      expiresAt: new Date('2026-03-21T11:00:00.000Z'),
    });
    expect(world.register.calls.createCustomer).toBe(1);
  });

  it.each<[string, Partial<SubscriptionCheckoutRequest>, string]>([
    ['of a plan that there is not', { planId: 'golden' }, 'unknown_plan'],
    ['of the free plan', { planId: 'free' }, 'plan_not_sold'],
    ['by the week', { cycle: 'week' }, 'unknown_billing_cycle'],
    ['that comes back to somewhere else', { successUrl: 'https://evil.example.com/' }, 'return_url_not_allowed'],
    ['that is left to somewhere else', { cancelUrl: 'https://app.example.com@evil.com/' }, 'return_url_not_allowed'],
  ])('%s is refused, and nothing is begun', async (_, of, code) => {
    expect((await refusalOf(begin(of))).code).toBe(code);
    expect([await all(), world.gateway.orders.size, world.register.customers.size]).toEqual([[], 0, 0]);
  });

  it.each([
    ['active', 'already_subscribed', '/billing/subscription/change'],
    ['trialing', 'already_subscribed', '/billing/subscription/change'],
    ['past_due', 'payment_due', '/billing/portal'],
    ['unpaid', 'payment_due', '/billing/portal'],
    ['paused', 'subscription_paused', '/billing/subscription/cancel'],
  ] as const)('is refused to who has a subscription that is %s, with the way on', async (status, code, way) => {
    user = await world.subscriber({ status });
    const refused = await refusalOf(begin());
    expect([refused.code, refused.message]).toEqual([code, expect.stringContaining(way)]);
    expect(world.gateway.orders.size).toBe(0);
  });

  it('says whether it is new, or was open already', async () => {
    expect([(await begin()).isNew, (await begin()).isNew, (await begin({ cycle: 'year' })).isNew]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is refused to who has one in review', async () => {
    user = await world.subscriber({ priceId: 'price_of_a_mug' });
    expect((await refusalOf(begin())).code).toBe('already_subscribed');
  });

  it('has a trial once for a user, ever: also where the first one was canceled at once, and of another plan', async () => {
    user = await world.subscriber({ status: 'trialing', trialEnd: new Date('2026-03-27T12:00:00Z') });
    world.gateway.change('sub_1', { status: 'canceled', endedAt: world.clock.now() });
    await world.synchronise(user);
    const { sessionId } = await begin({ planId: 'coaching_school' });
    expect(world.gateway.orders.get(sessionId)!.trialDays).toBe(0);
  });
});

describe('asked for again', () => {
  it('it is the same session, wherever it was cut off before', async () => {
    for (const away of ['before', 'after'] as const) {
      world.gateway.away = away;
      await expect(begin()).rejects.toThrow(PaymentProviderUnavailable);
    }
    world.gateway.away = 'never';
    const first = await begin();
    const again = await begin({ successUrl: 'https://app.example.com/other-page' });
    expect(again).toEqual({ ...first, isNew: false });
    expect([(await all()).length, world.gateway.checkouts.size, world.register.calls.createCustomer]).toEqual([
      1, 1, 1,
    ]);
  });

  it('by many tabs at once it is one session', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => begin()));
    expect(new Set(answers.map(({ sessionId }) => sessionId)).size).toBe(1);
    expect([(await all()).length, world.gateway.checkouts.size, world.register.customers.size]).toEqual([1, 1, 1]);
  });

  it('by two tabs at once for two plans, one session stays open', async () => {
    await Promise.all([begin(), begin({ planId: 'student' })]);
    expect((await states()).filter((state) => state === 'open')).toHaveLength(1);
    expect([...world.gateway.checkouts.values()].filter(({ state }) => state === 'open')).toHaveLength(1);
  });

  it.each<[string, Partial<SubscriptionCheckoutRequest>]>([
    ['another plan', { planId: 'student' }],
    ['another cycle', { cycle: 'year' }],
  ])('for %s it is a new session, after the first was closed at the provider', async (_, of) => {
    const first = await begin();
    const second = await begin(of);
    expect(second.sessionId).not.toBe(first.sessionId);
    expect(world.gateway.checkouts.get(first.sessionId)!.state).toBe('expired');
    expect(await states()).toEqual(['expired', 'open']);
  });

  it('for another plan, after the answer to the first was lost: that session is closed too', async () => {
    world.gateway.away = 'after';
    await expect(begin()).rejects.toThrow(PaymentProviderUnavailable);
    world.gateway.away = 'never';
    await begin({ planId: 'student' });
    expect([...world.gateway.checkouts.values()].map(({ state }) => state)).toEqual(['expired', 'open']);
  });

  it('after it expired it is a new session', async () => {
    const first = await begin();
    world.gateway.expire(first.sessionId);
    expect((await begin()).sessionId).not.toBe(first.sessionId);
    expect(await states()).toEqual(['expired', 'open']);
  });

  it('so late that the provider would not open it any more, it is a new one', async () => {
    world.gateway.away = 'before';
    await expect(begin()).rejects.toThrow(PaymentProviderUnavailable);
    world.gateway.away = 'never';
    world.clock.advance(23 * 3600);
    await begin();
    expect(await states()).toEqual(['expired', 'open']);
  });

  it('where payments went through another provider before, it is a new one, and nobody is asked about the other', async () => {
    const { sold, priceId, successUrl, cancelUrl } = {
      sold: { plan: 'pro', cycle: 'month' },
      priceId: 'pro_month',
      successUrl: '',
      cancelUrl: '',
    } as const;
    const order = { userId: user.id, gateway: 'sandbox', sold, priceId, successUrl, cancelUrl };
    const old = PlanCheckout.ordered(world.ids.next(), order, 0, world.clock.now()).opened(
      'cs_elsewhere',
      'https://x.example',
    );
    await world.transaction.run(() => world.checkouts.addOnce(old));
    expect((await begin()).sessionId).not.toBe('cs_elsewhere');
    expect(await states()).toEqual(['expired', 'open']);
  });

  it('and closed by another tab while it was being opened, it is never answered closed', async () => {
    // Of a process that was given the turn because this one was too slow.
    const { users, subscriptions, checkouts, plans, prices, customer, gateway, synchronisation, settings } = world;
    const another = new SubscriptionCheckout(
      ...([users, subscriptions, checkouts, plans, prices, customer, gateway, synchronisation, settings] as const),
      ...([world.transaction, world.clock, world.ids, new InMemoryBillingTurns(world.transaction)] as const),
    );
    const { openCheckout } = world.gateway;
    world.gateway.openCheckout = async (order) => {
      world.gateway.openCheckout = openCheckout;
      const session = await openCheckout.call(world.gateway, order);
      await another.execute({ userId: user.id, planId: 'student', cycle: 'month', successUrl: null, cancelUrl: null });
      return session;
    };
    const { sessionId } = await begin();
    expect(world.gateway.checkouts.get(sessionId)!.state).toBe('open');
    expect(world.gateway.orders.get(sessionId)!.priceId).toBe('pro_month');
    expect([...world.gateway.checkouts.values()].filter(({ state }) => state === 'open')).toHaveLength(1);
    expect((await states()).filter((state) => state === 'open')).toHaveLength(1);
  });

  it.each([
    ['the same', {}],
    ['another plan', { planId: 'student' }],
  ])(
    'for %s after it was paid, before the notice came: the subscription is brought home, and nothing more is sold',
    async (_, of) => {
      pay((await begin()).sessionId);
      expect((await refusalOf(begin(of))).code).toBe('already_subscribed');
      expect([await states(), await world.planOf(user)]).toEqual([['complete'], 'pro']);
    },
  );

  it('is not forgotten when what came of it cannot be asked for', async () => {
    const { sessionId } = await begin();
    pay(sessionId);
    world.gateway.listSubscriptions = () => Promise.reject(new PaymentProviderUnavailable('stripe-test'));
    await expect(begin()).rejects.toThrow(PaymentProviderUnavailable);
    expect(await states()).toEqual(['open']);
  });

  it('after the subscription that came of it ended, it is a new one without a trial', async () => {
    const { sessionId } = await begin();
    pay(sessionId, { status: 'canceled', endedAt: world.clock.now(), trialEnd: new Date('2026-04-03T12:00:00Z') });
    const second = await begin();
    expect(world.gateway.orders.get(second.sessionId)!.trialDays).toBe(0);
    expect(await states()).toEqual(['complete', 'open']);
  });
});
