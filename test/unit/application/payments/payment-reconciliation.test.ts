import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import { CHECKOUT_LIFETIME_MS } from '#domain/payments/payment';
import { EventWorld, GATEWAY } from './event-world.js';

const CREDIT = 10_000_000n;
const HOUR = 3600;

describe('the reconciler', () => {
  let world: EventWorld;
  beforeEach(() => {
    world = new EventWorld();
  });

  const run = (dryRun = false, reason: string | null = null) =>
    world.reconciliation().execute({
      since: new Date(world.clock.now().getTime() - 24 * HOUR * 1000),
      operator: { actor: 'system', reason },
      dryRun,
    });

  it('gives the credit of a purchase that no message told of, once', async () => {
    const payment = await world.purchase('one', 'paid');
    world.gateway.touched = ['cs_one'];
    const first = await run();
    const second = await run();
    expect(first).toMatchObject({
      examined: 1,
      failed: 0,
      repairs: [{ paymentId: payment.id, before: { standing: 'pending' }, after: { standing: 'completed' } }],
    });
    expect(second).toMatchObject({ examined: 1, failed: 0, repairs: [] });
    expect(await world.balance()).toBe(CREDIT);
    expect(world.runs.all).toEqual([first, second]);
  });

  it('looks at its own purchases without an end after a quarter of an hour, listed or not, and at each once', async () => {
    await world.purchase('one', 'expired');
    world.clock.advance(15 * 60 - 1);
    expect(await run()).toMatchObject({ examined: 0 });
    world.clock.advance(2);
    expect(await run(true)).toMatchObject({ examined: 1 });
    world.gateway.touched = ['cs_one', 'cs_one'];
    expect(await run()).toMatchObject({ examined: 1, repairs: [{ after: { standing: 'expired' } }] });
  });

  it('takes back what was refunded meanwhile', async () => {
    const payment = await world.purchase('one', 'paid');
    world.gateway.touched = ['cs_one'];
    await run();
    const refund = { id: 're_1', kind: 'refund', amountMinor: 400, status: 'succeeded', effective: true } as const;
    world.gateway.checkouts.set('cs_one', {
      ...world.gateway.checkouts.get('cs_one')!,
      corrections: [{ ...refund, createdAt: world.clock.now() }],
    });
    expect(await run()).toMatchObject({
      repairs: [{ paymentId: payment.id, before: { refunded_minor: 0 }, after: { refunded_minor: 400 } }],
    });
    expect(await world.balance()).toBe(6_000_000n);
  });

  it('asks about a dispute that is not decided however old it is, until it is', async () => {
    const payment = await world.purchase('one', 'paid');
    world.gateway.touched = ['cs_one'];
    const dispute = { id: 'dp_1', kind: 'dispute', amountMinor: 1000, effective: true } as const;
    const says = (status: string, effective: boolean): void => {
      const corrections = [{ ...dispute, status, effective, createdAt: world.clock.now() }];
      world.gateway.checkouts.set('cs_one', { ...world.gateway.checkouts.get('cs_one')!, corrections });
    };
    says('under_review', true);
    await run();
    expect(await world.balance()).toBe(0n);
    world.gateway.touched = [];
    world.clock.advance(60 * 24 * HOUR);
    says('won', false);
    expect(await run()).toMatchObject({ examined: 1, repairs: [{ paymentId: payment.id }] });
    expect(await world.balance()).toBe(CREDIT);
    expect(await run()).toMatchObject({ examined: 0 });
  });

  it('lets a purchase expire whose checkout was never opened, once its time is over', async () => {
    const payment = await world.purchase('one', 'open', { opened: false });
    world.clock.advance(CHECKOUT_LIFETIME_MS / 1000 - 1);
    expect(await run()).toMatchObject({ examined: 1, repairs: [] });
    world.clock.advance(1);
    expect(await run()).toMatchObject({ examined: 1, repairs: [{ paymentId: payment.id }] });
    expect((await world.payments.find(payment.id))!.status).toBe('expired');
    expect(world.gateway.asked).toEqual([]);
  });

  it('does not let one that cannot be repaired keep the others from it', async () => {
    await world.purchase('one', 'paid');
    const other = await world.purchase('other', 'paid');
    world.gateway.faults.set('cs_one', new Error('nobody expected this'));
    world.gateway.touched = ['cs_one', 'cs_other'];
    expect(await run()).toMatchObject({ examined: 2, failed: 1, repairs: [{ paymentId: other.id }] });
    expect(await world.balance()).toBe(CREDIT);
    expect(world.log.lines).toMatchObject([{ level: 'error', fields: { of: 'cs_one' } }]);
  });

  it('says in a dry run what it would do, and does nothing', async () => {
    const paid = await world.purchase('one', 'paid');
    const unopened = await world.purchase('two', 'open', { opened: false });
    world.gateway.touched = ['cs_one'];
    world.clock.advance(24 * HOUR);
    const rehearsed = await run(true, 'why not');
    expect([await world.balance(), world.runs.all, world.audit.entries]).toEqual([0n, [], []]);
    expect((await world.payments.find(paid.id))!.status).toBe('pending');
    const done = await run();
    expect(rehearsed.repairs).toEqual(done.repairs);
    expect(done.repairs.map(({ paymentId }) => paymentId)).toEqual([paid.id, unopened.id]);
  });

  it('leaves alone what is not ours', async () => {
    await world.purchase('elsewhere', 'paid', { opened: false, gateway: 'stripe-live' });
    world.gateway.touched = ['cs_elsewhere', 'cs_unknown'];
    world.clock.advance(48 * HOUR);
    expect(await run()).toMatchObject({ examined: 0, failed: 0, repairs: [] });
  });

  it('fails as a whole, and keeps no run, when not even the list can be had', async () => {
    world.gateway.checkoutsTouchedSince = () => {
      throw new PaymentProviderUnavailable(GATEWAY);
    };
    await expect(run()).rejects.toThrow(PaymentProviderUnavailable);
    expect(world.runs.all).toEqual([]);
  });

  it('is in the audit log when an operator started it', async () => {
    await run(false, 'webhooks were closed');
    expect(world.audit.entries).toMatchObject([
      { action: 'payments.reconcile', reason: 'webhooks were closed', after: { examined: 0, repaired: 0, failed: 0 } },
    ]);
  });
});
