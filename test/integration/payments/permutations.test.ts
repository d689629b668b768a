import { jest } from '@jest/globals';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import { PaymentReconciliation } from '#application/payments/payment-reconciliation';
import { Transaction } from '#application/ports/transaction';
import type { UserId } from '#domain/accounts/user';
import { Payment, type PaymentId } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { StripePaymentGateway } from '#infrastructure/payments/stripe-payment-gateway';
import { StripeSettings } from '#infrastructure/payments/stripe-settings';
import { TestApp } from '#test/support/app';
import type { Json, Shape } from '#test/support/stripe/stripe-bank';
import { StripeBank } from '#test/support/stripe/stripe-bank';
import { STRIPE_TEST_KEY, StripeDouble } from '#test/support/stripe/stripe-double';
import { permutations, PRICE, type Scenario, SCENARIOS, sessionOf, toldBy } from './scenarios.js';

jest.setTimeout(600_000);

const AT_A_TIME = 12;
const MICROS_PER_CENT = 10_000n;

/** One user, with a purchase for each checkout of the scenario. */
interface Sale {
  readonly order: readonly number[];
  readonly userId: UserId;
  readonly payments: readonly { readonly id: PaymentId; readonly checkoutId: string }[];
}

describe('whatever order the events come in', () => {
  let app: TestApp;
  let stripe: StripeDouble;
  let intake: PaymentEventIntake;
  let handling: PaymentEventHandling;
  beforeAll(async () => {
    stripe = await StripeDouble.start();
    const gateway = new StripePaymentGateway(new StripeSettings(STRIPE_TEST_KEY, [], stripe.url));
    app = await TestApp.start({ gateway });
    intake = app.container.get(PaymentEventIntake);
    handling = app.container.get(PaymentEventHandling);
  });
  afterAll(async () => {
    await app?.stop();
    await stripe?.stop();
  });

  it.each(SCENARIOS)('$name', async (scenario) => {
    const began = performance.now();
    const orders = permutations(toldBy(scenario, new StripeBank()).length);
    await run(scenario, orders, 'current');
    console.log(scenario.name, orders.length, performance.now() - began, stripe.asked.length);
  });

  async function run(scenario: Scenario, orders: readonly (readonly number[])[], shape: Shape): Promise<void> {
    const { bank } = stripe;
    stripe.asked.length = 0;
    for (const objects of [bank.sessions, bank.intents, bank.charges, bank.refunds, bank.disputes]) objects.clear();
    const sales = await opened(scenario, orders);
    const waiting = [...sales];
    const deliver = async (): Promise<void> => {
      for (let sale = waiting.pop(); sale; sale = waiting.pop()) await delivered(scenario, sale, shape);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, deliver));
    await mustBeAsTold(scenario, sales);
  }

  /** The world goes on no further than it must have for an event to be sent: that is what the provider answers with. */
  async function delivered(scenario: Scenario, { order, payments }: Sale, shape: Shape): Promise<void> {
    const checkouts = payments.map(({ checkoutId }) => checkoutId);
    const events: Json[] = [];
    let done = 0;
    const deeds = toldBy(scenario, new StripeBank());
    for (const index of order) {
      for (; done <= deeds[index]!; done++) events.push(...scenario.deeds[done]!(stripe.bank, checkouts, shape));
      await told(events[index]!);
    }
  }

  async function told(event: Json): Promise<void> {
    const { id, type, api_version, created, livemode } = event;
    await intake.execute({
      id: id as string,
      gateway: 'stripe-test',
      type: type as string,
      apiVersion: api_version as string,
      live: livemode as boolean,
      createdAt: new Date(Number(created) * 1000),
      payload: event,
    });
    await handling.execute(id as string);
  }

  async function opened(scenario: Scenario, orders: readonly (readonly number[])[]): Promise<Sale[]> {
    const repository = app.container.get(PaymentRepository);
    const now = new Date();
    const sales = orders.map((order) => {
      const userId = crypto.randomUUID() as UserId;
      const payments = scenario.outcomes.map(() => {
        const id = crypto.randomUUID() as PaymentId;
        const metadata = { payment_id: id, user_id: userId };
        return { id, checkoutId: sessionOf(stripe.bank, { client_reference_id: userId, metadata }) };
      });
      return { order, userId, payments };
    });
    await app.container.get(Transaction).run(async () => {
      await app.rows(
        `insert into users (id, email, name, role, plan, created_at)
         select id, id || '@example.com', 'Test', 'user', 'free', now() from unnest($1::uuid[]) as id`,
        [sales.map(({ userId }) => userId)],
      );
    });
    await app.container.get(Transaction).run(async () => {
      for (const { userId, payments } of sales) {
        for (const { id, checkoutId } of payments) {
          const order = { id, userId, gateway: 'stripe-test', requestKey: id, packageId: null, amountMinor: PRICE };
          const addresses = { successUrl: 'https://app.example.com/yes', cancelUrl: 'https://app.example.com/no' };
          const creditMicros = BigInt(PRICE) * MICROS_PER_CENT;
          const payment = Payment.ordered({ ...order, ...addresses, currency: 'usd', creditMicros }, now);
          const { expiresAt } = await repository.addOnce(payment);
          await repository.save(payment.opened({ checkoutId, url: 'https://pay.example.com', expiresAt }, now));
        }
      }
    });
    return sales;
  }

  async function mustBeAsTold(scenario: Scenario, sales: readonly Sale[]): Promise<void> {
    expect(sales.length).toBeGreaterThan(0);
  }
});
