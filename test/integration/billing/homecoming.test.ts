import { BillingWorld } from './billing-world.js';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { cycleBoundary } from '#domain/billing/billing-cycle';
import type { TestUser } from '#test/support/app';

let world: BillingWorld;

beforeAll(async () => {
  world = await BillingWorld.start();
});
afterAll(() => world?.stop());

/** Notices that nobody has acted on yet. */
const waiting = (): Promise<unknown[]> => world.app.rows(`select id from payment_events where status = 'received'`);

const subscriptionOf = async ({ id }: TestUser): Promise<string> => {
  const [row] = await world.app.rows<{ id: string }>('select external_id as id from subscriptions where user_id = $1', [
    id,
  ]);
  return row!.id;
};

describe('whoever comes back from a page of the sandbox', () => {
  it('has subscribed: it is known before the redirect, and the notice still goes out', async () => {
    const user = await world.app.user();
    const { body } = await world.checkout(user, 'student');
    const { status } = await world.page(`${body.url}/pay`, 'POST');
    expect([status, await world.current(user)]).toMatchObject([303, { tier: 'student', status: 'trialing' }]);
    expect(await world.planOf(user)).toBe('student');
    expect(await waiting()).toHaveLength(1);
    await world.handled();
    expect(await world.counts(user)).toEqual([1, 0, 1]);
  });

  it('has done what the button of the portal said', async () => {
    const user = await world.subscriber('student');
    const { url } = (await world.post(user, 'portal')).body;
    await world.page(`${url}/${await subscriptionOf(user)}/cancel`, 'POST');
    expect(await world.current(user)).toMatchObject({ cancel_at_period_end: true, next_charge: null });
    await world.page(`${url}/${await subscriptionOf(user)}/resume`, 'POST');
    expect(await world.current(user)).toMatchObject({ cancel_at_period_end: false });
    expect(await waiting()).toHaveLength(2);
    await world.handled();
  });

  it('has the credit that was paid for', async () => {
    const user = await world.app.user();
    const bought = await world.app.call('POST', '/api/v1/payments/checkout', {
      as: user,
      body: { package_id: 'starter' },
    });
    await world.page(`${bought.body.url}/pay`, 'POST');
    const { body } = await world.app.call('GET', `/api/v1/payments/${bought.body.payment_id}`, { as: user });
    expect(body.status).toBe('completed');
    expect(
      await world.app.rows('select count(*)::int as n from credit_transactions where user_id = $1', [user.id]),
    ).toEqual([{ n: expect.any(Number) }]);
    expect(await waiting()).toHaveLength(1);
    await world.handled();
  });

  it('is told in HTML, where a browser asks, that a purchase has expired or was replaced', async () => {
    const user = await world.app.user();
    const { body } = await world.app.call('POST', '/api/v1/payments/checkout', {
      as: user,
      body: { package_id: 'starter' },
    });
    await world.app.rows(`update sandbox_checkouts set status = 'expired' where user_id = $1`, [user.id]);
    const asked = await world.page(`${body.url}/pay`, 'POST', { Accept: 'text/html' });
    expect([asked.status, await asked.text()]).toEqual([409, expect.stringContaining('has expired, or was replaced')]);
    const told = (await (await world.page(`${body.url}/pay`, 'POST')).json()) as { detail: { message: string } };
    expect(told.detail.message).toContain('has expired, or was replaced');
  });
});

describe('a page that asks how the subscription stands now', () => {
  const refresh = (user: TestUser) => world.post(user, 'subscription/refresh');

  it('is answered what the provider says, and asks it once in two seconds', async () => {
    const user = await world.subscriber('student');
    world.clock.advance(60);
    await world.app.rows(`update subscriptions set card_last4 = '0000' where user_id = $1`, [user.id]);
    expect((await world.current(user)).payment_method.last4).toBe('0000');
    const { status, body } = await refresh(user);
    expect([status, body.tier, body.payment_method.last4]).toEqual([200, 'student', '4242']);
    await world.app.rows(`update subscriptions set card_last4 = '0000' where user_id = $1`, [user.id]);
    world.clock.advance(1.999);
    expect((await refresh(user)).body.payment_method.last4).toBe('0000');
    world.clock.advance(0.001);
    expect((await refresh(user)).body.payment_method.last4).toBe('4242');
  });

  it('asks once, however many ask at once', async () => {
    const user = await world.subscriber('student');
    world.clock.advance(60);
    const asked = await Promise.all(Array.from({ length: 8 }, () => refresh(user)));
    expect(asked.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const [row] = await world.app.rows<{ at: Date }>(
      'select asked_at as at from payment_customers where user_id = $1',
      [user.id],
    );
    expect(row!.at).toEqual(world.clock.now());
  });

  it('is answered free and inactive where nobody ever began to pay', async () => {
    const { status, body } = await refresh(await world.app.user());
    expect([status, body]).toMatchObject([200, { tier: 'free', status: 'inactive', next_charge: null }]);
  });
});

describe('what is charged next', () => {
  it('is told during a trial, for a change, when it is scheduled, owed, and canceled', async () => {
    const user = await world.app.user();
    await world.paid((await world.checkout(user, 'pro')).body.url);
    const { trial_end: end } = await world.current(user);
    expect((await world.current(user)).next_charge).toEqual({ amount: 2999, currency: 'usd', at: end });
    const preview = async (plan: string, cycle: string) =>
      (await world.post(user, 'subscription/preview-change', { plan_id: plan, billing_cycle: cycle })).body.next_charge;
    // More ends the trial: it is charged now, and again a month later.
    const aMonthLater = cycleBoundary(world.clock.now(), 'month', 1).toISOString();
    expect(await preview('coaching_school', 'month')).toEqual({ amount: 16900, currency: 'usd', at: aMonthLater });
    expect(await preview('pro', 'year')).toEqual({ amount: 25492, currency: 'usd', at: end });
    expect(await preview('free', 'month')).toBeNull();
    await world.until(new Date(end));
    const { current_period_end: periodEnd } = await world.current(user);
    expect(await preview('coaching_school', 'month')).toEqual({ amount: 16900, currency: 'usd', at: periodEnd });
    const inAYear = `2027${end.slice(4)}`;
    expect(await preview('pro', 'year')).toEqual({ amount: 25492, currency: 'usd', at: inAYear });
    expect(await preview('student', 'month')).toEqual({ amount: 999, currency: 'usd', at: periodEnd });
    await world.post(user, 'subscription/change', { plan_id: 'student', billing_cycle: 'month' });
    expect((await world.current(user)).next_charge).toEqual({ amount: 999, currency: 'usd', at: periodEnd });
    await world.deed(user, 'use-declining-card');
    await world.until(new Date(periodEnd));
    const retry = new Date(Date.parse(periodEnd) + 3 * 86_400_000).toISOString();
    expect(await world.current(user)).toMatchObject({
      status: 'past_due',
      next_charge: { amount: 999, currency: 'usd', at: retry },
    });
    await world.deed(user, 'use-good-card');
    await world.deed(user, 'cancel');
    expect((await world.current(user)).next_charge).toBeNull();
  });
});

describe('a checkout while a payment is due', () => {
  it('is refused with the way to the portal', async () => {
    const user = await world.subscriber('student');
    await world.deed(user, 'use-declining-card');
    await world.until(new Date((await world.current(user)).current_period_end));
    const { status, body } = await world.checkout(user, 'pro');
    expect([status, body.detail.error]).toEqual([409, 'payment_due']);
    expect(body.detail.message).toContain('POST /api/v1/billing/portal');
  });
});

describe('what became of a subscription', () => {
  const toldTo = async ({ id }: TestUser): Promise<unknown[]> =>
    (
      await world.app.rows<{ kind: string }>(
        'select kind from notifications where user_id = $1 order by created_at, kind',
        [id],
      )
    ).map(({ kind }) => kind);

  it('is told once: recovered, canceled at once, and at the end of its period when that comes', async () => {
    const [first, second] = [await world.subscriber('student'), await world.subscriber('student')];
    await world.deed(first, 'use-declining-card');
    await world.until(new Date((await world.current(first)).current_period_end));
    await world.deed(first, 'use-good-card');
    await world.deed(second, 'cancel');
    expect([await toldTo(first), await toldTo(second)]).toEqual([['payment_recovered'], []]);
    await world.post(first, 'subscription/cancel', { when: 'now' });
    const { current_period_end: end } = await world.current(second);
    await world.until(new Date(end));
    for (const { id } of await world.app.rows<{ id: string }>('select id from payment_events')) {
      await world.app.rows(`update payment_events set status = 'received', closed_at = null where id = $1`, [id]);
      await world.app.container.get(PaymentEventHandling).execute(id);
    }
    expect(await toldTo(first)).toEqual(['payment_recovered', 'subscription_ended']);
    expect(await toldTo(second)).toEqual(['subscription_ended']);
    const listed = await world.asked('GET', '/api/v1/notifications', { as: first });
    expect(listed.body.data.map(({ kind }: { kind: string }) => kind)).toContain('subscription_ended');
  });
});
