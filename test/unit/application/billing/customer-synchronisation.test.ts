import type { Subscription } from '#domain/billing/subscription';
import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import { BillingWorld } from '#test/support/billing-world';
import { anInvoice } from '#test/support/builders/subscriptions';

const HOUR_MS = 60 * 60 * 1000;

let world: BillingWorld;
beforeEach(() => {
  world = new BillingWorld();
});

const brief = (all: readonly Subscription[]): unknown =>
  all.map(({ externalId, status, plan, review }) => [externalId, status, plan, review !== null]);

describe('the synchronisation of a customer', () => {
  it('brings home what the provider has: the subscription, its plan, its invoices, its steps and a look at reminders', async () => {
    const user = await world.buyer();
    const now = world.clock.now();
    world.gateway.put(world.snapshot(user, { status: 'trialing', trialEnd: new Date('2026-04-03T12:00:00Z') }));
    world.gateway.invoices = [anInvoice({ customerId: `cus_${user.id}`, createdAt: now })];
    const { userId, subscriptions, changed } = await world.synchronise(user);
    expect([userId, brief(subscriptions), changed]).toEqual([user.id, [['sub_1', 'trialing', 'pro', false]], true]);
    expect(await world.subscriptionsOf(user)).toEqual(subscriptions);
    expect(await world.planOf(user)).toBe('pro');
    expect((await world.invoices.listOf(user.id, { limit: 9, offset: 0 })).total).toBe(1);
    expect((await world.stepsOf(user)).map(({ kind }) => kind)).toEqual(['trial_started']);
    expect(world.jobs.of('remind_subscribers')).toHaveLength(1);
    expect(world.forgotten).toBe(1);
  });

  it('changes nothing the second time, and asks for no more invoices than may be new', async () => {
    const user = await world.subscriber();
    const createdAt = new Date('2026-03-18T12:00:00Z');
    world.gateway.invoices = [anInvoice({ customerId: `cus_${user.id}`, createdAt })];
    await world.synchronise(user);
    const before = [await world.subscriptionsOf(user), await world.stepsOf(user), await world.users.get(user.id)];
    world.clock.advance(3600);
    expect((await world.synchronise(user)).changed).toBe(false);
    expect([await world.subscriptionsOf(user), await world.stepsOf(user), await world.users.get(user.id)]).toEqual(
      before,
    );
    expect(world.gateway.askedInvoices).toEqual([null, null, createdAt]);
    expect(world.forgotten).toBe(1);
  });

  it('knows nothing of a customer that was not made by us, and does not ask about it', async () => {
    expect(await world.synchronisation.execute('cus_stranger')).toBeNull();
    expect(world.gateway.askedInvoices).toEqual([]);
  });

  it('changes nothing when the provider cannot be asked', async () => {
    const user = await world.subscriber();
    const before = await world.subscriptionsOf(user);
    world.gateway.change('sub_1', { status: 'canceled', endedAt: world.clock.now() });
    world.gateway.away = 'before';
    await expect(world.synchronise(user)).rejects.toThrow(PaymentProviderUnavailable);
    expect([await world.subscriptionsOf(user), await world.planOf(user)]).toEqual([before, 'pro']);
  });

  it('undoes everything when a part of it fails', async () => {
    const user = await world.buyer();
    world.gateway.put(world.snapshot(user));
    const fault = new Error('The disk is full.');
    world.audit.append = () => Promise.reject(fault);
    await expect(world.synchronise(user)).rejects.toThrow(fault);
    expect([await world.subscriptionsOf(user), await world.stepsOf(user), world.jobs.jobs]).toEqual([[], [], []]);
    expect([await world.planOf(user), world.forgotten]).toEqual(['free', 0]);
  });

  it('puts a price that is in no plan in review, and gives nothing for it', async () => {
    const user = await world.subscriber({ priceId: 'price_of_a_mug' });
    const [one] = await world.subscriptionsOf(user);
    expect([one!.plan, one!.sold, one!.review]).toEqual([
      null,
      null,
      'Price price_of_a_mug is in no plan of the catalogue.',
    ]);
    expect(await world.planOf(user)).toBe('free');
    expect((await world.stepsOf(user)).map(({ kind }) => kind).sort()).toEqual(['review', 'subscribed']);
  });
});

describe('an answer that is older than what is known', () => {
  it('is thrown away: the provider is asked again, and the newer change stays', async () => {
    const user = await world.subscriber();
    world.gateway.meanwhile = async () => {
      world.gateway.change('sub_1', { status: 'past_due', unpaidSince: world.clock.now() });
      await world.synchronise(user);
    };
    await world.synchronise(user);
    expect(brief(await world.subscriptionsOf(user))).toEqual([['sub_1', 'past_due', 'pro', false]]);
    expect((await world.stepsOf(user)).map(({ kind }) => kind).sort()).toEqual(['payment_failed', 'subscribed']);
  });

  it('is thrown away also when it knows of no subscription yet, and within the same second', async () => {
    const user = await world.buyer();
    world.gateway.meanwhile = async () => {
      world.gateway.put(world.snapshot(user));
      await world.synchronise(user);
      world.gateway.change('sub_1', { status: 'canceled', endedAt: world.clock.now() });
      await world.synchronise(user);
    };
    expect(brief((await world.synchronise(user)).subscriptions)).toEqual([['sub_1', 'canceled', null, false]]);
    expect(await world.planOf(user)).toBe('free');
  });

  it('makes no paid invoice open again, although no subscription changed', async () => {
    const user = await world.subscriber();
    const invoice = anInvoice({ customerId: `cus_${user.id}`, createdAt: world.clock.now() });
    world.gateway.invoices = [invoice];
    await world.synchronise(user);
    world.gateway.invoices = [{ ...invoice, status: 'open', paidAt: null, amountPaid: 0 }];
    await world.synchronise(user);
    const { items } = await world.invoices.listOf(user.id, { limit: 9, offset: 0 });
    expect(items.map(({ snapshot }) => snapshot)).toEqual([invoice]);
  });

  it('of many at once is applied once', async () => {
    const user = await world.subscriber();
    world.gateway.change('sub_1', { item: { ...world.snapshot(user).item!, priceId: 'student_month' } });
    await Promise.all(Array.from({ length: 8 }, () => world.synchronise(user)));
    expect(await world.planOf(user)).toBe('student');
    expect((await world.stepsOf(user)).filter(({ kind }) => kind === 'plan_changed')).toHaveLength(1);
  });
});

describe('two subscriptions that run', () => {
  const older = { externalId: 'sub_b', startedAt: new Date('2026-03-01T12:00:00Z') } as const;
  const newer = { externalId: 'sub_a', priceId: 'coaching_school_month' } as const;

  it.each([
    ['known together', [older, newer]],
    ['in the other order', [newer, older]],
  ])('%s: the older one gives the plan, and an operator must look at the other', async (_, heard) => {
    const user = await world.buyer();
    for (const of of heard) world.gateway.put(world.snapshot(user, of));
    await world.synchronise(user);
    expect(brief(await world.subscriptionsOf(user))).toEqual([
      ['sub_a', 'active', null, true],
      ['sub_b', 'active', 'pro', false],
    ]);
    expect(await world.planOf(user)).toBe('pro');
  });

  it('heard of one after the other: the older one takes the place of the newer', async () => {
    const user = await world.subscriber(newer);
    expect(await world.planOf(user)).toBe('coaching_school');
    world.gateway.put(world.snapshot(user, older));
    await world.synchronise(user);
    expect(await world.planOf(user)).toBe('pro');
  });

  it('where one has a price of no plan: the one that is known gives the plan', async () => {
    const user = await world.buyer();
    world.gateway.put(world.snapshot(user, { ...older, priceId: 'price_of_a_mug' }));
    world.gateway.put(world.snapshot(user, newer));
    await world.synchronise(user);
    expect(await world.planOf(user)).toBe('coaching_school');
  });

  it('and one of them ends: the other one gives its plan, although both change at once', async () => {
    const user = await world.buyer();
    // Listed first, so that whatever is saved as it is listed would be a second one that runs.
    world.gateway.put(world.snapshot(user, newer));
    world.gateway.put(world.snapshot(user, older));
    await world.synchronise(user);
    world.clock.advance(3600);
    world.gateway.change('sub_b', { status: 'canceled', endedAt: world.clock.now() });
    await world.synchronise(user);
    expect(brief(await world.subscriptionsOf(user))).toEqual([
      ['sub_a', 'active', 'coaching_school', false],
      ['sub_b', 'canceled', null, false],
    ]);
    expect(await world.planOf(user)).toBe('coaching_school');
  });

  it('one after the other are none too many', async () => {
    const user = await world.subscriber(older);
    world.gateway.put(world.snapshot(user, newer));
    world.gateway.change('sub_b', { status: 'canceled', endedAt: new Date(world.clock.now().getTime() - HOUR_MS) });
    await world.synchronise(user);
    expect(brief(await world.subscriptionsOf(user))).toEqual([
      ['sub_a', 'active', 'coaching_school', false],
      ['sub_b', 'canceled', null, false],
    ]);
  });
});
