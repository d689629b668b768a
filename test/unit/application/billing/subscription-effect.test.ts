import type { User } from '#domain/accounts/user';
import { BillingWorld } from '#test/support/billing-world';

let world: BillingWorld;
beforeEach(() => {
  world = new BillingWorld();
});

const current = (user: User): Promise<User> => world.users.get(user.id);
const periodOf = async (user: User): Promise<unknown> => {
  const { start, end } = (await current(user)).billingPeriodAt(world.clock.now());
  return [start!.toISOString(), end!.toISOString()];
};

describe('a subscription', () => {
  it('gives its plan, and says so in the log of changes', async () => {
    const user = await world.subscriber();
    expect(await world.planOf(user)).toBe('pro');
    const [entry] = world.audit.entries;
    expect(entry).toMatchObject({
      actor: 'subscription',
      action: 'user.subscription',
      userId: user.id,
      reason: 'Subscription sub_1 is active.',
      before: { plan: 'free' },
      after: { plan: 'pro', anchor: '2026-03-20T12:00:00.000Z' },
    });
    expect(world.audit.entries).toHaveLength(1);
  });

  it('lets usage periods begin with its own, once: what was used before counts in the period that ended', async () => {
    const user = await world.buyer();
    await world.countSessions(user, 3);
    world.gateway.put(world.snapshot(user));
    await world.synchronise(user);
    expect(await periodOf(user)).toEqual(['2026-03-20T12:00:00.000Z', '2026-04-20T12:00:00.000Z']);
    expect((await world.usageOf(user)).sessions).toBe(0);
    const reset = await world.transaction.run(async () => {
      await world.users.hold(user.id);
      return world.resets.latest(user.id);
    });
    expect(reset).toMatchObject({ actor: 'subscription', newStart: world.clock.now() });
    expect(reset.endedPeriod.start).toEqual(new Date('2026-03-15T09:30:00.000Z'));
    await world.countSessions(user, 2);
    const version = (await current(user)).version;
    world.gateway.change('sub_1', { card: null });
    await world.synchronise(user);
    expect([(await current(user)).version, (await world.usageOf(user)).sessions]).toEqual([version, 2]);
    expect(world.audit.entries).toHaveLength(1);
  });

  it('that is paid by the year has usage periods of a month', async () => {
    const end = new Date('2027-03-20T12:00:00Z');
    const item = { id: 'si_1', priceId: 'pro_year', periodStart: world.clock.now(), periodEnd: end };
    const user = await world.subscriber({ item });
    world.clock.set('2026-08-01T00:00:00Z');
    expect(await periodOf(user)).toEqual(['2026-07-20T12:00:00.000Z', '2026-08-20T12:00:00.000Z']);
    await world.synchronise(user);
    expect(world.audit.entries).toHaveLength(1);
  });

  it('that renews keeps the anchor, so that nothing is reset', async () => {
    const user = await world.subscriber();
    const [periodStart, periodEnd] = [new Date('2026-04-20T12:00:00Z'), new Date('2026-05-20T12:00:00Z')];
    world.clock.set('2026-04-21T00:00:00Z');
    world.gateway.change('sub_1', { item: { id: 'si_1', priceId: 'pro_month', periodStart, periodEnd } });
    await world.synchronise(user);
    expect(await periodOf(user)).toEqual(['2026-04-20T12:00:00.000Z', '2026-05-20T12:00:00.000Z']);
    expect(world.audit.entries).toHaveLength(1);
  });

  it('leaves a period as an operator began it', async () => {
    const user = await world.subscriber();
    world.clock.set('2026-03-25T08:00:00Z');
    await world.reset(user);
    world.gateway.change('sub_1', { cancelAtPeriodEnd: true });
    await world.synchronise(user);
    expect(await periodOf(user)).toEqual(['2026-03-25T08:00:00.000Z', '2026-04-25T08:00:00.000Z']);
  });

  it('lets periods begin with its own also where the clock of the provider is ahead of ours', async () => {
    const user = await world.buyer();
    await world.countSessions(user, 3);
    const ahead = new Date(world.clock.now().getTime() + 4000);
    world.gateway.put(world.snapshot(user, { anchor: ahead, startedAt: ahead }));
    await world.synchronise(user);
    expect(await periodOf(user)).toEqual(['2026-03-20T12:00:04.000Z', '2026-04-20T12:00:04.000Z']);
    world.clock.advance(5);
    expect((await world.usageOf(user)).sessions).toBe(0);
  });

  it('mends periods that are not its own, whatever became of them, and then leaves them', async () => {
    const user = await world.subscriber();
    const stray = new Date('2026-02-28T00:00:00Z');
    await world.transaction.run(async () => world.users.save((await world.users.hold(user.id)).placedIn(stray, stray)));
    await world.synchronise(user);
    expect(await periodOf(user)).toEqual(['2026-03-20T12:00:00.000Z', '2026-04-20T12:00:00.000Z']);
    const { version } = await current(user);
    await world.synchronise(user);
    expect((await current(user)).version).toBe(version);
  });

  it('leaves a period as an operator began it also in the months after, until the subscription begins anew', async () => {
    const user = await world.subscriber();
    world.clock.set('2026-03-25T08:00:00Z');
    await world.reset(user);
    world.clock.set('2026-05-01T00:00:00Z');
    await world.synchronise(user);
    expect(await periodOf(user)).toEqual(['2026-04-25T08:00:00.000Z', '2026-05-25T08:00:00.000Z']);
    world.gateway.change('sub_1', { anchor: world.clock.now() });
    await world.synchronise(user);
    expect(await periodOf(user)).toEqual(['2026-05-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z']);
  });

  it('in trial has usage periods of its own, and the paid ones begin with the first payment', async () => {
    const trialEnd = new Date('2026-04-03T12:00:00Z');
    const user = await world.subscriber({ status: 'trialing', trialEnd, anchor: trialEnd });
    expect(await periodOf(user)).toEqual(['2026-03-20T12:00:00.000Z', '2026-04-20T12:00:00.000Z']);
    world.clock.set('2026-04-03T12:00:01Z');
    world.gateway.change('sub_1', { status: 'active' });
    await world.synchronise(user);
    expect(await periodOf(user)).toEqual(['2026-04-03T12:00:00.000Z', '2026-05-03T12:00:00.000Z']);
  });

  it('with another plan changes the limits at once, and keeps the period with what was used in it', async () => {
    const user = await world.subscriber();
    await world.countSessions(user, 2);
    world.gateway.change('sub_1', { item: { ...world.snapshot(user).item!, priceId: 'coaching_school_month' } });
    await world.synchronise(user);
    expect([await world.planOf(user), (await world.usageOf(user)).sessions]).toEqual(['coaching_school', 2]);
  });

  it('that ends leaves the free plan, and the period as it is', async () => {
    const user = await world.subscriber();
    await world.countSessions(user, 2);
    world.gateway.change('sub_1', { status: 'canceled', endedAt: world.clock.now() });
    await world.synchronise(user);
    expect([await world.planOf(user), (await world.usageOf(user)).sessions]).toEqual(['free', 2]);
    expect(world.audit.entries.at(-1)!.reason).toBe('No subscription gives a plan any more.');
  });

  it('that owes money keeps its plan in grace', async () => {
    const user = await world.subscriber({ status: 'past_due', unpaidSince: world.clock.now() });
    expect(await world.planOf(user)).toBe('pro');
  });
});

describe('a plan that an operator gave', () => {
  const giving = async (user: User): Promise<void> =>
    world.transaction.run(async () => world.users.save((await world.users.hold(user.id)).withPlan('coaching_school')));

  it('stays while the subscription gives what it gave before', async () => {
    const user = await world.subscriber();
    await giving(user);
    world.gateway.change('sub_1', { cancelAtPeriodEnd: true });
    await world.synchronise(user);
    expect(await world.planOf(user)).toBe('coaching_school');
  });

  it('stays with a subscription that gives none', async () => {
    const user = await world.buyer({ plan: 'coaching_school' });
    world.gateway.put(world.snapshot(user, { status: 'incomplete' }));
    await world.synchronise(user);
    world.gateway.change('sub_1', { status: 'incomplete_expired', endedAt: world.clock.now() });
    await world.synchronise(user);
    expect(await world.planOf(user)).toBe('coaching_school');
    expect(world.audit.entries).toEqual([]);
  });

  it('ends when a subscription gives one, or takes one', async () => {
    const user = await world.buyer({ plan: 'coaching_school' });
    world.gateway.put(world.snapshot(user));
    await world.synchronise(user);
    expect(await world.planOf(user)).toBe('pro');
    await giving(user);
    world.gateway.change('sub_1', { status: 'canceled', endedAt: world.clock.now() });
    await world.synchronise(user);
    expect(await world.planOf(user)).toBe('free');
  });
});
