import { jest } from '@jest/globals';
import { IncludedCreditGrant } from '#application/billing/included-credit-grant';
import {
  SubscriptionReconciliation,
  type SubscriptionReconciliationRun,
} from '#application/billing/subscription-reconciliation';
import { CustomerSynchronisation } from '#application/billing/customer-synchronisation';
import { CreditVerification } from '#application/credits/credit-verification';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import type { UserId } from '#domain/accounts/user';
import type { TestApp } from '#test/support/app';
import { ordersOf, SEED } from '#test/support/orders';
import type { Json, Shape } from '#test/support/stripe/stripe-bank';
import type { StripeDouble } from '#test/support/stripe/stripe-double';
import { noticeOf } from '#test/support/stripe/stripe-notice';
import { type Left, leftOf, putAside } from './permutation-end.js';
import { type Buyer, type Scenario, SCENARIOS, START } from './permutation-scenarios.js';
import { forget, type Moment, momentAtStart, startWorld, within } from './permutation-world.js';

jest.setTimeout(1_200_000);

const AT_A_TIME = 12;
const BATCH = 60;

/**
 * How many orders of a scenario run, as they come and in the other ways: all of them up to four events, or else a sample by a seed
 * that is printed. EVERY_ORDER=1 on the command line runs every order of up to six events in every way, and all 5 040 orders of
 * seven as they come, which takes many minutes.
 */
const MOST_ORDERS =
  process.env['EVERY_ORDER'] === '1' ? { plain: Number.POSITIVE_INFINITY, other: 720 } : { plain: 16, other: 4 };
const ALL_UP_TO = 4;

/**
 * `twice`: each event is delivered again at once, and again by a second endpoint later. `overtaken`: while Stripe's answer to the one
 * is on its way, the world goes on and the next is handled. `lost`: the first never comes.
 */
type Way = 'once' | 'twice' | 'overtaken' | 'lost';
const WAYS: readonly (readonly [Way, string])[] = [
  ['once', 'each of them once'],
  ['twice', 'each of them again and again'],
  ['overtaken', 'each of them overtaken by the next'],
  ['lost', 'one of them lost, and the reconciler'],
];
const SHAPES: readonly Shape[] = ['current', 'old'];

/** Of what Stripe sends, that which moves most; the other events come in the same second, and ask for the same. */
const HEARD =
  /^(checkout\.session\.completed|customer\.updated|customer\.subscription\..+|invoice\.(paid|payment_failed)|subscription_schedule\..+)$/;

interface Sale {
  readonly userId: UserId;
  readonly order: readonly number[];
  readonly buyer: Buyer;
  readonly moment: Moment;
}

describe('whatever the order of the events of subscriptions', () => {
  let app: TestApp;
  let stripe: StripeDouble;
  let intake: PaymentEventIntake;
  let handling: PaymentEventHandling;
  let synchronisation: CustomerSynchronisation;
  const told: string[] = [];
  beforeAll(async () => {
    ({ app, stripe } = await startWorld());
    intake = app.container.get(PaymentEventIntake);
    handling = app.container.get(PaymentEventHandling);
    synchronisation = app.container.get(CustomerSynchronisation);
  });
  afterAll(async () => {
    await app?.stop();
    await stripe?.stop();
    process.stdout.write(`orders of events that ended the same (seed ${SEED}):\n${told.join('\n')}\n`);
  });

  describe.each(SHAPES)('in the %s shape of the API', (shape) => {
    describe.each(WAYS)('%s: %s', (way) => {
      it.each(SCENARIOS)('$name ends the same', async (scenario) => {
        const count = await eventsOf(scenario);
        const most = way === 'once' && shape === 'current' ? MOST_ORDERS.plain : MOST_ORDERS.other;
        const { orders, told: tried } = ordersOf(count, count > ALL_UP_TO ? most : Number.POSITIVE_INFINITY);
        const began = performance.now();
        for (let from = 0; from < orders.length; from += BATCH) {
          await run(scenario, orders.slice(from, from + BATCH), way, shape);
        }
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        told.push(`  ${shape}, ${way}: ${scenario.name}, ${count} events: ${tried} in ${seconds} s`);
      });
    });
  });

  it('and the book of credit is what its entries prove, and no event is left', async () => {
    const { findings } = await app.container.get(CreditVerification).execute(null);
    expect(findings).toEqual([]);
    const left = `select status, count(*)::int from payment_events where status not in ('applied', 'ignored') group by 1`;
    expect(await app.rows(left)).toEqual([]);
  });

  /** How many events are heard of a scenario. */
  async function eventsOf(scenario: Scenario): Promise<number> {
    const moment = momentAtStart('current');
    const buyer = buyerAt(moment);
    await within(moment, async () => scenario.before.forEach((deed) => deed(buyer)));
    moment.events.length = 0;
    await within(moment, async () => scenario.deeds.forEach((deed) => deed(buyer)));
    return heardIn(moment).length;
  }

  async function run(
    scenario: Scenario,
    orders: readonly (readonly number[])[],
    way: Way,
    shape: Shape,
  ): Promise<void> {
    forget(stripe);
    const sales = await opened(orders, shape);
    const waiting = [...sales];
    const next = async (): Promise<void> => {
      for (let sale = waiting.pop(); sale; sale = waiting.pop()) {
        const { moment } = sale;
        await within(moment, () => delivered(scenario, sale, way));
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, next));
    const last = sales[0]!.moment;
    const { failed, repairs } = await within(last, reconciled);
    expect(failed).toBe(0);
    // What was heard of is so already.
    if (way !== 'lost') expect(repairs).toEqual([]);
    // Twice, since jobs may be.
    for (let times = 0; times < 2; times++) {
      const { failed: kept } = await within(last, () => app.container.get(IncludedCreditGrant).execute());
      expect(kept).toBe(0);
    }
    await mustEndTheSame(scenario, sales);
    await putAside(
      app,
      sales.map(({ userId }) => userId),
    );
  }

  /** The world goes on no further than it must have for an event to be sent: that is what Stripe then says. */
  async function delivered({ before, deeds }: Scenario, { order, buyer, moment }: Sale, way: Way): Promise<void> {
    for (const deed of before) deed(buyer);
    if (before.length > 0) await synchronisation.execute(buyer.customerId);
    moment.events.length = 0;
    let done = 0;
    const eventAt = (index: number): Json => {
      while (heardIn(moment).length <= index) deeds[done++]!(buyer);
      return heardIn(moment)[index]!;
    };
    const tellFrom = async (place: number): Promise<void> => {
      if (place >= order.length) return;
      const event = eventAt(order[place]!);
      if (way === 'overtaken') moment.meanwhile = () => tellFrom(place + 1);
      if (way !== 'lost' || place > 0) await tell(event);
      if (way === 'twice') await tell(event);
      const { meanwhile } = moment;
      moment.meanwhile = null;
      if (way !== 'overtaken') await tellFrom(place + 1);
      // It asked for nothing.
      else await meanwhile?.();
    };
    await tellFrom(0);
    // Two endpoints at one address: the same once more, under other names.
    if (way === 'twice') {
      for (const index of order) {
        const event = eventAt(index);
        await tell({ ...event, id: `${event.id}_again` });
      }
    }
    while (done < deeds.length) deeds[done++]!(buyer);
  }

  async function tell(event: Json): Promise<void> {
    const notice = noticeOf(event);
    await intake.execute(notice);
    await handling.execute(notice.id);
  }

  function reconciled(): Promise<SubscriptionReconciliationRun> {
    const request = { since: START, share: null, dryRun: false };
    return app.container.get(SubscriptionReconciliation).execute(request);
  }

  function buyerAt({ clock }: Moment): Buyer {
    const { bank } = stripe;
    return { bank, clock, customerId: bank.createCustomer({}).id as string, checkouts: [] };
  }

  async function opened(orders: readonly (readonly number[])[], shape: Shape): Promise<Sale[]> {
    const sales = orders.map((order) => {
      const moment = momentAtStart(shape);
      return { userId: crypto.randomUUID() as UserId, order, moment, buyer: buyerAt(moment) };
    });
    const ids = sales.map(({ userId }) => userId);
    const customers = sales.map(({ buyer }) => buyer.customerId);
    await app.rows(
      `insert into users (id, email, name, role, plan, created_at)
       select id, id || '@example.com', 'Test', 'user', 'free', $2 from unnest($1::uuid[]) as id`,
      [ids, START],
    );
    await app.rows(
      `insert into payment_customers (user_id, gateway, customer_id, created_at)
       select user_id, 'stripe-test', customer_id, $3 from unnest($1::uuid[], $2::text[]) as of (user_id, customer_id)`,
      [ids, customers, START],
    );
    return sales;
  }

  const firstEnds = new Map<string, Left>();

  async function mustEndTheSame({ name, end }: Scenario, sales: readonly Sale[]): Promise<void> {
    expect(stripe.bank.customers.size).toBe(sales.length);
    const left = await leftOf(
      app,
      sales.map(({ userId }) => userId),
    );
    const wrong: unknown[] = [];
    for (const { userId, order } of sales) {
      const seen = left.get(userId)!;
      const first = firstEnds.get(name) ?? seen;
      firstEnds.set(name, first);
      const isSame = JSON.stringify(seen.rows) === JSON.stringify(first.rows);
      const isRight = JSON.stringify(seen.end) === JSON.stringify({ ...end, steps: undefined });
      const missing = end.steps.map((kinds, index) => kinds.filter((kind) => !seen.steps[index]?.includes(kind)));
      if (isSame && isRight && missing.flat().length === 0 && seen.steps.length === end.steps.length) continue;
      wrong.push({ order, missing, seen: seen.end, end, rows: seen.rows, first: first.rows });
    }
    expect(wrong).toEqual([]);
  }
});

function heardIn({ events }: Moment): readonly Json[] {
  return events.filter(({ type }) => HEARD.test(type as string));
}
