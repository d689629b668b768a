import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { ConfiguredSubscriptionPrices } from '#infrastructure/billing/configured-subscription-prices';
import { StripeSubscriptionGateway } from '#infrastructure/billing/stripe-subscription-gateway';
import { StripePaymentGateway } from '#infrastructure/payments/stripe-payment-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { StripeWebhook } from '#infrastructure/payments/stripe-webhook';
import { SystemClock } from '#infrastructure/system/system-clock';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { RecordingLog } from '#test/support/fakes/recording-log';
import type { Json } from '#test/support/stripe/stripe-bank';
import { STRIPE_TEST_KEY, StripeDouble } from '#test/support/stripe/stripe-double';

const SECRET = 'whsec_of_a_test';
const AHEAD_MS = 4000;
const PRICES = [
  { plan: 'student', cycle: 'month', priceId: 'price_student_month', amount: 999 },
  { plan: 'pro', cycle: 'month', priceId: 'price_pro_month', amount: 2999 },
  { plan: 'coaching_school', cycle: 'month', priceId: 'price_school_month', amount: 16_900 },
] as const;

/** What Stripe does that one would rather not think of: every clock of it is four seconds ahead of ours. */
describe('over a Stripe that is odd', () => {
  let app: TestApp;
  let stripe: StripeDouble;
  const log = new RecordingLog();

  beforeAll(async () => {
    stripe = await StripeDouble.start({ now: () => new Date(Date.now() + AHEAD_MS) });
    for (const { priceId, amount, cycle } of PRICES) stripe.bank.billing.addPrice(priceId, amount, cycle);
    const settings = new StripeSettings(STRIPE_TEST_KEY, [SECRET], stripe.url);
    app = await TestApp.start({
      gateway: new StripePaymentGateway(settings),
      webhook: new StripeWebhook(settings),
      subscriptions: {
        gateway: new StripeSubscriptionGateway(settings, new SystemClock(), log),
        prices: new ConfiguredSubscriptionPrices(PRICES),
      },
    });
  });
  afterAll(async () => {
    await app?.stop();
    await stripe?.stop();
  });

  const post = (as: TestUser, path: string, body?: object): Promise<Answered> =>
    app.call('POST', `/api/v1/billing/${path}`, { as, ...(body && { body }) });
  const delivered = async (events: readonly Json[]): Promise<void> => {
    for (const event of events) {
      const { body, header } = StripeDouble.signed(event, SECRET);
      const headers = { 'Content-Type': 'application/json', 'Stripe-Signature': header };
      expect((await fetch(`${app.url}/webhooks/stripe`, { method: 'POST', headers, body })).status).toBe(200);
    }
    const waiting = await app.rows<{ id: string }>(`select id from payment_events where status = 'received'`);
    for (const { id } of waiting) await app.container.get(PaymentEventHandling).execute(id);
  };
  const plan = (name: string): object => ({ plan_id: name, billing_cycle: 'month' });
  const subscribed = async (as: TestUser, name: string): Promise<Json> => {
    const { body } = await post(as, 'checkout', plan(name));
    await delivered(stripe.bank.billing.subscribe(body.session_id as string));
    return [...stripe.bank.billing.subscriptions.values()].at(-1)!;
  };
  /** One who has had the trial, and pays at once. */
  const payer = async (name: string): Promise<{ user: TestUser; subscription: Json }> => {
    const user = await app.user('free');
    await subscribed(user, 'student');
    expect((await post(user, 'subscription/cancel', { when: 'now' })).status).toBe(200);
    return { user, subscription: await subscribed(user, name) };
  };
  const current = async (as: TestUser): Promise<Answered['body']> =>
    (await app.call('GET', '/api/v1/billing/subscription', { as })).body;

  it('periods begin with the subscription although it begins in our future, and a change right then is possible', async () => {
    const { user, subscription } = await payer('student');
    const [row] = await app.rows<{ period_anchor: Date }>('select period_anchor from users where id = $1', [user.id]);
    expect(row!.period_anchor).toEqual(new Date(subscription.billing_cycle_anchor * 1000));
    const preview = await post(user, 'subscription/preview-change', plan('pro'));
    expect([preview.status, preview.body.money.due_now]).toEqual([200, 2000]);
    const changed = await post(user, 'subscription/change', { ...plan('pro'), preview_at: preview.body.at });
    expect([changed.status, changed.body.tier]).toEqual([200, 'pro']);
  });

  it('a status that we do not know gives no plan, waits for an operator, and can be ended', async () => {
    const { user, subscription } = await payer('pro');
    subscription.status = 'dreaming';
    const refused = await post(user, 'subscription/change', plan('coaching_school'));
    expect([refused.status, refused.body.detail.error]).toEqual([409, 'subscription_in_review']);
    expect(await current(user)).toMatchObject({ tier: 'free', status: 'review' });
    const [row] = await app.rows<{ review: string }>(`select review from subscriptions where status = 'paused'`);
    expect(row!.review).toContain('"dreaming"');
    subscription.status = 'active';
    expect((await post(user, 'subscription/cancel', { when: 'now' })).status).toBe(200);
    expect((await current(user)).status).toBe('canceled');
  });

  it.each<[string, Json]>([
    ['a status that we do not know', { status: 'half_paid' }],
    ['no remaining amount', { amount_remaining: null }],
    ['no total', { total: null }],
    ['no lines', { lines: null }],
  ])('an invoice with %s keeps nobody from ending a subscription', async (_, fault) => {
    const { user, subscription } = await payer('pro');
    const invoice = [...stripe.bank.billing.invoices.values()].at(-1)!;
    Object.assign(invoice, fault);
    subscription.currency = 'USD';
    expect((await post(user, 'subscription/cancel', { when: 'now' })).status).toBe(200);
    expect(await current(user)).toMatchObject({ tier: 'free', status: 'canceled' });
    const told = log.lines.some(({ fields }) => fields.invoice_id === invoice.id);
    const [kept] = await app.rows<{ amount_remaining: string }>(
      'select amount_remaining from invoices where external_id = $1',
      [invoice.id],
    );
    expect([told, kept === undefined || Number(kept.amount_remaining) === 0]).toEqual([
      fault.amount_remaining === undefined,
      true,
    ]);
    for (const [name] of Object.entries(fault)) delete invoice[name];
    stripe.bank.billing.invoices.delete(invoice.id);
  });

  it('a customer that was deleted there is not sold to again: another one is made, once, also for credit', async () => {
    const { user, subscription } = await payer('pro');
    const gone = subscription.customer as string;
    await delivered(stripe.bank.billing.deleteCustomer(gone));
    expect(await current(user)).toMatchObject({ tier: 'free', status: 'canceled' });
    const portal = await post(user, 'portal', {});
    expect([portal.status, portal.body.detail?.error]).toEqual([409, 'no_subscription']);
    const bought = await app.call('POST', '/api/v1/payments/checkout', { as: user, body: { package_id: 'starter' } });
    expect(bought.status).toBe(201);
    const next = await subscribed(user, 'student');
    expect(next.customer).not.toBe(gone);
    expect(await current(user)).toMatchObject({ tier: 'student', status: 'active' });
    const rows = await app.rows<{ customer_id: string; gone: boolean }>(
      'select customer_id, gone_at is not null as gone from payment_customers where user_id = $1 order by created_at',
      [user.id],
    );
    expect(rows).toEqual([
      { customer_id: gone, gone: true },
      { customer_id: next.customer, gone: false },
    ]);
    expect((await post(user, 'portal', {})).status).toBe(201);
  });

  it('a checkout of a customer that was deleted is not handed out again', async () => {
    const user = await app.user('free');
    const first = (await post(user, 'checkout', plan('student'))).body.session_id as string;
    const customer = stripe.bank.sessions.get(first)!.customer as string;
    await delivered(stripe.bank.billing.deleteCustomer(customer));
    const again = await post(user, 'checkout', plan('student'));
    expect(again.status).toBe(201);
    expect(stripe.bank.sessions.get(again.body.session_id as string)!.customer).not.toBe(customer);
  });

  it('a subscription that ended there since it was asked about is no fault: 409', async () => {
    const { user, subscription } = await payer('student');
    const { gateway } = await subscriptionsOf(app);
    const seen = (await gateway.listSubscriptions(subscription.customer as string)).find(
      ({ externalId }) => externalId === subscription.id,
    )!;
    stripe.bank.billing.cancel(subscription.id as string);
    const { externalId, customerId, cancelAtPeriodEnd, cancelAt, endedAt } = seen;
    const { id: itemId, priceId, periodStart, periodEnd } = seen.item!;
    const decided = {
      externalId,
      customerId,
      cancelAtPeriodEnd,
      cancelAt,
      endedAt,
      itemId,
      priceId,
      periodStart,
      periodEnd,
    };
    const deeds = [
      gateway.changeNow(
        { ...decided, pending: null },
        { priceId: 'price_pro_month', at: periodStart, endsTrial: false },
        'a',
      ),
      gateway.changeAtPeriodEnd({ ...decided, pending: null }, 'price_pro_month', 'b'),
      gateway.cancel(decided, 'period_end', 'c'),
    ];
    for (const deed of deeds) await expect(deed).rejects.toThrow('is no longer what was decided by');
    const refused = await post(user, 'subscription/change', plan('pro'));
    expect([refused.status, refused.body.detail.error]).toEqual([409, 'no_subscription']);
  });
});

async function subscriptionsOf({ container }: TestApp): Promise<{ gateway: StripeSubscriptionGateway }> {
  const { SubscriptionGateway } = await import('#application/billing/subscription-gateway');
  return { gateway: container.get(SubscriptionGateway) as unknown as StripeSubscriptionGateway };
}
