import { Stripe } from 'stripe';
import { ManualClock } from '#test/support/fakes/manual-clock';
import type { Json } from '#test/support/stripe/stripe-bank';
import { STRIPE_TEST_KEY, StripeDouble } from '#test/support/stripe/stripe-double';

let double: StripeDouble;
let stripe: Stripe;
let customer: string;
beforeEach(async () => {
  double = await StripeDouble.start(new ManualClock('2026-01-31T10:00:00Z'));
  const { hostname: host, port } = new URL(double.url);
  stripe = new Stripe(STRIPE_TEST_KEY, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
  double.bank.billing.addPrice('price_pro', 3000, 'month');
  double.bank.billing.addPrice('price_student', 900, 'month');
  customer = (await stripe.customers.create({ email: 'ada@example.com' })).id;
});
afterEach(() => double.stop());

const order = (): Stripe.Checkout.SessionCreateParams => ({
  mode: 'subscription',
  customer,
  line_items: [{ price: 'price_pro', quantity: 1 }],
  success_url: 'https://app.example.com/paid',
});

async function subscribed(): Promise<Stripe.Subscription> {
  const session = await stripe.checkout.sessions.create(order());
  double.bank.billing.subscribe(session.id);
  const { subscription } = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] });
  return subscription as Stripe.Subscription;
}

const refused = (asked: Promise<unknown>): Promise<Json> =>
  asked.then(
    () => ({ accepted: true }),
    (error: Json) => error,
  );
const anything = (value: object): never => value as never;

describe('what the client library may ask of subscriptions at the double', () => {
  it('is answered, with what belongs to them', async () => {
    const { id } = await subscribed();
    const expand = ['latest_invoice', 'default_payment_method', 'customer'];
    const subscription = await stripe.subscriptions.retrieve(id, { expand });
    const invoice = subscription.latest_invoice as Stripe.Invoice;
    expect(invoice).toMatchObject({
      status: 'paid',
      total: 3000,
      parent: { subscription_details: { subscription: id } },
    });
    expect(invoice.payments!.data).toMatchObject([{ status: 'paid', amount_paid: 3000, invoice: invoice.id }]);
    expect((subscription.default_payment_method as Stripe.PaymentMethod).card!.last4).toBe('4242');
    expect((subscription.customer as Stripe.Customer).email).toBe('ada@example.com');
    const [payment] = (await stripe.invoicePayments.list({ invoice: invoice.id })).data;
    expect(payment!.payment.payment_intent).toMatch(/^pi_/);
    expect((await stripe.invoices.list({ subscription: id })).data).toHaveLength(1);
    expect((await stripe.subscriptions.list({ customer })).data).toHaveLength(1);
    await stripe.subscriptions.cancel(id);
    expect((await stripe.subscriptions.list({ customer })).data).toHaveLength(0);
    expect((await stripe.subscriptions.list({ customer, status: 'ended' })).data).toHaveLength(1);
  });

  it('is refused where Stripe refuses it', async () => {
    const { id, items } = await subscribed();
    const [item] = items.data;
    const { subscriptions, subscriptionSchedules: schedules, invoices, billingPortal, checkout } = stripe;
    const change = { items: [{ id: item!.id, price: 'price_student' }], proration_behavior: 'always_invoice' as const };
    const refusals: readonly (readonly [() => Promise<unknown>, object])[] = [
      [() => subscriptions.update(id, anything({ plan: 'pro' })), { code: 'parameter_unknown', param: 'plan' }],
      [
        () => subscriptions.update(id, anything({ proration_behavior: 'sometimes' })),
        { type: 'StripeInvalidRequestError' },
      ],
      [() => subscriptions.update(id, { items: [{ id: item!.id, price: 'price_x' }] }), { param: 'items[0][price]' }],
      [() => subscriptions.update(id, { items: [{ id: 'si_x', price: 'price_pro' }] }), { code: 'resource_missing' }],
      [() => subscriptions.update(id, { ...change, proration_date: 1 }), { param: 'proration_date' }],
      [
        () => subscriptions.update(id, anything({ cancel_at_period_end: 'perhaps' })),
        { type: 'StripeInvalidRequestError' },
      ],
      [() => subscriptions.retrieve('sub_x'), { statusCode: 404, param: 'id' }],
      [() => subscriptions.list({ customer: 'cus_x' }), { param: 'customer' }],
      [() => invoices.list({ status: 'past_due' as never }), { type: 'StripeInvalidRequestError' }],
      [() => invoices.createPreview({ subscription: 'sub_x', subscription_details: change }), { statusCode: 404 }],
      [
        () => schedules.create({ from_subscription: id, phases: [{ items: [], description: 'x' }] }),
        { type: 'StripeInvalidRequestError' },
      ],
      [() => billingPortal.sessions.create({ customer: 'cus_x' }), { param: 'customer' }],
      [
        () => billingPortal.sessions.create({ customer, flow_data: anything({ type: 'subscription_cancel' }) }),
        { code: 'parameter_missing' },
      ],
      [
        () => checkout.sessions.create({ ...order(), payment_intent_data: { description: 'x' } }),
        { param: 'payment_intent_data' },
      ],
      [
        () => checkout.sessions.create({ ...order(), line_items: [{ price: 'price_x', quantity: 1 }] }),
        { param: 'line_items[0][price]' },
      ],
      [
        () => checkout.sessions.create({ ...order(), subscription_data: { trial_period_days: 0 } }),
        { param: 'subscription_data[trial_period_days]' },
      ],
    ];
    for (const [ask, facts] of refusals) expect(await refused(ask())).toMatchObject(facts);
    expect(double.bank.billing.subscriptions.size).toBe(1);
  });

  it('is refused of what a schedule manages, and of a schedule that is over', async () => {
    const { id } = await subscribed();
    const { id: schedule } = await stripe.subscriptionSchedules.create({ from_subscription: id });
    const ending = await refused(stripe.subscriptions.update(id, { cancel_at_period_end: true }));
    expect(ending.message).toContain(`managed by the subscription schedule \`${schedule}\``);
    const another = await refused(stripe.subscriptionSchedules.create({ from_subscription: id }));
    expect(another.message).toContain('already attached to a schedule');
    await stripe.subscriptionSchedules.release(schedule);
    const released = await refused(stripe.subscriptionSchedules.update(schedule, { end_behavior: 'release' }));
    expect(released.message).toContain('currently in the `released` status');
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect((await stripe.subscriptions.retrieve(id)).cancel_at_period_end).toBe(true);
  });
});
