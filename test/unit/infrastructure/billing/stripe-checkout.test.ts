import { CheckoutNotFound, PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import { StripeDesk, USER } from './stripe-desk.js';

let desk: StripeDesk;
beforeEach(async () => (desk = await StripeDesk.open()));
afterEach(() => desk.double.stop());

describe('a checkout of a subscription', () => {
  it('sells the price to the customer, with our names on the checkout and on the subscription', async () => {
    const order = desk.order('price_pro', 14);
    const checkout = await desk.gateway.openCheckout(order);
    expect(checkout).toMatchObject({ state: 'open', url: expect.stringContaining(checkout.sessionId) });
    const { params, idempotencyKey } = desk.asked('POST', /checkout/)[0]!;
    expect(idempotencyKey).toBe(`subscription-checkout:${order.id}:${desk.customer}`);
    expect(params).toMatchObject({
      mode: 'subscription',
      customer: desk.customer,
      client_reference_id: USER,
      line_items: [{ price: 'price_pro', quantity: 1 }],
      subscription_data: { trial_period_days: 14, metadata: { user_id: USER, checkout_id: order.id } },
      metadata: { user_id: USER, checkout_id: order.id },
    });
    desk.billing.subscribe(checkout.sessionId);
    expect(await desk.gateway.getCheckout(checkout.sessionId)).toMatchObject({ state: 'complete', url: null });
    expect((await desk.snapshot()).status).toBe('trialing');
  });

  it('has no trial of no days', async () => {
    await desk.gateway.openCheckout(desk.order('price_pro', 0));
    expect(desk.asked('POST', /checkout/)[0]!.params.subscription_data).not.toHaveProperty('trial_period_days');
  });

  it('is the same one for the same order, also when the answer was lost', async () => {
    const order = desk.order();
    desk.double.faults.push(...Array(3).fill({ cut: 'after', path: /checkout/ }));
    await expect(desk.gateway.openCheckout(order)).rejects.toThrow(PaymentProviderUnavailable);
    const [one, other] = [await desk.gateway.openCheckout(order), await desk.gateway.openCheckout(order)];
    expect(other.sessionId).toBe(one.sessionId);
    expect(desk.double.bank.sessions.size).toBe(1);
  });

  it('ends when it is told to, once', async () => {
    const { sessionId } = await desk.gateway.openCheckout(desk.order());
    expect(await desk.gateway.expireCheckout(sessionId)).toEqual({ sessionId, state: 'expired', url: null });
    expect(await desk.gateway.expireCheckout(sessionId)).toMatchObject({ state: 'expired' });
    expect(desk.asked('POST', /expire/)).toHaveLength(1);
  });

  it('that is complete stays so when it is told to end, also when it was paid in that moment', async () => {
    const { sessionId } = await desk.gateway.openCheckout(desk.order());
    const held = desk.double.faults.hold(/expire/);
    const ended = desk.gateway.expireCheckout(sessionId);
    await held.reached;
    desk.billing.subscribe(sessionId);
    held.release();
    expect(await ended).toMatchObject({ state: 'complete' });
    expect(await desk.gateway.expireCheckout(sessionId)).toMatchObject({ state: 'complete' });
  });

  it('that does not exist is not found', async () => {
    await expect(desk.gateway.getCheckout('cs_test_unknown')).rejects.toThrow(CheckoutNotFound);
    await expect(desk.gateway.expireCheckout('cs_test_unknown')).rejects.toThrow(CheckoutNotFound);
  });

  it('sells one subscription to one customer where the account says so, and two where it does not', async () => {
    const [one, other] = [await desk.gateway.openCheckout(desk.order()), await desk.gateway.openCheckout(desk.order())];
    expect(desk.billing.subscribe(one.sessionId)).not.toEqual([]);
    expect(desk.billing.subscribe(other.sessionId)).toEqual([]);
    expect(desk.billing.subscriptions.size).toBe(1);
    desk.billing.limitsToOne = false;
    desk.billing.subscribe(other.sessionId);
    expect(await desk.gateway.listSubscriptions(desk.customer)).toHaveLength(2);
  });
});

describe('the portal', () => {
  const BACK = 'https://app.example.com/billing';
  const asked = (): object => desk.asked('POST', /billing_portal/)[0]!.params;

  it('is opened as a whole', async () => {
    expect(await desk.gateway.openPortal(desk.customer, null, null, BACK)).toMatch(/^https:\/\/billing\.stripe/);
    expect(asked()).toEqual({ customer: desk.customer, return_url: BACK });
  });

  it('is opened for another card, also while something is owed', async () => {
    const id = await desk.subscribed();
    desk.billing.failRenewal(id);
    await desk.gateway.openPortal(desk.customer, 'payment_method', id, BACK);
    expect(asked()).toMatchObject({
      flow_data: {
        type: 'payment_method_update',
        after_completion: { type: 'redirect', redirect: { return_url: BACK } },
      },
    });
  });

  it('is opened to cancel the subscription, or as a whole where there is none', async () => {
    const id = await desk.subscribed();
    await desk.gateway.openPortal(desk.customer, 'cancel', id, BACK);
    expect(asked()).toMatchObject({
      flow_data: { type: 'subscription_cancel', subscription_cancel: { subscription: id } },
    });
    await desk.gateway.openPortal(desk.customer, 'cancel', null, BACK);
    expect(desk.asked('POST', /billing_portal/)[1]!.params).not.toHaveProperty('flow_data');
  });
});

describe('customers touched since', () => {
  const touchedSince = async (since: Date): Promise<string[]> => {
    const found: string[] = [];
    for await (const customer of desk.gateway.customersTouchedSince(since)) found.push(customer);
    return found;
  };

  it('are those of whom Stripe keeps an event, each once', async () => {
    const id = await desk.subscribed();
    desk.clock.set('2026-02-28T10:00:00.000Z');
    const since = desk.clock.now();
    expect(await touchedSince(since)).toEqual([]);
    desk.billing.renew(id);
    desk.double.bank.createCustomer({ email: 'quiet@example.com' });
    expect(await touchedSince(since)).toEqual([desk.customer]);
  });

  it('are all who ever had a subscription when it is longer ago than events are kept', async () => {
    await desk.subscribed();
    desk.double.bank.events.clear();
    const since = desk.clock.now();
    desk.clock.advance(28 * 86_400);
    expect(await touchedSince(since)).toEqual([]);
    desk.clock.advance(2 * 86_400);
    expect(await touchedSince(since)).toEqual([desk.customer]);
  });
});
