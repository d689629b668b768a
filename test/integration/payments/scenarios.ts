import type { PaymentStanding } from '#domain/payments/payment';
import type { Json, Shape, StripeBank } from '#test/support/stripe/stripe-bank';

/** One thing that a buyer, a bank or the seller does; answers the events that Stripe sends of it. */
type Deed = (bank: StripeBank, checkouts: readonly string[], shape: Shape) => Json[];

/** What a payment must come to, whatever was heard of it, and when. */
export interface Outcome {
  readonly standing: PaymentStanding;
  /** In cents. */
  readonly refunded: number;
  readonly disputed: number;
  /** The credit that is left of it, in cents of what was paid. */
  readonly kept: number;
}

/** What happens to the checkouts of one user, in the order in which it happens. */
export interface Scenario {
  readonly name: string;
  readonly deeds: readonly Deed[];
  /** By checkout. */
  readonly outcomes: readonly Outcome[];
}

/** Every checkout is over so many cents, and gives a credit for each. */
export const PRICE = 1000;

const pay =
  (which = 0): Deed =>
  (bank, checkouts, shape) =>
    bank.pay(checkouts[which]!, shape);

const refund =
  (amount: number | null, { status = 'pending', which = 0 } = {}): Deed =>
  (bank, checkouts, shape) =>
    bank.refund(intentOf(bank, checkouts[which]!), amount, status, shape);

/** Of the refunds of this checkout the one that was asked for as this one in the row. */
const settle =
  (index: number, status: 'succeeded' | 'failed', which = 0): Deed =>
  (bank, checkouts, shape) =>
    bank.settleRefund(ofIntent(bank.refunds, intentOf(bank, checkouts[which]!))[index]!, status, shape);

const dispute: Deed = (bank, [checkout], shape) => bank.openDispute(intentOf(bank, checkout!), null, shape);

const close =
  (outcome: 'won' | 'lost'): Deed =>
  (bank, [checkout], shape) =>
    bank.closeDispute(ofIntent(bank.disputes, intentOf(bank, checkout!))[0]!, outcome, shape);

/** What Stripe says besides, and what an endpoint that listens to everything hears. */
const chatter: Deed = (bank, [checkout], shape) => {
  const intent = bank.intents.get(intentOf(bank, checkout!))!;
  const charge = bank.charges.get(intent.latest_charge as string)!;
  return [bank.event('payment_intent.succeeded', intent, shape), bank.event('charge.succeeded', charge, shape)];
};

const WHOLE: Outcome = { standing: 'completed', refunded: 0, disputed: 0, kept: PRICE };

export const SCENARIOS: readonly Scenario[] = [
  { name: 'a purchase', deeds: [pay(), chatter], outcomes: [WHOLE] },
  {
    name: 'a bank debit that fails',
    deeds: [
      (bank, [checkout], shape) => bank.startAsyncPayment(checkout!, shape),
      (bank, [checkout], shape) => bank.failAsync(checkout!, shape),
    ],
    outcomes: [{ standing: 'failed', refunded: 0, disputed: 0, kept: 0 }],
  },
  {
    name: 'a bank debit that succeeds',
    deeds: [
      (bank, [checkout], shape) => bank.startAsyncPayment(checkout!, shape),
      (bank, [checkout], shape) => bank.succeedAsync(checkout!, shape),
    ],
    outcomes: [WHOLE],
  },
  {
    name: 'a checkout that nobody pays',
    deeds: [(bank, [checkout], shape) => bank.expire(checkout!, shape)],
    outcomes: [{ standing: 'expired', refunded: 0, disputed: 0, kept: 0 }],
  },
  {
    name: 'a refund in full',
    deeds: [pay(), refund(null), settle(0, 'succeeded')],
    outcomes: [{ standing: 'refunded', refunded: PRICE, disputed: 0, kept: 0 }],
  },
  { name: 'a refund that fails', deeds: [pay(), refund(400), settle(0, 'failed')], outcomes: [WHOLE] },
  {
    name: 'a dispute that is lost',
    deeds: [pay(), dispute, close('lost')],
    outcomes: [{ standing: 'disputed', refunded: 0, disputed: PRICE, kept: 0 }],
  },
  { name: 'a dispute that is won', deeds: [pay(), dispute, close('won')], outcomes: [WHOLE] },
  {
    name: 'a checkout that was paid twice, and one of them refunded',
    deeds: [pay(0), pay(1), refund(null, { which: 1 }), settle(0, 'succeeded', 1)],
    outcomes: [WHOLE, { standing: 'refunded', refunded: PRICE, disputed: 0, kept: 0 }],
  },
  {
    name: 'two partial refunds',
    deeds: [pay(), refund(333), refund(250), settle(0, 'succeeded'), settle(1, 'succeeded')],
    outcomes: [{ standing: 'partially_refunded', refunded: 583, disputed: 0, kept: PRICE - 583 }],
  },
];

/** By event, which deed it tells of. */
export function toldBy({ deeds, outcomes }: Scenario, bank: StripeBank): readonly number[] {
  const checkouts = outcomes.map(() => sessionOf(bank, {}));
  return deeds.flatMap((deed, index) => deed(bank, checkouts, 'current').map(() => index));
}

export function sessionOf(bank: StripeBank, fields: Json): string {
  const price = { currency: 'usd', unit_amount: PRICE };
  return bank.createSession({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data: price }],
    customer: 'cus_1',
    success_url: 'https://app.example.com/yes',
    ...fields,
  }).id as string;
}

function intentOf(bank: StripeBank, checkout: string): string {
  return bank.sessions.get(checkout)!.payment_intent as string;
}

function ofIntent(objects: ReadonlyMap<string, Json>, intent: string): string[] {
  return [...objects.values()].filter(({ payment_intent: of }) => of === intent).map(({ id }) => id as string);
}
