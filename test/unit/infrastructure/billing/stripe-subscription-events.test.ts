import { customerInStripeEvent, LISTED_EVENTS } from '#infrastructure/billing/stripe-subscription-events';
import { referenceInStripeEvent } from '#infrastructure/payments/stripe-events';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type Json, type Shape, StripeBank } from '#test/support/stripe/stripe-bank';
import { createSubscriptionSession } from '#test/support/stripe/stripe-billing-routes';

/** Every event that a life of subscriptions gives rise to, in one shape. */
function everyEvent(shape: Shape): { readonly customer: string; readonly events: readonly Json[] } {
  const bank = new StripeBank(new ManualClock('2026-01-31T10:00:00Z'));
  const { billing } = bank;
  billing.addPrice('price_pro', 3000, 'month');
  const customer = bank.createCustomer({ email: 'ada@example.com' }).id as string;
  const session = (): string => {
    const line_items = [{ price: 'price_pro', quantity: 1 }];
    return createSubscriptionSession(bank, { mode: 'subscription', customer, line_items }).id as string;
  };
  const [bought, left] = [session(), session()];
  const events = [...bank.expire(left, shape), ...billing.subscribe(bought, shape)];
  const id = bank.sessions.get(bought)!.subscription as string;
  events.push(...billing.addCard(customer, 'visa', '1881', shape), ...billing.remindOfTrial(id, shape));
  events.push(...billing.renew(id, shape), ...billing.failRenewal(id, shape));
  const open = billing.openOf(id)[0]!.id as string;
  events.push(...billing.retryInVain(open, shape), ...billing.payOpen(open, shape));
  events.push(...billing.detachCard([...billing.paymentMethods.keys()][0]!, shape));
  const schedule = billing.schedules.fromSubscription({ from_subscription: id });
  const phase = { ...schedule.phases[0], duration: undefined };
  billing.schedules.revise(schedule.id as string, { phases: [phase, { items: [{ price: 'price_pro' }] }] });
  events.push(...billing.renew(id, shape), ...billing.deleteCustomer(customer, shape));
  return { customer, events };
}

describe.each(['current', 'old'] as const)('events in the %s shape', (shape) => {
  const { customer, events } = everyEvent(shape);

  it('are of every kind that subscribers cause', () => {
    expect(events.map(({ type }) => type as string)).toEqual(
      expect.arrayContaining([
        'checkout.session.completed',
        'checkout.session.expired',
        'customer.subscription.created',
        'customer.subscription.updated',
        'customer.subscription.deleted',
        'customer.subscription.trial_will_end',
        'subscription_schedule.updated',
        'invoice.finalized',
        'invoice.paid',
        'invoice.payment_failed',
        'invoice_payment.paid',
        'customer.updated',
        'customer.deleted',
        'payment_method.attached',
        'payment_method.detached',
      ]),
    );
  });

  it.each(events.map((event, index) => [index, event.type as string, event] as const))(
    '%i: %s leads to the customer, and to no purchase of credit',
    (_, type, event) => {
      // A payment names its invoice alone.
      expect(customerInStripeEvent(event)).toBe(type === 'invoice_payment.paid' ? null : customer);
      expect(referenceInStripeEvent(event)).toBeNull();
    },
  );

  it('write periods where their version has them', () => {
    const { object } = events.find(({ type }) => type === 'customer.subscription.created')!.data as Json;
    const holder: Json = shape === 'old' ? object : object.items.data[0];
    expect(holder.current_period_end).toBe(Date.parse('2026-02-28T10:00:00Z') / 1000);
    expect('current_period_end' in object).toBe(shape === 'old');
  });
});

const of = (type: unknown, object: unknown, previous: object = {}) => ({
  type,
  data: { object, previous_attributes: previous },
});

describe('an event', () => {
  it.each([
    'customer.subscription.paused',
    'customer.subscription.resumed',
    'customer.subscription.pending_update_applied',
    'customer.subscription.pending_update_expired',
    'invoice.payment_action_required',
    'invoice.overdue',
    'invoice.finalization_failed',
    'invoice.marked_uncollectible',
    'invoice.voided',
    'invoice.updated',
    'credit_note.created',
    'credit_note.voided',
    'payment_method.automatically_updated',
    'subscription_schedule.released',
  ])('%s is about its customer, named or whole', (type) => {
    expect(customerInStripeEvent(of(type, { id: 'x_1', customer: 'cus_1' }))).toBe('cus_1');
    expect(customerInStripeEvent(of(type, { id: 'x_1', customer: { id: 'cus_1' } }))).toBe('cus_1');
    expect(customerInStripeEvent(of(type, { id: 'x_1', customer: null }))).toBeNull();
  });

  it('of a payment is about the customer of its invoice, where that is whole', () => {
    const payment = of('invoice_payment.paid', { id: 'inpay_1', invoice: { id: 'in_1', customer: 'cus_1' } });
    expect(customerInStripeEvent(payment)).toBe('cus_1');
  });

  it('of a card that was detached is about whom it belonged to', () => {
    const detached = of('payment_method.detached', { id: 'pm_1', customer: null }, { customer: 'cus_1' });
    expect(customerInStripeEvent(detached)).toBe('cus_1');
  });

  it.each([
    ['a checkout of credit', of('checkout.session.completed', { mode: 'payment', customer: 'cus_1' })],
    ['an invoice to come', of('invoice.upcoming', { customer: 'cus_1' })],
    ['a payment that invoice.paid tells of', of('invoice.payment_succeeded', { customer: 'cus_1' })],
    ['a new customer', of('customer.created', { id: 'cus_1' })],
    ['a charge', of('charge.succeeded', { customer: 'cus_1' })],
    ['no object', { type: 'invoice.paid', data: {} }],
    ['no type', of(undefined, { customer: 'cus_1' })],
    ['nothing', null],
  ])('of %s moves no subscription', (_, event) => {
    expect(customerInStripeEvent(event)).toBeNull();
  });
});

describe('the events that are asked for', () => {
  it('are as many as Stripe lists at once, each understood', () => {
    expect(LISTED_EVENTS).toHaveLength(20);
    for (const type of LISTED_EVENTS) {
      expect(customerInStripeEvent(of(type, { id: 'cus_1', customer: 'cus_1' }))).toBe('cus_1');
    }
  });
});
