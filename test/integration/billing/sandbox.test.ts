import { BillingWorld } from './billing-world.js';
import { TestApp } from '#test/support/app';
import { ScriptedPaymentGateway } from '#test/support/fakes/scripted-payment-gateway';
import type { SubscriptionGateway } from '#application/billing/subscription-gateway';
import type { SubscriptionPrices } from '#domain/billing/subscription-prices';

let world: BillingWorld;

beforeAll(async () => {
  world = await BillingWorld.start();
});
afterAll(() => world?.stop());

const text = async (url: string): Promise<string> => (await world.page(url)).text();

describe('the checkout of the sandbox', () => {
  it('says that it is one, what is bought, and how to go back', async () => {
    const user = await world.app.user();
    const { body } = await world.checkout(user, 'pro', 'year', { cancel_url: 'https://app.example.com/?a=1&b=2' });
    const shown = await world.page(body.url);
    expect(shown.headers.get('Content-Security-Policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(shown.headers.get('Referrer-Policy')).toBe('no-referrer');
    const page = await shown.text();
    expect(page).toContain('No money moves here');
    expect(page).toContain('Free for 14 days, then $254.92.');
    expect(page).toContain('href="https://app.example.com/?a=1&amp;b=2"');
  });

  it('has nothing to pay once it is paid, or is over', async () => {
    const [user, late] = [await world.app.user(), await world.app.user()];
    const [{ body: paid }, { body: old }] = [await world.checkout(user), await world.checkout(late)];
    await world.paid(paid.url);
    await world.days(2);
    expect(await text(paid.url)).toContain('Subscribed.');
    expect(await text(old.url)).toContain('has expired');
    for (const { url } of [paid, old]) expect(await text(url)).not.toContain('<form');
    const refused = await world.page(`${old.url}/pay`, 'POST');
    const { error, message } = ((await refused.json()) as { detail: { error: string; message: string } }).detail;
    expect([refused.status, error]).toEqual([409, 'checkout_over']);
    expect(message).toContain('has expired, or was replaced');
    const shown = await world.page(`${old.url}/pay`, 'POST', { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect([shown.status, shown.headers.get('Content-Type')]).toEqual([409, 'text/html; charset=utf-8']);
    expect(await shown.text()).toContain('This checkout has expired, or was replaced by another.');
    expect(await world.counts(late)).toEqual([1, 1, 0]);
  });

  it('is missing under any other name', async () => {
    expect((await world.page('/sandbox/subscribe/cs_sandbox_none')).status).toBe(404);
    expect((await world.page('/sandbox/subscribe/cs_sandbox_none/pay', 'POST')).status).toBe(404);
  });
});

describe('the portal of the sandbox', () => {
  const portalOf = async (user: Parameters<BillingWorld['current']>[0]): Promise<string> =>
    (await world.post(user, 'portal', { return_url: 'https://app.example.com/billing?tab=1' })).body.url;

  it('shows what can be done now, does it, and comes back with the way back', async () => {
    const user = await world.subscriber('student');
    const url = await portalOf(user);
    const page = await text(url);
    expect(page).toContain('<a href="https://app.example.com/billing?tab=1">');
    const actions = [...page.matchAll(/action="([^"]+)"/g)].map(([, action]) => action!);
    expect(actions.map((action) => action.split('/').at(-1))).toEqual(['use-declining-card', 'cancel']);
    const done = await world.page(actions[1]!, 'POST');
    expect(done.status).toBe(303);
    expect(await world.current(user)).toMatchObject({ cancel_at_period_end: true, tier: 'student' });
    const after = await text(done.headers.get('Location')!);
    expect(after).toContain('/resume"');
    expect(after).toContain('<a href="https://app.example.com/billing?tab=1">');
    await world.deed(user, 'resume');
    expect((await world.current(user)).cancel_at_period_end).toBe(false);
  });

  it('asks for nothing, and shows what belongs to the flow that it was opened for', async () => {
    const user = await world.subscriber('student');
    const shown = async (body?: object): Promise<readonly string[]> => {
      const { status, body: opened } = await world.post(user, 'portal', body);
      expect(status).toBe(201);
      return [...(await text(opened.url)).matchAll(/action="[^"]+\/([\w-]+)"/g)].map(([, deed]) => deed!);
    };
    expect(await shown()).toEqual(['use-declining-card', 'cancel']);
    expect(await shown({ flow: 'payment_method' })).toEqual(['use-declining-card']);
    expect(await shown({ flow: 'cancel' })).toEqual(['cancel']);
    expect((await world.post(user, 'portal', { flow: 'refund' })).status).toBe(422);
  });

  it('leads back to where it was opened from, whatever its address says, and that is an allowed origin', async () => {
    const user = await world.subscriber('student');
    const url = new URL(await portalOf(user));
    url.searchParams.set('return_url', 'https://evil.example.com/');
    expect(await text(url.href)).toContain('<a href="https://app.example.com/billing?tab=1">Go back</a>');
    for (const elsewhere of ['https://evil.example.com/', 'javascript:alert(1)']) {
      expect((await world.post(user, 'portal', { return_url: elsewhere })).status).toBe(422);
    }
  });

  it('is opened by a random address of its own each time, for an hour', async () => {
    const user = await world.subscriber('student');
    const [one, other] = [await portalOf(user), await portalOf(user)];
    expect(one).not.toBe(other);
    expect(one).toMatch(/\/sandbox\/portal\/ps_sandbox_[\w-]{24}$/);
    expect((await world.page(`/sandbox/portal/cus_sandbox_${user.id}`)).status).toBe(404);
    world.clock.advance(3599);
    expect((await world.page(one)).status).toBe(200);
    world.clock.advance(1);
    const [{ external_id: id }] = (await world.app.rows<{ external_id: string }>(
      'select external_id from subscriptions where user_id = $1',
      [user.id],
    )) as [{ external_id: string }];
    const refused = await world.page(one);
    expect([refused.status, ((await refused.json()) as { detail: { error: string } }).detail.error]).toEqual([
      404,
      'portal_not_found',
    ]);
    expect((await world.page(`${one}/${id}/cancel`, 'POST')).status).toBe(404);
    expect((await world.current(user)).cancel_at_period_end).toBe(false);
    await portalOf(user);
    expect(
      await world.app.rows('select id from sandbox_portal_sessions where customer_id = $1', [`cus_sandbox_${user.id}`]),
    ).toHaveLength(1);
  });

  it('does nothing with the subscription of another customer, nor what it does not know', async () => {
    const [owner, thief] = [await world.subscriber('student'), await world.subscriber('student')];
    const before = await world.current(owner);
    const [{ external_id: id }] = (await world.app.rows<{ external_id: string }>(
      'select external_id from subscriptions where user_id = $1',
      [owner.id],
    )) as [{ external_id: string }];
    const own = new URL(await portalOf(thief)).pathname;
    expect((await world.page(`${own}/${id}/cancel`, 'POST')).status).toBe(404);
    expect((await world.page(`${own}/${id}/refund`, 'POST')).status).toBe(404);
    expect((await world.page('/sandbox/portal/cus_none')).status).toBe(404);
    expect((await world.page(`/sandbox/portal/cus_none/${id}/cancel`, 'POST')).status).toBe(404);
    await world.handled();
    expect(await world.current(owner)).toEqual(before);
  });
});

describe('where payments are real', () => {
  it('there are no pages of the sandbox, also not of what it left behind', async () => {
    const real = { name: 'stripe-test' } as SubscriptionGateway;
    const app = await TestApp.start({
      gateway: new ScriptedPaymentGateway({ isRunning: false }),
      subscriptions: { gateway: real, prices: {} as SubscriptionPrices },
    });
    try {
      const { id } = await app.user();
      await app.rows(
        `insert into payment_customers (user_id, gateway, customer_id, created_at) values ($1, 'stripe-test', 'cus_1', now())`,
        [id],
      );
      await app.rows(
        `insert into sandbox_subscription_checkouts (id, order_id, customer_id, price_id, trial_days, success_url, cancel_url, state,
                                                     created_at, expires_at)
         values ('cs_1', $1, 'cus_1', 'price_sandbox_pro_month', 0, 'http://a', 'http://a', 'open', now(), 'infinity')`,
        [id],
      );
      for (const path of ['subscribe/cs_1', 'portal/cus_1']) {
        expect((await app.call('GET', `/sandbox/${path}`)).status).toBe(404);
      }
      expect((await app.call('POST', '/sandbox/subscribe/cs_1/pay')).status).toBe(404);
      expect(await app.rows('select state from sandbox_subscription_checkouts')).toEqual([{ state: 'open' }]);
      expect((await app.call('POST', '/sandbox/portal/cus_1/sub_1/cancel')).status).toBe(404);
    } finally {
      await app.stop();
    }
  });
});
