import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import { PaymentRefresh } from '#application/payments/payment-refresh';
import { PaymentSynchronisation } from '#application/payments/payment-synchronisation';
import type { UserId } from '#domain/accounts/user';
import { refusalOf } from '#test/support/refusals';
import { EventWorld, GATEWAY } from './event-world.js';

const STRANGER = '01900000-0000-7000-8000-00000000dead' as UserId;
const CREDIT = 10_000_000n;

let world: EventWorld;
let refresh: PaymentRefresh;

beforeEach(() => {
  world = new EventWorld();
  const { payments, gateway, ledger, transaction, clock } = world;
  refresh = new PaymentRefresh(payments, gateway, new PaymentSynchronisation(payments, ledger, transaction, clock));
});

describe('a buyer who comes back', () => {
  it('finds the credit booked, once, however often the page is loaded', async () => {
    const { id } = await world.purchase('one', 'paid');
    const all = await Promise.all(Array.from({ length: 100 }, () => refresh.execute(id, world.user)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['completed']));
    expect(await world.balance()).toBe(CREDIT);
  });

  it('learns nothing of the purchases of others, and the provider is not asked', async () => {
    const { id } = await world.purchase('one', 'paid');
    expect((await refusalOf(refresh.execute(id, STRANGER))).code).toBe('payment_not_found');
    expect([world.gateway.asked, await world.balance()]).toEqual([[], 0n]);
  });

  it('finds a purchase as it is that was never opened', async () => {
    const payment = await world.purchase('one', 'paid', { opened: false });
    expect(await refresh.execute(payment.id, world.user)).toEqual(payment);
    expect(world.gateway.asked).toEqual([]);
  });

  it('is told so when the purchase was made with another provider', async () => {
    const payment = await world.purchase('one', 'paid', { gateway: 'stripe-live' });
    const { code, facts } = await refusalOf(refresh.execute(payment.id, world.user));
    expect([code, facts]).toEqual([
      'payment_gateway_changed',
      { payment_id: payment.id, gateway: 'stripe-live', configured: GATEWAY },
    ]);
    expect([world.gateway.asked, await world.balance()]).toEqual([[], 0n]);
  });

  it('is told of no outcome that nobody knows', async () => {
    const payment = await world.purchase('one', 'paid');
    world.gateway.faults.set('cs_one', new PaymentProviderUnavailable(GATEWAY));
    await expect(refresh.execute(payment.id, world.user)).rejects.toThrow(PaymentProviderUnavailable);
    expect(await world.payments.find(payment.id)).toEqual(payment);
    expect(await world.balance()).toBe(0n);
  });
});
