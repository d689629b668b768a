import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { ConfiguredSubscriptionPrices } from '#infrastructure/billing/configured-subscription-prices';
import { StripeSubscriptionGateway } from '#infrastructure/billing/stripe-subscription-gateway';
import { StripePaymentGateway } from '#infrastructure/payments/stripe-payment-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { StripeWebhook } from '#infrastructure/payments/stripe-webhook';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { openApiCheck } from '#test/support/openapi-check';
import { RecordingLog } from '#test/support/fakes/recording-log';
import type { Json } from '#test/support/stripe/stripe-bank';
import { STRIPE_TEST_KEY, StripeDouble } from '#test/support/stripe/stripe-double';
import { SystemClock } from '#infrastructure/system/system-clock';

const SECRET = 'whsec_of_a_test';
const PRICES = [
  { plan: 'student', cycle: 'month', priceId: 'price_student_month', amount: 999 },
  { plan: 'pro', cycle: 'month', priceId: 'price_pro_month', amount: 2999 },
  { plan: 'pro', cycle: 'year', priceId: 'price_pro_year', amount: 25_492 },
] as const;

/** Every endpoint of billing, through HTTP, over the double that checks every request by Stripe's own types. */
describe('billing over Stripe', () => {
  let app: TestApp;
  let stripe: StripeDouble;
  let check: ReturnType<typeof openApiCheck>;

  beforeAll(async () => {
    stripe = await StripeDouble.start(new SystemClock());
    for (const { priceId, amount, cycle } of PRICES) stripe.bank.billing.addPrice(priceId, amount, cycle);
    const settings = new StripeSettings(STRIPE_TEST_KEY, [SECRET], stripe.url);
    app = await TestApp.start({
      gateway: new StripePaymentGateway(settings),
      webhook: new StripeWebhook(settings),
      subscriptions: {
        gateway: new StripeSubscriptionGateway(settings, new SystemClock(), new RecordingLog()),
        prices: new ConfiguredSubscriptionPrices(PRICES),
      },
    });
    check = openApiCheck((await app.call('GET', '/openapi.json')).body as object);
  });
  afterAll(async () => {
    await app?.stop();
    await stripe?.stop();
  });

  const asked = async (method: 'GET' | 'POST', path: string, as: TestUser, body?: object): Promise<Answered> => {
    const answer = await app.call(method, `/api/v1/billing/${path}`, { as, ...(body && { body }) });
    check.expectDocumented(method, `/api/v1/billing/${path}`, answer.status, answer.body);
    return answer;
  };
  const subscription = async (as: TestUser): Promise<Answered['body']> => (await asked('GET', 'subscription', as)).body;
  const customers = (): readonly string[] => [...stripe.bank.customers.keys()];

  /** Delivered to the webhook, signed, and applied as the worker does. */
  const delivered = async (events: readonly Json[]): Promise<void> => {
    for (const event of events) {
      const { body, header } = StripeDouble.signed(event, SECRET);
      const answer = await fetch(`${app.url}/webhooks/stripe`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Stripe-Signature': header },
        body,
      });
      expect(answer.status).toBe(200);
    }
    const waiting = await app.rows<{ id: string }>(`select id from payment_events where status = 'received'`);
    for (const { id } of waiting) await app.container.get(PaymentEventHandling).execute(id);
  };

  const subscribed = async (as: TestUser, plan: string): Promise<string> => {
    const { status, body } = await asked('POST', 'checkout', as, { plan_id: plan, billing_cycle: 'month' });
    expect(status).toBe(201);
    await delivered(stripe.bank.billing.subscribe(body.session_id as string));
    const [row] = await app.rows<{ external_id: string }>('select external_id from subscriptions where user_id = $1', [
      as.id,
    ]);
    return row!.external_id;
  };

  it('sells a plan, previews and makes a change, waits with a downgrade, and ends when it is told to', async () => {
    const user = await app.user('free');
    await subscribed(user, 'student');
    expect(await subscription(user)).toMatchObject({
      tier: 'student',
      status: 'trialing',
      price: 999,
      currency: 'usd',
    });

    const pro = { plan_id: 'pro', billing_cycle: 'month' };
    const preview = await asked('POST', 'subscription/preview-change', user, pro);
    expect([preview.status, preview.body]).toMatchObject([
      200,
      { direction: 'upgrade', effective: 'now', ends_trial: true, money: { due_now: 2999, lines: [{ amount: 2999 }] } },
    ]);
    expect((await asked('POST', 'subscription/change', user, pro)).status).toBe(200);
    expect(await subscription(user)).toMatchObject({ tier: 'pro', status: 'active', price: 2999 });
    const { data: paid } = (await asked('GET', 'invoices', user)).body as { data: { amount_paid: number }[] };
    expect(paid.map(({ amount_paid: amount }) => amount)).toEqual([2999, 0]);

    const student = { plan_id: 'student', billing_cycle: 'month' };
    expect((await asked('POST', 'subscription/change', user, student)).status).toBe(200);
    expect(await subscription(user)).toMatchObject({ tier: 'pro', pending_change: { plan_id: 'student' } });
    expect((await asked('POST', 'subscription/reactivate', user)).status).toBe(200);
    expect(await subscription(user)).toMatchObject({ tier: 'pro', pending_change: null });

    expect((await asked('POST', 'subscription/cancel', user, { when: 'period_end' })).status).toBe(200);
    expect(await subscription(user)).toMatchObject({ tier: 'pro', cancel_at_period_end: true });
    expect((await asked('POST', 'subscription/reactivate', user)).status).toBe(200);
    expect((await asked('POST', 'subscription/cancel', user, { when: 'now' })).status).toBe(200);
    expect(await subscription(user)).toMatchObject({ tier: 'free', status: 'canceled' });
    expect((await asked('GET', 'invoices', user)).body.total).toBeGreaterThan(0);
  });

  it('opens the portal in every state of somebody who subscribed, past due included, and recovers when it is paid', async () => {
    const user = await app.user('free');
    const id = await subscribed(user, 'pro');
    const { billing } = stripe.bank;
    await delivered(billing.endTrial(id, false));
    expect(await subscription(user)).toMatchObject({
      tier: 'pro',
      status: 'past_due',
      grace_period_ends_at: expect.any(String),
    });
    const portal = await asked('POST', 'portal', user, { flow: 'payment_method' });
    expect([portal.status, new URL(portal.body.url as string).protocol]).toEqual([201, 'https:']);
    const { body: invoices } = await asked('GET', 'invoices', user);
    const open = (invoices.data as { status: string; is_past_due: boolean }[]).filter(
      ({ status }) => status === 'open',
    );
    expect(open).toMatchObject([{ is_past_due: true }]);
    const [owed] = await app.rows<{ external_id: string }>(
      `select external_id from invoices where user_id = $1 and status = 'open'`,
      [user.id],
    );
    await delivered(billing.payOpen(owed!.external_id));
    expect(await subscription(user)).toMatchObject({ tier: 'pro', status: 'active', grace_period_ends_at: null });
  });

  it('makes one customer for a user, whatever is asked for and how often', async () => {
    const user = await app.user('free');
    const before = customers().length;
    const plan = { plan_id: 'student', billing_cycle: 'month' };
    const tabs = await Promise.all([1, 2, 3].map(() => asked('POST', 'checkout', user, plan)));
    expect(new Set(tabs.map(({ body }) => body.session_id as string)).size).toBe(1);
    await delivered(stripe.bank.billing.subscribe(tabs[0]!.body.session_id as string));
    await asked('POST', 'portal', user, {});
    await asked('POST', 'subscription/preview-change', user, { plan_id: 'pro', billing_cycle: 'year' });
    await app.call('POST', '/api/v1/payments/checkout', { as: user, body: { package_id: 'starter' } });
    expect(customers().length).toBe(before + 1);
    const again = await asked('POST', 'checkout', user, plan);
    expect([again.status, again.body.detail.error]).toEqual([409, 'already_subscribed']);
  });
});
