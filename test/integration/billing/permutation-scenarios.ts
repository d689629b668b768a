import type { ManualClock } from '#test/support/fakes/manual-clock';
import type { Json, StripeBank } from '#test/support/stripe/stripe-bank';
import { createSubscriptionSession } from '#test/support/stripe/stripe-billing-routes';
import { DAY } from '#test/support/stripe/stripe-subscriptions';

/** The last of a month, so that every renewal shows what a boundary is counted from. */
export const START = new Date('2026-01-31T10:00:00.000Z');

/** One customer at Stripe, at a moment of its own. */
export interface Buyer {
  readonly bank: StripeBank;
  readonly clock: ManualClock;
  readonly customerId: string;
  /** In the order in which they were opened. */
  readonly checkouts: string[];
}

/** One thing that a buyer, a bank, the seller or time does. Its events are those that the bank sends meanwhile. */
type Deed = (buyer: Buyer) => void;

/** What is left, whatever was heard, and when. */
export interface End {
  readonly plan: string;
  /** From which the user's months are counted; null: nobody gave a plan. */
  readonly anchor: string | null;
  /** By subscription, oldest first: status, dunning, the period that runs, and whether an operator must look. */
  readonly subscriptions: readonly (readonly [string, string, string, string, 'clear' | 'review'])[];
  /** By invoice, oldest first: what was charged in cents. */
  readonly charged: readonly number[];
  /** In dollars, by grant. */
  readonly credit: readonly number[];
  /** By subscription, what its timeline says however little was watched. What only happened on the way may be missing in it. */
  readonly steps: readonly (readonly string[])[];
}

export interface Scenario {
  readonly name: string;
  /** Known before anything is heard out of order. */
  readonly before: readonly Deed[];
  readonly deeds: readonly Deed[];
  readonly end: End;
}

export const PRICES = [
  { plan: 'student', cycle: 'month', priceId: 'price_student', amount: 999 },
  { plan: 'pro', cycle: 'month', priceId: 'price_pro', amount: 2999 },
  { plan: 'pro', cycle: 'year', priceId: 'price_pro_year', amount: 25_492 },
] as const;
/** What somebody sold at Stripe's own page, and the catalogue does not know. */
export const UNKNOWN_PRICE = 'price_of_another_shop';

const open =
  (priceId: string, trialDays = 0): Deed =>
  ({ bank, customerId, checkouts }) => {
    const session = createSubscriptionSession(bank, {
      mode: 'subscription',
      customer: customerId,
      line_items: [{ price: priceId, quantity: 1 }],
      subscription_data: { ...(trialDays > 0 && { trial_period_days: trialDays }) },
      success_url: 'https://app.example.com/paid',
    });
    checkouts.push(session.id as string);
  };

const pay =
  (which = 0): Deed =>
  ({ bank, checkouts }) =>
    void bank.billing.subscribe(checkouts[which]!);

const SIGNED_UP: readonly Deed[] = [open('price_student'), pay()];

/** Time passes until the period that runs is over, and then this happens. */
const atPeriodEnd =
  (deed: Deed): Deed =>
  (buyer) => {
    buyer.clock.set(new Date(periodEndOf(buyer) * 1000));
    deed(buyer);
  };

const later =
  (days: number, deed: Deed): Deed =>
  (buyer) => {
    buyer.clock.advance(days * DAY);
    deed(buyer);
  };

/** Something happens to what the first checkout sold. */
const sold =
  (happens: (billing: StripeBank['billing'], subscription: string) => unknown): Deed =>
  (buyer) =>
    void happens(buyer.bank.billing, idOf(buyer));

const renew = atPeriodEnd(sold((billing, id) => billing.renew(id)));
const failRenewal = atPeriodEnd(sold((billing, id) => billing.failRenewal(id)));
const retryInVain = sold((billing, id) => billing.retryInVain(openInvoiceOf(billing, id)));
const giveUp = sold((billing, id) => billing.giveUp(id, 'canceled'));
const payOpen = sold((billing, id) => billing.payOpen(openInvoiceOf(billing, id)));
const cancel = sold((billing, id) => billing.cancel(id));
const remindOfTrial = sold((billing, id) => billing.remindOfTrial(id));
const endTrial = atPeriodEnd(sold((billing, id) => billing.endTrial(id)));

const endWithPeriod =
  (ends: boolean): Deed =>
  (buyer) => {
    const at = ends ? periodEndOf(buyer) : null;
    const fields = { cancel_at_period_end: ends, cancel_at: at, canceled_at: ends ? buyer.bank.now : null };
    buyer.bank.billing.updated(soldBy(buyer), fields, 'current');
  };

const changeCard: Deed = (buyer) => {
  buyer.bank.billing.addCard(buyer.customerId, 'mastercard', '4444');
  const { default_payment_method: card } = buyer.bank.customers.get(buyer.customerId)!.invoice_settings as Json;
  buyer.bank.billing.updated(soldBy(buyer), { default_payment_method: card }, 'current');
};

/** On the tenth day. */
const upgrade = later(10, (buyer) => {
  const { billing, now } = buyer.bank;
  billing.changePlan(soldBy(buyer), {
    price: 'price_pro',
    at: now,
    charges: true,
    orElseRefused: false,
    endsTrial: false,
  });
});

const JANUARY = '2026-01-31T10:00:00.000Z';
/** Short months end before the day of the anchor: https://docs.stripe.com/billing/subscriptions/billing-cycle */
const FEBRUARY = '2026-02-28T10:00:00.000Z';
const MARCH = '2026-03-31T10:00:00.000Z';
const APRIL = '2026-04-30T10:00:00.000Z';
const MAY = '2026-05-31T10:00:00.000Z';
/** Fourteen days after the start, and a month after that. */
const TRIAL_END = '2026-02-14T10:00:00.000Z';
const TRIAL_MONTH = '2026-03-14T10:00:00.000Z';

const STUDENT = 5;
const PRO = 20;
/** What each plan's month brings, in dollars. */
export const INCLUDED: Readonly<Record<string, number>> = { student: STUDENT, pro: PRO };

type Subscription = End['subscriptions'][number];
const running = (start: string, end: string): Subscription => ['active', 'clear', start, end, 'clear'];
const ended = (start: string, end: string): Subscription => ['canceled', 'ended', start, end, 'clear'];

/** A month of the plan for students, which runs. */
const SOLD: End = {
  plan: 'student',
  anchor: JANUARY,
  subscriptions: [running(JANUARY, FEBRUARY)],
  charged: [999],
  credit: [STUDENT],
  steps: [['subscribed']],
};
/** The same month, and nothing after it. */
const OVER: End = {
  ...SOLD,
  plan: 'free',
  subscriptions: [ended(JANUARY, FEBRUARY)],
  credit: [],
  steps: [['canceled', 'subscribed']],
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a sign-up',
    before: [],
    deeds: [...SIGNED_UP, changeCard],
    end: SOLD,
  },
  {
    name: 'a trial that becomes a subscription',
    before: [],
    deeds: [open('price_pro', 14), pay(), later(11, remindOfTrial), endTrial],
    end: {
      plan: 'pro',
      anchor: TRIAL_END,
      subscriptions: [running(TRIAL_END, TRIAL_MONTH)],
      charged: [0, 2999],
      credit: [PRO],
      steps: [['trial_ended', 'trial_started']],
    },
  },
  {
    name: 'an upgrade within the month',
    before: [],
    deeds: [...SIGNED_UP, upgrade],
    // Eighteen days of twenty-eight are left: 1928 for the new price, less 642 for the old one.
    end: { ...SOLD, plan: 'pro', charged: [999, 1286], credit: [PRO] },
  },
  {
    name: 'a renewal that fails and is paid later',
    before: SIGNED_UP,
    deeds: [failRenewal, later(3, retryInVain), payOpen],
    end: {
      ...SOLD,
      subscriptions: [running(FEBRUARY, MARCH)],
      charged: [999, 999],
      steps: [['renewed', 'subscribed']],
    },
  },
  {
    name: 'a renewal that fails, and Stripe cancels',
    before: SIGNED_UP,
    deeds: [failRenewal, later(3, retryInVain), later(4, giveUp)],
    end: { ...OVER, subscriptions: [ended(FEBRUARY, MARCH)], charged: [999, 0] },
  },
  {
    name: 'a cancellation at the end, taken back and made again',
    before: SIGNED_UP,
    deeds: [endWithPeriod(true), endWithPeriod(false), endWithPeriod(true), renew],
    end: OVER,
  },
  {
    name: 'a cancellation at once',
    before: SIGNED_UP,
    deeds: [changeCard, later(2, cancel)],
    end: OVER,
  },
  {
    name: 'two checkouts that were both paid',
    before: [],
    deeds: [open('price_student'), open('price_student'), pay(0), pay(1)],
    end: {
      ...SOLD,
      subscriptions: [running(JANUARY, FEBRUARY), ['active', 'clear', JANUARY, FEBRUARY, 'review']],
      charged: [999, 999],
      steps: [['subscribed'], ['review', 'subscribed']],
    },
  },
  {
    name: 'two checkouts that were both paid, and the first of them canceled',
    before: [],
    deeds: [open('price_student'), open('price_pro'), pay(0), later(1, pay(1)), later(1, cancel)],
    end: {
      plan: 'pro',
      anchor: '2026-02-01T10:00:00.000Z',
      subscriptions: [ended(JANUARY, FEBRUARY), running('2026-02-01T10:00:00.000Z', '2026-03-01T10:00:00.000Z')],
      charged: [999, 2999],
      credit: [PRO],
      steps: [['canceled', 'subscribed'], ['subscribed']],
    },
  },
  {
    name: 'a price that the catalogue does not know',
    before: [],
    deeds: [open(UNKNOWN_PRICE), pay()],
    end: {
      plan: 'free',
      anchor: null,
      subscriptions: [['active', 'clear', JANUARY, FEBRUARY, 'review']],
      charged: [1234],
      credit: [],
      steps: [['review', 'subscribed']],
    },
  },
  {
    name: 'three renewals since the 31st of January',
    before: SIGNED_UP,
    deeds: [renew, renew, renew],
    end: {
      ...SOLD,
      subscriptions: [running(APRIL, MAY)],
      charged: [999, 999, 999, 999],
      steps: [['renewed', 'subscribed']],
    },
  },
];

function soldBy(buyer: Buyer): Json {
  return buyer.bank.billing.subscriptions.get(idOf(buyer))!;
}

/** In seconds, as Stripe counts. */
function periodEndOf(buyer: Buyer): number {
  return Number(soldBy(buyer).items.data[0].current_period_end);
}

function idOf({ bank, checkouts }: Buyer): string {
  return bank.sessions.get(checkouts[0]!)!.subscription as string;
}

function openInvoiceOf(billing: StripeBank['billing'], subscription: string): string {
  return billing.openOf(subscription)[0]!.id as string;
}
