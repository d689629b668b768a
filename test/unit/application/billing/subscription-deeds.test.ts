import type { CurrentSubscription } from '#application/billing/get-subscription';
import { SubscriptionCancellation } from '#application/billing/subscription-cancellation';
import { SubscriptionChange } from '#application/billing/subscription-change';
import { PaymentFailed, SubscriptionMoved } from '#application/billing/subscription-gateway';
import { SubscriptionReactivation } from '#application/billing/subscription-reactivation';
import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import type { User } from '#domain/accounts/user';
import { BillingWorld } from '#test/support/billing-world';
import { refusalOf } from '#test/support/refusals';

let world: BillingWorld;
let changes: SubscriptionChange;
let cancellation: SubscriptionCancellation;
let reactivation: SubscriptionReactivation;

beforeEach(() => {
  world = new BillingWorld();
  const { turn, prices, gateway, synchronisation, getSubscription, clock } = world;
  cancellation = new SubscriptionCancellation(turn, gateway, synchronisation, getSubscription, clock);
  changes = new SubscriptionChange(turn, prices, gateway, cancellation, synchronisation, getSubscription, clock);
  reactivation = new SubscriptionReactivation(turn, gateway, synchronisation, getSubscription, clock);
});

const change = (
  user: User,
  planId: string,
  cycle = 'month',
  { previewAt = null, key = 'key-1' }: { previewAt?: Date | null; key?: string | null } = {},
): Promise<CurrentSubscription> => changes.execute(user.id, planId, cycle, previewAt, key);
const cancel = (user: User, when: 'period_end' | 'now' = 'period_end'): Promise<CurrentSubscription> =>
  cancellation.execute(user.id, when, 'key-2');
const reactivate = (user: User): Promise<CurrentSubscription> => reactivation.execute(user.id, 'key-3');
const done = (): unknown[] => world.gateway.deeds.map(({ deed }) => deed);
const ago = (seconds: number): Date => new Date(world.clock.now().getTime() - seconds * 1000);
const PERIOD_END = new Date('2026-04-20T12:00:00.000Z');

describe('a change of plan', () => {
  it('to a larger one happens at once, by this very second, and is true in the answer', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    world.clock.set('2026-03-22T12:00:00.987Z');
    expect(await change(user, 'pro')).toMatchObject({ tier: 'pro', status: 'active', pending: null });
    const [known] = await world.subscriptionsOf(user);
    const at = new Date('2026-03-22T12:00:00.000Z');
    const key = `${known!.id}:key-1:${at.getTime() / 1000}`;
    expect(world.gateway.deeds).toEqual([{ deed: 'changeNow', externalId: 'sub_1', priceId: 'pro_month', at, key }]);
    expect(await world.planOf(user)).toBe('pro');
  });

  it.each([
    ['to a smaller plan', 'pro_month', 'student', 'month'],
    ['to a smaller plan by the year', 'pro_month', 'student', 'year'],
    ['from a year to a month', 'pro_year', 'pro', 'month'],
  ])('%s waits for the end of what is paid for', async (_, priceId, plan, cycle) => {
    const user = await world.subscriber({ priceId });
    expect(await change(user, plan, cycle)).toMatchObject({ tier: 'pro', pending: { plan, cycle, at: PERIOD_END } });
    expect([done(), await world.planOf(user)]).toEqual([['changeAtPeriodEnd'], 'pro']);
  });

  it.each([
    ['from a month to a year', 'pro_month', 'pro', 'year'],
    ['to a larger plan by the month, from a year', 'student_year', 'pro', 'month'],
  ])('%s happens at once', async (_, priceId, plan, cycle) => {
    const user = await world.subscriber({ priceId });
    expect(await change(user, plan, cycle)).toMatchObject({ tier: plan, cycle });
    expect(done()).toEqual(['changeNow']);
  });

  it('to the free plan is the end of the subscription with its period', async () => {
    const user = await world.subscriber();
    expect(await change(user, 'free')).toMatchObject({ tier: 'pro', cancelAtPeriodEnd: true, pending: null });
    expect(world.gateway.deeds).toMatchObject([{ deed: 'cancel', when: 'period_end' }]);
  });

  it('to what one has already does nothing, or drops what was scheduled', async () => {
    const user = await world.subscriber();
    await change(user, 'pro');
    expect(done()).toEqual([]);
    await change(user, 'student');
    expect(await change(user, 'pro', 'month', { key: 'key-9' })).toMatchObject({ tier: 'pro', pending: null });
    expect(done()).toEqual(['changeAtPeriodEnd', 'dropScheduledChange']);
  });

  it('is charged by the instant of the preview that was agreed to, up to an hour later', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    world.clock.advance(3600);
    await change(user, 'pro', 'month', { previewAt: ago(3600) });
    expect(world.gateway.deeds[0]!.at).toEqual(ago(3600));
  });

  it.each([
    ['older than an hour', 3601],
    ['of the future', -61],
  ])('by a preview %s is refused', async (_, age) => {
    const user = await world.subscriber({ priceId: 'student_month' });
    world.clock.advance(7200);
    expect((await refusalOf(change(user, 'pro', 'month', { previewAt: ago(age) }))).code).toBe('preview_outdated');
    expect(done()).toEqual([]);
  });

  it('by a preview of the period before is refused', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    expect((await refusalOf(change(user, 'pro', 'month', { previewAt: ago(1) }))).code).toBe('preview_outdated');
  });

  it('whose money does not come changes nothing', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    world.gateway.declines = true;
    await expect(change(user, 'pro')).rejects.toThrow(PaymentFailed);
    expect(await world.planOf(user)).toBe('student');
    world.gateway.declines = false;
    expect((await change(user, 'pro', 'month', { key: 'key-2' })).tier).toBe('pro');
  });

  it('whose answer was lost is done once, whoever repeats it', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    const { changeNow } = world.gateway;
    world.gateway.changeNow = async (...of) => {
      await changeNow.apply(world.gateway, of);
      world.gateway.changeNow = changeNow;
      throw new PaymentProviderUnavailable('stripe-test');
    };
    await expect(change(user, 'pro')).rejects.toThrow(PaymentProviderUnavailable);
    world.clock.advance(5);
    expect((await change(user, 'pro')).tier).toBe('pro');
    expect(done()).toEqual(['changeNow']);
  });

  it('without a key of the caller has one that says what it starts from', async () => {
    const user = await world.subscriber();
    await change(user, 'student', 'month', { key: null });
    const [known] = await world.subscriptionsOf(user);
    expect(world.gateway.deeds[0]!.key).toBe(`${known!.id}:v${known!.version - 1}:2026-03-20T12:00:00.000Z`);
  });

  it.each([
    ['to no plan', 'golden', 'month', 'unknown_plan'],
    ['by the week', 'pro', 'week', 'unknown_billing_cycle'],
  ])('%s is refused', async (_, plan, cycle, code) => {
    const user = await world.subscriber();
    expect((await refusalOf(change(user, plan, cycle))).code).toBe(code);
  });

  it('is refused while the subscription is to end', async () => {
    const user = await world.subscriber({ cancelAtPeriodEnd: true });
    expect((await refusalOf(change(user, 'coaching_school'))).code).toBe('cancellation_scheduled');
    expect(done()).toEqual([]);
  });

  it('is refused while it is paused, and the way out of that is named', async () => {
    const user = await world.subscriber({ status: 'paused' });
    const refusal = await refusalOf(change(user, 'coaching_school'));
    expect([refusal.code, refusal.message]).toEqual(['subscription_paused', expect.stringContaining('(when: "now")')]);
    expect((await cancel(user, 'now')).status).toBe('canceled');
  });

  it('by a preview of the future is reckoned by now', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    world.clock.advance(7200);
    await change(user, 'pro', 'month', { previewAt: ago(-30) });
    expect(world.gateway.deeds[0]!.at).toEqual(ago(0));
  });

  it('right after subscribing, by a clock that is behind the provider, is reckoned by the beginning', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    const begun = world.clock.now();
    world.clock.set(new Date(begun.getTime() - 4000));
    await change(user, 'pro');
    expect(world.gateway.deeds[0]!.at).toEqual(begun);
  });

  it.each(['past_due', 'unpaid'] as const)('is refused while it is %s: only the portal helps', async (status) => {
    const user = await world.subscriber({ status, unpaidSince: ago(60) });
    for (const plan of ['coaching_school', 'student']) {
      expect((await refusalOf(change(user, plan))).code).toBe('payment_due');
    }
    expect(done()).toEqual([]);
  });

  it('is decided by what the provider says now, not by what was heard last', async () => {
    const user = await world.subscriber();
    world.gateway.change('sub_1', { status: 'past_due', unpaidSince: ago(60) });
    expect((await refusalOf(change(user, 'coaching_school'))).code).toBe('payment_due');
  });
});

describe('a cancellation', () => {
  it('at the end keeps the plan until then; taken back, nothing has happened', async () => {
    const user = await world.subscriber();
    expect(await cancel(user)).toMatchObject({ tier: 'pro', status: 'active', cancelAtPeriodEnd: true });
    await cancel(user);
    expect(await reactivate(user)).toMatchObject({ tier: 'pro', cancelAtPeriodEnd: false });
    expect(done()).toEqual(['cancel', 'reactivate']);
    expect(await world.planOf(user)).toBe('pro');
  });

  it('at once leaves the free plan', async () => {
    const user = await world.subscriber();
    expect(await cancel(user, 'now')).toMatchObject({ tier: 'free', status: 'canceled', periodEnd: null });
    expect(await world.planOf(user)).toBe('free');
    expect((await refusalOf(cancel(user))).code).toBe('no_subscription');
  });

  it('at once is possible after one at the end', async () => {
    const user = await world.subscriber({ cancelAtPeriodEnd: true });
    expect((await cancel(user, 'now')).status).toBe('canceled');
  });

  it('is open to who owes money', async () => {
    const user = await world.subscriber({ status: 'past_due', unpaidSince: ago(60) });
    expect(await cancel(user)).toMatchObject({ status: 'past_due', cancelAtPeriodEnd: true });
  });
});

describe('a reactivation', () => {
  it('takes back a change that is scheduled', async () => {
    const user = await world.subscriber();
    await change(user, 'student');
    expect(await reactivate(user)).toMatchObject({ tier: 'pro', pending: null });
    expect(done()).toEqual(['changeAtPeriodEnd', 'dropScheduledChange']);
  });

  it('does nothing where nothing is to be taken back', async () => {
    const user = await world.subscriber();
    expect(await reactivate(user)).toMatchObject({ tier: 'pro' });
    expect(done()).toEqual([]);
  });
});

it.each<[string, (user: User) => Promise<unknown>]>([
  ['a change to what one has already', (user) => change(user, 'pro')],
  ['a cancellation of what ends already', (user) => cancel(user)],
  ['a reactivation of what goes on', (user) => reactivate(user)],
])('%s asks the provider once, and does nothing', async (name, deed) => {
  const user = await world.subscriber({ cancelAtPeriodEnd: name.startsWith('a cancellation') });
  const before = world.gateway.askedInvoices.length;
  await deed(user);
  expect([world.gateway.askedInvoices.length - before, done()]).toEqual([1, []]);
});

describe('deeds at once', () => {
  it('are decided one after the other, each by what the one before has done', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    const [large, small] = await Promise.all([
      change(user, 'coaching_school'),
      change(user, 'pro', 'month', { key: 'b' }),
    ]);
    expect(world.gateway.deeds).toMatchObject([
      { deed: 'changeNow', priceId: 'coaching_school_month' },
      { deed: 'changeAtPeriodEnd', priceId: 'pro_month' },
    ]);
    expect([large.tier, small.tier, small.pending?.plan]).toEqual(['coaching_school', 'coaching_school', 'pro']);
  });

  it('do not take each other back: after a cancellation nothing is scheduled, and nothing is bought', async () => {
    const [later, now] = [await world.subscriber(), await world.subscriber({ externalId: 'sub_2' })];
    const codes = async (deeds: readonly Promise<unknown>[]): Promise<unknown[]> =>
      (await Promise.allSettled(deeds)).map((one) => (one.status === 'rejected' ? one.reason.code : 'done'));
    expect(await codes([cancel(later), change(later, 'student')])).toEqual(['done', 'cancellation_scheduled']);
    expect(await codes([cancel(now, 'now'), change(now, 'coaching_school')])).toEqual(['done', 'no_subscription']);
    expect(done()).toEqual(['cancel', 'cancel']);
  });

  it('of different users do not wait for each other', async () => {
    const [one, other] = [await world.subscriber(), await world.subscriber({ externalId: 'sub_2' })];
    await world.turns.alone(one.id, async () => {
      expect((await cancel(other)).cancelAtPeriodEnd).toBe(true);
    });
  });
});

describe('a deed on a subscription that has moved at the provider meanwhile', () => {
  const moving = (times: number, move: () => void): void => {
    const { changeNow } = world.gateway;
    world.gateway.changeNow = async (...of) => {
      if (times-- <= 0) return changeNow.apply(world.gateway, of);
      move();
      throw new SubscriptionMoved('sub_1');
    };
  };

  it('is decided anew', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    moving(1, () => world.gateway.change('sub_1', { cancelAtPeriodEnd: true, cancelAt: PERIOD_END }));
    expect((await refusalOf(change(user, 'pro'))).code).toBe('cancellation_scheduled');
    expect(done()).toEqual([]);
  });

  it('comes to an end: what moves without end is busy, and may be asked for again', async () => {
    const user = await world.subscriber({ priceId: 'student_month' });
    moving(3, () => undefined);
    const refusal = await refusalOf(change(user, 'pro'));
    expect([refusal.code, refusal.refusal]).toEqual(['subscription_busy', 'unavailable']);
    expect((await change(user, 'pro')).tier).toBe('pro');
  });
});

describe('a subscription in review', () => {
  it('can be ended by its user, and not be changed', async () => {
    const user = await world.subscriber({ priceId: 'price_of_a_mug' });
    expect((await refusalOf(change(user, 'coaching_school'))).message).toContain('/subscription/cancel');
    expect(await cancel(user)).toMatchObject({ status: 'review', cancelAtPeriodEnd: true });
    const other = await world.subscriber({ externalId: 'sub_2', priceId: 'price_of_a_mug' });
    expect((await cancel(other, 'now')).status).toBe('canceled');
  });
});

describe.each<[string, (user: User) => Promise<unknown>]>([
  ['a change', (user) => change(user, 'coaching_school')],
  ['a cancellation', (user) => cancel(user)],
  ['a reactivation', (user) => reactivate(user)],
])('%s', (name, deed) => {
  it('is refused to who has no subscription, has none any more, or waits for the first payment', async () => {
    expect((await refusalOf(deed(await world.user()))).code).toBe('no_subscription');
    expect((await refusalOf(deed(await world.buyer()))).code).toBe('no_subscription');
    const ended = await world.subscriber({ status: 'canceled', endedAt: world.clock.now() });
    expect((await refusalOf(deed(ended))).code).toBe('no_subscription');
    const waiting = await world.subscriber({ externalId: 'sub_2', status: 'incomplete' });
    expect((await refusalOf(deed(waiting))).code).toBe('no_subscription');
    expect(done()).toEqual([]);
  });

  it('is refused while an operator must look at the subscription, unless it ends it', async () => {
    if (name === 'a cancellation') return;
    const user = await world.subscriber({ priceId: 'price_of_a_mug' });
    expect((await refusalOf(deed(user))).code).toBe('subscription_in_review');
    expect(done()).toEqual([]);
  });

  it('changes nothing when the provider cannot be asked', async () => {
    const user = await world.subscriber();
    world.gateway.away = 'before';
    await expect(deed(user)).rejects.toThrow(PaymentProviderUnavailable);
    expect(done()).toEqual([]);
  });
});
