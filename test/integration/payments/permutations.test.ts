import { jest } from '@jest/globals';
import { CreditVerification } from '#application/credits/credit-verification';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import { PaymentReconciliation } from '#application/payments/payment-reconciliation';
import type { PaymentReconciliationRun } from '#application/payments/payment-reconciliation-log';
import { Transaction } from '#application/ports/transaction';
import type { UserId } from '#domain/accounts/user';
import { Payment, type PaymentId } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { TestApp } from '#test/support/app';
import { ordersOf, SEED } from '#test/support/orders';
import { type Json, type Shape, StripeBank } from '#test/support/stripe/stripe-bank';
import { StripeDouble } from '#test/support/stripe/stripe-double';
import { noticeOf } from '#test/support/stripe/stripe-notice';
import { directGateway } from './direct-stripe.js';
import { PRICE, type Scenario, SCENARIOS, sessionOf, toldBy } from './scenarios.js';

jest.setTimeout(1_200_000);

const AT_A_TIME = 12;
/** The double looks through all that it knows for everything it is asked. */
const BATCH = 180;
const MICROS_PER_CENT = 10_000n;

/**
 * How many orders of a scenario run, as they come and in the other five ways: all of them, if there are no more, or else a sample
 * by a seed that is printed. EVERY_ORDER=1 on the command line runs every order of up to six events in every way, and all
 * 5 040 orders of seven as they come, which takes many minutes.
 */
const MOST_ORDERS =
  process.env['EVERY_ORDER'] === '1' ? { plain: Number.POSITIVE_INFINITY, other: 720 } : { plain: 120, other: 24 };

/** `twice`: each event is delivered again at once, and again by a second endpoint later. `lost`: the first never comes. */
type Way = 'once' | 'twice' | 'lost';
const WAYS: readonly (readonly [Way, string])[] = [
  ['once', 'each of them once'],
  ['twice', 'each of them again and again'],
  ['lost', 'one of them lost, and the reconciler'],
];
const SHAPES: readonly Shape[] = ['current', 'old'];

/** One user, with a purchase for each checkout of the scenario. */
interface Sale {
  readonly order: readonly number[];
  readonly userId: UserId;
  readonly payments: readonly { readonly id: PaymentId; readonly checkoutId: string }[];
}

describe('whatever the order of the events', () => {
  let app: TestApp;
  let stripe: StripeDouble;
  let intake: PaymentEventIntake;
  let handling: PaymentEventHandling;
  const told: string[] = [];
  beforeAll(async () => {
    stripe = await StripeDouble.start();
    app = await TestApp.start({ gateway: directGateway(stripe) });
    intake = app.container.get(PaymentEventIntake);
    handling = app.container.get(PaymentEventHandling);
  });
  afterAll(async () => {
    await app?.stop();
    await stripe?.stop();
    process.stdout.write(`orders of events that ended the same (seed ${SEED}):\n${told.join('\n')}\n`);
  });

  describe.each(SHAPES)('in the %s shape of the API', (shape) => {
    describe.each(WAYS)('%s: %s', (way) => {
      it.each(SCENARIOS)('$name ends the same, and its credit is given once', async (scenario) => {
        const deeds = toldBy(scenario, new StripeBank());
        const most = way === 'once' && shape === 'current' ? MOST_ORDERS.plain : MOST_ORDERS.other;
        const { orders, told: tried } = ordersOf(deeds.length, most);
        const began = performance.now();
        for (let from = 0; from < orders.length; from += BATCH) {
          await run(scenario, deeds, orders.slice(from, from + BATCH), way, shape);
        }
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        told.push(`  ${shape}, ${way}: ${scenario.name}, ${deeds.length} events: ${tried} in ${seconds} s`);
      });
    });
  });

  it('and the book of credit is what its entries prove', async () => {
    const { findings, accounts } = await app.container.get(CreditVerification).execute(null);
    expect(findings).toEqual([]);
    expect(accounts).toBeGreaterThan(500);
    const left = `select status, count(*)::int from payment_events where status not in ('applied', 'ignored') group by 1`;
    expect(await app.rows(left)).toEqual([]);
  });

  async function run(
    scenario: Scenario,
    deeds: readonly number[],
    orders: readonly (readonly number[])[],
    way: Way,
    shape: Shape,
  ): Promise<void> {
    const { bank } = stripe;
    for (const objects of [bank.sessions, bank.intents, bank.charges, bank.refunds, bank.disputes]) objects.clear();
    const sales = await opened(scenario, orders);
    const waiting = [...sales];
    const next = async (): Promise<void> => {
      for (let sale = waiting.pop(); sale; sale = waiting.pop()) await delivered(scenario, deeds, sale, way, shape);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, next));
    const { failed, repairs } = way === 'lost' || orders.length < BATCH ? await reconciled() : NOTHING;
    expect(failed).toBe(0);
    // What was heard of is so already.
    if (way !== 'lost') expect(repairs).toEqual([]);
    await mustBeAsOrdered(scenario, sales);
  }

  /** The world goes on no further than it must have for an event to be sent: that is what the provider then says. */
  async function delivered(
    { deeds }: Scenario,
    toldOf: readonly number[],
    { order, payments }: Sale,
    way: Way,
    shape: Shape,
  ): Promise<void> {
    const checkouts = payments.map(({ checkoutId }) => checkoutId);
    const events: Json[] = [];
    let done = 0;
    const goOnTo = (last: number): void => {
      for (; done <= last; done++) events.push(...deeds[done]!(stripe.bank, checkouts, shape));
    };
    for (const [place, index] of order.entries()) {
      if (way === 'lost' && place === 0) continue;
      goOnTo(toldOf[index]!);
      const event = events[index]!;
      await tell(event);
      if (way === 'twice') await tell(event);
    }
    // Two endpoints at one address: the same once more, under other names.
    if (way === 'twice') for (const index of order) await tell({ ...events[index]!, id: `${events[index]!.id}_again` });
    goOnTo(deeds.length - 1);
  }

  async function tell(event: Json): Promise<void> {
    const notice = noticeOf(event);
    await intake.execute(notice);
    await handling.execute(notice.id);
  }

  function reconciled(): Promise<PaymentReconciliationRun> {
    const since = new Date((stripe.bank.now - 1) * 1000);
    const operator = { actor: 'test', reason: null };
    return app.container.get(PaymentReconciliation).execute({ since, operator, dryRun: false });
  }

  async function opened(scenario: Scenario, orders: readonly (readonly number[])[]): Promise<Sale[]> {
    const sales = orders.map((order) => {
      const userId = crypto.randomUUID() as UserId;
      const payments = scenario.outcomes.map(() => {
        const id = crypto.randomUUID() as PaymentId;
        const metadata = { payment_id: id, user_id: userId };
        return { id, checkoutId: sessionOf(stripe.bank, { client_reference_id: userId, metadata }) };
      });
      return { order, userId, payments };
    });
    await app.rows(
      `insert into users (id, email, name, role, plan, created_at)
       select id, id || '@example.com', 'Test', 'user', 'free', now() from unnest($1::uuid[]) as id`,
      [sales.map(({ userId }) => userId)],
    );
    await app.container.get(Transaction).run(async () => {
      for (const { userId, payments } of sales)
        for (const { id, checkoutId } of payments) await order(id, userId, checkoutId);
    });
    return sales;
  }

  /** Of every other purchase the answer was lost that said which checkout was opened for it. */
  async function order(id: PaymentId, userId: UserId, checkoutId: string): Promise<void> {
    const payments = app.container.get(PaymentRepository);
    const now = new Date();
    const price = {
      packageId: null,
      amountMinor: PRICE,
      currency: 'usd',
      creditMicros: BigInt(PRICE) * MICROS_PER_CENT,
    };
    const addresses = { successUrl: 'https://app.example.com/yes', cancelUrl: 'https://app.example.com/no' };
    const payment = Payment.ordered(
      { id, userId, gateway: 'stripe-test', requestKey: id, ...price, ...addresses },
      now,
    );
    const { expiresAt } = await payments.addOnce(payment);
    if (id < '8') await payments.save(payment.opened({ checkoutId, url: 'https://pay.example.com', expiresAt }, now));
  }

  async function mustBeAsOrdered({ outcomes }: Scenario, sales: readonly Sale[]): Promise<void> {
    const books = await app.rows<Book>(
      `select users.id as user_id, coalesce(balance_micros, 0)::text as balance, coalesce(debt_micros, 0)::text as debt,
              (select coalesce(sum(amount_micros), 0)::text from credit_transactions t where t.user_id = users.id) as entries,
              (select coalesce(array_agg(t.key order by t.key), '{}') from credit_transactions t
                where t.user_id = users.id and t.type = 'purchase') as purchases
         from users left join credit_accounts on credit_accounts.user_id = users.id
        where users.id = any ($1)`,
      [sales.map(({ userId }) => userId)],
    );
    const bookOf = new Map(books.map(({ user_id, ...book }) => [user_id, book]));
    const payments = app.container.get(PaymentRepository);
    const kept = String(outcomes.reduce((sum, outcome) => sum + BigInt(outcome.kept), 0n) * MICROS_PER_CENT);
    const wrong: unknown[] = [];
    for (const sale of sales) {
      const found = await Promise.all(sale.payments.map(({ id }) => payments.find(id)));
      const standings = found.map((one) => [one!.standing, one!.refundedMinor, one!.disputedMinor]);
      const paid = sale.payments.filter((_, index) => !['failed', 'expired'].includes(outcomes[index]!.standing));
      const seen = JSON.stringify([standings, bookOf.get(sale.userId)]);
      const purchases = paid.map(({ id }) => `payment:${id}`).sort();
      const wanted = JSON.stringify([
        outcomes.map(({ standing, refunded, disputed }) => [standing, refunded, disputed]),
        { balance: kept, debt: '0', entries: kept, purchases },
      ]);
      if (seen !== wanted) wrong.push({ order: sale.order, seen, wanted });
    }
    expect(wrong).toEqual([]);
  }
});

const NOTHING = { failed: 0, repairs: [] };

interface Book {
  readonly user_id: UserId;
  readonly balance: string;
  readonly debt: string;
  readonly entries: string;
  readonly purchases: readonly string[];
}
