import { BillingWorld } from './billing-world.js';

let world: BillingWorld;

beforeAll(async () => {
  world = await BillingWorld.start();
});
afterAll(() => world?.stop());

const NOTHING = {
  tier: 'free',
  status: 'inactive',
  billing_cycle: null,
  current_period_start: null,
  current_period_end: null,
  price: 0,
  currency: null,
  cancel_at_period_end: false,
  trial_end: null,
  grace_period_ends_at: null,
  payment_method: null,
  pending_change: null,
  next_charge: null,
};
const limitOf = async (as: Parameters<BillingWorld['current']>[0]) =>
  (await world.app.call('GET', '/api/v1/usage/current', { as })).body;

describe('the subscription of who never subscribed', () => {
  it('is free and inactive, and nothing can be done with it', async () => {
    const user = await world.app.user();
    expect(await world.current(user)).toEqual(NOTHING);
    expect((await world.get(user, 'invoices')).body).toEqual({ data: [], total: 0, has_more: false });
    const plan = { plan_id: 'pro', billing_cycle: 'month' };
    for (const [path, body] of [
      ['portal', {}],
      ['subscription/preview-change', plan],
      ['subscription/change', plan],
      ['subscription/cancel', { when: 'now' }],
      ['subscription/reactivate', undefined],
    ] as const) {
      const answer = await world.post(user, path, body);
      expect([path, answer.status, answer.body.detail.error]).toEqual([path, 409, 'no_subscription']);
    }
    expect(await world.counts(user)).toEqual([0, 0, 0]);
  });
});

describe('a checkout', () => {
  it('gives the plan and its limits as soon as it is paid for', async () => {
    const user = await world.app.user();
    const { status, body } = await world.checkout(user, 'student', 'month', {
      success_url: 'https://app.example.com/thanks',
    });
    expect([status, Object.keys(body)]).toEqual([201, ['session_id', 'url']]);
    expect(await world.planOf(user)).toBe('free');
    const back = await world.paid(body.url);
    expect([back.status, back.headers.get('Location')]).toEqual([303, 'https://app.example.com/thanks']);
    expect(await world.current(user)).toEqual({
      ...NOTHING,
      tier: 'student',
      status: 'trialing',
      billing_cycle: 'month',
      current_period_start: world.clock.now().toISOString(),
      current_period_end: '2026-03-17T12:00:00.000Z',
      price: 999,
      currency: 'usd',
      trial_end: '2026-03-17T12:00:00.000Z',
      payment_method: { brand: 'sandbox', last4: '4242' },
      next_charge: { amount: 999, currency: 'usd', at: '2026-03-17T12:00:00.000Z' },
    });
    expect((await limitOf(user)).plan).toBe('student');
  });

  it.each([
    ['a plan that does not exist', { plan_id: 'gold' }, 400, 'unknown_plan'],
    ['the plan that costs nothing', { plan_id: 'free' }, 422, 'plan_not_sold'],
    ['a cycle that does not exist', { billing_cycle: 'week' }, 422, 'validation_error'],
    ['no plan', { plan_id: undefined }, 422, 'validation_error'],
    ['an address elsewhere', { success_url: 'https://evil.example.com/' }, 422, 'return_url_not_allowed'],
    ['a field that is not its own', { user_email: 'a@example.com' }, 422, 'validation_error'],
  ])('of %s is refused, whether repeated or not, and no customer is made', async (_, wrong, status, code) => {
    const user = await world.app.user();
    for (const key of [undefined, 'k', 'k']) {
      const answer = await world.checkout(user, 'student', 'month', wrong, key);
      expect([answer.status, answer.body.detail.error]).toEqual([status, code]);
    }
    expect(await world.counts(user)).toEqual([0, 0, 0]);
  });

  it('is one for two tabs, however they are opened, and is replaced by one for something else', async () => {
    const user = await world.app.user();
    const tabs = await Promise.all([world.checkout(user), world.checkout(user), world.checkout(user)]);
    expect(tabs.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(tabs.map(({ body }) => body.session_id as string)).size).toBe(1);
    const other = await world.checkout(user, 'pro', 'year');
    expect(other.body.session_id).not.toBe(tabs[0].body.session_id);
    expect(await world.counts(user)).toEqual([1, 1, 0]);
    // The first tab is still open in the browser, and can no longer be paid.
    expect((await world.paid(tabs[0].body.url)).status).toBe(409);
    expect((await world.paid(other.body.url)).status).toBe(303);
    expect((await world.paid(other.body.url)).status).toBe(303);
    expect(await world.counts(user)).toEqual([1, 0, 1]);
    const again = await world.checkout(user, 'student');
    expect([again.status, again.body.detail.error]).toEqual([409, 'already_subscribed']);
    expect(await world.planOf(user)).toBe('pro');
  });

  it('is counted once, and not again for an answer that is repeated, nor for one that is refused', async () => {
    const [user, metric] = [await world.app.user(), 'miniapp_checkout_start_total{plan="student"}'];
    const before = await world.metric(metric);
    const first = await world.checkout(user, 'student', 'month', {}, 'one');
    const again = await world.checkout(user, 'student', 'month', {}, 'one');
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    await world.checkout(await world.app.user(), 'gold');
    await world.checkout(await world.app.user(), 'student', 'week');
    expect(await world.metric(metric)).toBe(before + 1);
    expect(String((await world.app.call('GET', '/metrics')).body)).not.toContain('plan="gold"');
    expect((await world.checkout(user, 'pro', 'month', {}, 'one')).body.detail.error).toBe('idempotency_key_reused');
  });
});

describe('one key that is sent by several at the same time', () => {
  it('is one checkout, counted once', async () => {
    const [user, metric] = [await world.app.user(), 'miniapp_checkout_start_total{plan="pro"}'];
    const before = await world.metric(metric);
    const all = await Promise.all(Array.from({ length: 6 }, () => world.checkout(user, 'pro', 'month', {}, 'same')));
    const opened = all.filter(({ status }) => status === 201);
    expect(opened.length).toBeGreaterThan(0);
    expect(new Set(opened.map(({ body }) => body.session_id as string)).size).toBe(1);
    for (const { status, body } of all) {
      if (status !== 201) expect([status, body.detail.error]).toEqual([409, 'idempotency_key_in_use']);
    }
    expect(await world.metric(metric)).toBe(before + 1);
    expect(await world.counts(user)).toEqual([1, 1, 0]);
  });
});

describe('a change', () => {
  it('to more is previewed, charged as previewed, and counts at once; to less it waits for the period to end', async () => {
    const user = await world.subscriber('student');
    await world.days(10);
    const wish = { plan_id: 'pro', billing_cycle: 'month' };
    const { body: preview } = await world.post(user, 'subscription/preview-change', wish);
    expect(preview).toMatchObject({
      from: { plan_id: 'student', billing_cycle: 'month' },
      to: wish,
      direction: 'upgrade',
      effective: 'now',
      at: world.clock.now().toISOString(),
    });
    expect(preview.limits[0]).toEqual({ name: 'sessions', from: 50, to: 'unlimited', used: 0, fits: true });
    expect(await world.planOf(user)).toBe('student');

    const changed = await world.post(user, 'subscription/change', { ...wish, preview_at: preview.at }, 'up');
    expect(changed.body).toMatchObject({ tier: 'pro', status: 'active', price: 2999, pending_change: null });
    expect(await world.planOf(user)).toBe('pro');
    const { body: invoices } = await world.get(user, 'invoices?limit=1');
    expect(invoices).toMatchObject({ has_more: true, data: [{ status: 'paid', total: preview.money.due_now }] });
    expect((await world.post(user, 'subscription/change', { ...wish, preview_at: preview.at }, 'up')).body).toEqual(
      changed.body,
    );
    expect((await world.get(user, 'invoices')).body.total).toBe(invoices.total);

    const less = { plan_id: 'student', billing_cycle: 'month' };
    const { body: downwards } = await world.post(user, 'subscription/preview-change', less);
    expect(downwards).toMatchObject({ direction: 'downgrade', effective: 'period_end', money: null });
    const { body: scheduled } = await world.post(user, 'subscription/change', less);
    const end = scheduled.current_period_end as string;
    expect(scheduled).toMatchObject({ tier: 'pro', pending_change: { ...less, effective_at: end } });
    expect(downwards.at).toBe(end);
    await world.until(new Date(end));
    expect(await world.current(user)).toMatchObject({ tier: 'student', price: 999, pending_change: null });
    expect(await world.planOf(user)).toBe('student');
    expect(await world.counts(user)).toEqual([1, 0, 1]);
  });

  it('that is scheduled is taken back, like a cancellation', async () => {
    const user = await world.subscriber('pro');
    const before = await world.current(user);
    await world.post(user, 'subscription/change', { plan_id: 'student', billing_cycle: 'year' });
    expect((await world.post(user, 'subscription/reactivate')).body).toEqual(before);
    const { body: ending } = await world.post(user, 'subscription/cancel', { when: 'period_end' });
    expect(ending).toMatchObject({ tier: 'pro', status: 'active', cancel_at_period_end: true });
    const refused = await world.post(user, 'subscription/change', { plan_id: 'student', billing_cycle: 'month' });
    expect([refused.status, refused.body.detail.error]).toEqual([409, 'cancellation_scheduled']);
    expect((await world.post(user, 'subscription/reactivate')).body).toEqual(before);
    expect((await world.post(user, 'subscription/reactivate')).body).toEqual(before);
  });

  it('that is not paid for changes nothing', async () => {
    const user = await world.subscriber('student');
    await world.deed(user, 'use-declining-card');
    const before = await world.current(user);
    const refused = await world.post(user, 'subscription/change', { plan_id: 'pro', billing_cycle: 'month' });
    expect([refused.status, refused.body.detail.error]).toEqual([402, 'payment_failed']);
    expect(await world.current(user)).toEqual(before);
    expect(await world.planOf(user)).toBe('student');
  });

  it('to a plan that does not exist is refused with 400', async () => {
    const user = await world.subscriber('student');
    for (const path of ['preview-change', 'change']) {
      const answer = await world.post(user, `subscription/${path}`, { plan_id: 'gold', billing_cycle: 'month' });
      expect([answer.status, answer.body.detail.error]).toEqual([400, 'unknown_plan']);
    }
  });
});

describe('a cancellation', () => {
  it('at the end of the period keeps the plan until then', async () => {
    const user = await world.subscriber('student');
    const { body } = await world.post(user, 'subscription/cancel', { when: 'period_end' });
    await world.until(new Date(Date.parse(body.current_period_end) - 1000));
    expect(await world.planOf(user)).toBe('student');
    await world.until(new Date(body.current_period_end));
    expect(await world.current(user)).toEqual({ ...NOTHING, status: 'canceled' });
    expect(await world.planOf(user)).toBe('free');
  });

  it('now takes the plan now; who subscribes again is the same customer, without a second trial', async () => {
    const user = await world.subscriber('student');
    expect((await world.post(user, 'subscription/cancel', { when: 'now' })).body.tier).toBe('free');
    expect(await world.planOf(user)).toBe('free');
    await world.paid((await world.checkout(user, 'pro')).body.url);
    expect(await world.current(user)).toMatchObject({ tier: 'pro', status: 'active', trial_end: null });
    expect(await world.counts(user)).toEqual([1, 0, 1]);
  });
});

describe('a payment that fails', () => {
  it('leaves the plan for the grace, opens the portal, and is forgotten once it is paid', async () => {
    const user = await world.subscriber('student');
    const { current_period_end: end } = await world.current(user);
    await world.deed(user, 'use-declining-card');
    await world.until(new Date(end));
    expect(await world.current(user)).toMatchObject({
      tier: 'student',
      status: 'past_due',
      grace_period_ends_at: new Date(Date.parse(end) + 7 * 86_400_000).toISOString(),
    });
    const { body: owed } = await world.get(user, 'invoices');
    expect(owed.data[0]).toMatchObject({
      status: 'open',
      is_past_due: true,
      amount_due: 999,
      amount_paid: 0,
      amount_remaining: 999,
      paid_at: null,
    });
    expect(owed.data[0].next_attempt_at).not.toBeNull();

    const opened = await world.metric('miniapp_portal_open_total');
    const body = { flow: 'payment_method', return_url: 'https://app.example.com/billing' };
    const portal = await world.post(user, 'portal', body, 'p');
    expect([portal.status, (await world.post(user, 'portal', body, 'p')).body]).toEqual([201, portal.body]);
    expect(await world.metric('miniapp_portal_open_total')).toBe(opened + 1);
    const page = await (await world.page(portal.body.url)).text();
    expect(page).toContain('It is past due.');

    await world.deed(user, 'use-good-card');
    expect(await world.current(user)).toMatchObject({
      tier: 'student',
      status: 'active',
      grace_period_ends_at: null,
    });
    const { body: settled } = await world.get(user, 'invoices');
    expect(settled.data[0]).toMatchObject({ status: 'paid', is_past_due: false, amount_remaining: 0 });
    expect(settled.total).toBe(owed.total);
    expect(await world.counts(user)).toEqual([1, 0, 1]);
  });
});

describe('what belongs to somebody else', () => {
  it('is never shown, and an operator sees all of it', async () => {
    const [owner, other, operator] = [
      await world.subscriber('student'),
      await world.app.user(),
      await world.app.user('free', 'admin'),
    ];
    expect(await world.current(other)).toEqual(NOTHING);
    expect((await world.get(other, 'invoices')).body.total).toBe(0);

    const pattern = '/api/v1/admin/users/:id/subscription';
    const timeline = (as: typeof owner, id: string, query = '') =>
      world.asked('GET', `/api/v1/admin/users/${id}/subscription${query}`, { as }, pattern);
    expect((await timeline(owner, owner.id)).status).toBe(403);
    const { body } = await timeline(operator, owner.id);
    expect(body).toMatchObject({
      user_id: owner.id,
      plan: 'student',
      subscriptions: [{ provider: 'sandbox', status: 'active', gives_plan: 'student', review: null }],
      invoices: { total: 2, has_more: false },
    });
    expect(body.steps.data.map(({ kind }: { kind: string }) => kind)).toEqual(['trial_ended', 'trial_started']);
    expect((await timeline(operator, owner.id, '?limit=1')).body.steps).toMatchObject({ total: 2, has_more: true });
    expect((await timeline(operator, other.id)).body.subscriptions).toEqual([]);
    for (const id of ['0', crypto.randomUUID()]) expect((await timeline(operator, id)).status).toBe(404);
  });
});
