import { referenceInStripeEvent } from '#infrastructure/payments/stripe-events';
import { type Json, type Shape, StripeBank } from '#test/support/stripe/stripe-bank';

/** Every event that a purchase can give rise to, in one shape. */
function everyEvent(shape: Shape): { readonly bank: StripeBank; readonly events: readonly Json[] } {
  const bank = new StripeBank();
  const session = (): string =>
    bank.createSession({
      mode: 'payment',
      line_items: [{ quantity: 1, price_data: { unit_amount: 1000, currency: 'usd' } }],
    }).id as string;
  const [card, late, unpaid, gone] = [session(), session(), session(), session()];
  const events = [
    ...bank.pay(card, shape),
    ...bank.startAsyncPayment(late, shape),
    ...bank.succeedAsync(late, shape),
    ...bank.startAsyncPayment(unpaid, shape),
    ...bank.failAsync(unpaid, shape),
    ...bank.expire(gone, shape),
  ];
  const intent = bank.sessions.get(card)!.payment_intent as string;
  events.push(...bank.refund(intent, 100, 'pending', shape), ...bank.openDispute(intent, 500, shape));
  events.push(...bank.settleRefund([...bank.refunds.keys()][0]!, 'failed', shape));
  events.push(...bank.closeDispute([...bank.disputes.keys()][0]!, 'won', shape));
  return { bank, events };
}

describe.each(['current', 'old'] as const)('events in the %s shape', (shape) => {
  const { bank, events } = everyEvent(shape);

  it.each(events.map((event) => [event.type as string, event]))('%s leads to what it is about', (_, event) => {
    const reference = referenceInStripeEvent(event)!;
    const { object } = event.data as Json;
    if (object.object === 'checkout.session') expect(reference.checkoutId).toBe(object.id);
    else {
      const charge = bank.charges.get((object.object === 'charge' ? object.id : object.charge) as string)!;
      expect(reference.chargeId).toBe(charge.id);
      if (reference.paymentIntentId !== null) expect(reference.paymentIntentId).toBe(charge.payment_intent);
    }
  });
});

describe('other events', () => {
  const of = (type: unknown, object: unknown) => ({ type, data: { object } });

  it.each([
    ['a payment alone', of('payment_intent.succeeded', { id: 'pi_1' })],
    ['a subscription checkout', of('checkout.session.completed', { id: 'cs_1', mode: 'subscription' })],
    ['a setup checkout', of('checkout.session.completed', { id: 'cs_1', mode: 'setup' })],
    ['an invoice', of('invoice.paid', { id: 'in_1' })],
    ['no object', { type: 'checkout.session.completed', data: {} }],
    ['no type', of(undefined, { id: 'cs_1' })],
    ['nothing', null],
  ])('that tell of %s move no purchase', (_, event) => {
    expect(referenceInStripeEvent(event)).toBeNull();
  });
});
