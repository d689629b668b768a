import type { Changeable, SubscriptionOrder } from '#application/billing/subscription-gateway';
import type { UserId } from '#domain/accounts/user';
import type { SubscriptionSnapshot } from '#domain/billing/subscription';
import { StripePaymentGateway } from '#infrastructure/payments/stripe-payment-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { StripeSubscriptionGateway } from '#infrastructure/billing/stripe-subscription-gateway';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingLog } from '#test/support/fakes/recording-log';
import type { Json } from '#test/support/stripe/stripe-bank';
import { type LoggedRequest, STRIPE_TEST_KEY, StripeDouble } from '#test/support/stripe/stripe-double';

export const USER = '01900000-0000-7000-8000-000000000001' as UserId;
export const START = '2026-01-31T10:00:00.000Z';

/** The gateway with the real client library, and Stripe's double behind it. */
export class StripeDesk {
  private serial = 0;

  private constructor(
    readonly double: StripeDouble,
    readonly clock: ManualClock,
    readonly gateway: StripeSubscriptionGateway,
    readonly customer: string,
    readonly log: RecordingLog,
  ) {}

  static async open(): Promise<StripeDesk> {
    const clock = new ManualClock(START);
    const double = await StripeDouble.start(clock);
    const settings = new StripeSettings(STRIPE_TEST_KEY, [], double.url);
    const buyer = { userId: USER, email: 'ada@example.com', name: 'Ada' };
    const customer = await new StripePaymentGateway(settings).createCustomer(buyer, null);
    const { billing } = double.bank;
    billing.addPrice('price_student', 900, 'month');
    billing.addPrice('price_pro', 3000, 'month');
    billing.addPrice('price_pro_year', 30_000, 'year');
    const log = new RecordingLog();
    return new StripeDesk(double, clock, new StripeSubscriptionGateway(settings, clock, log), customer, log);
  }

  get billing(): StripeDouble['bank']['billing'] {
    return this.double.bank.billing;
  }

  order(priceId = 'price_pro', trialDays = 0, customerId = this.customer): SubscriptionOrder {
    return {
      id: `order-${++this.serial}`,
      userId: USER,
      customerId,
      priceId,
      trialDays,
      successUrl: 'https://app.example.com/paid',
      cancelUrl: 'https://app.example.com/left',
      expiresAt: new Date(this.clock.now().getTime() + 3_600_000),
    };
  }

  /** The id of a subscription that was bought through a checkout. */
  async subscribed(priceId = 'price_pro', trialDays = 0): Promise<string> {
    const { sessionId } = await this.gateway.openCheckout(this.order(priceId, trialDays));
    this.billing.subscribe(sessionId);
    return this.double.bank.sessions.get(sessionId)!.subscription as string;
  }

  at(id: string): Json {
    return this.billing.subscriptions.get(id)!;
  }

  async snapshot(): Promise<SubscriptionSnapshot> {
    const all = await this.gateway.listSubscriptions(this.customer);
    expect(all).toHaveLength(1);
    return all[0]!;
  }

  async changeable(): Promise<Changeable> {
    const { externalId, customerId, item, cancelAtPeriodEnd, cancelAt, endedAt } = await this.snapshot();
    const { id: itemId, priceId, periodStart, periodEnd } = item!;
    const known = { externalId, customerId, cancelAtPeriodEnd, cancelAt, endedAt };
    return { ...known, itemId, priceId, periodStart, periodEnd, pending: null };
  }

  asked(method: string, path: RegExp): LoggedRequest[] {
    return this.double.asked.filter((one) => one.method === method && path.test(one.path));
  }
}
