import { jest } from '@jest/globals';
import { MOST_FAILURES, MOST_FAILURES_WHILE_AWAY } from '#application/payments/payment-event-handling';
import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import { PaymentEventNotFound } from '#domain/payments/payment-event';
import { failingAt } from '#test/support/failing';
import { EventWorld, GATEWAY } from './event-world.js';

const CREDIT = 10_000_000n;

describe('an event of a payment provider', () => {
  let world: EventWorld;
  beforeEach(() => {
    world = new EventWorld();
  });

  it('is kept once, with the job that applies it; a redelivery changes nothing', async () => {
    const added = jest.spyOn(world.jobs, 'add');
    const notice = { id: 'evt_1', gateway: GATEWAY, type: 't', apiVersion: null, live: false, payload: { a: 1 } };
    const first = await world.intake.execute({ ...notice, createdAt: world.clock.now() });
    await world.handling().execute('evt_1');
    const second = await world.intake.execute({ ...notice, type: 'other', createdAt: world.clock.now() });
    expect([first, second]).toEqual([true, false]);
    expect(await world.event('evt_1')).toMatchObject({ type: 't', status: 'ignored' });
    expect(added.mock.calls).toEqual([['apply_payment_event', { eventId: 'evt_1' }, { key: 'payment_event:evt_1' }]]);
  });

  it('brings its payment to what the provider says now, once, however often it is delivered', async () => {
    const payment = await world.purchase('one', 'paid');
    await world.told('evt_1', { checkout: 'cs_one' });
    for (let delivery = 0; delivery < 3; delivery++) await world.handling().execute('evt_1');
    expect(await world.event('evt_1')).toMatchObject({ status: 'applied', paymentId: payment.id });
    expect((await world.payments.find(payment.id))!.standing).toBe('completed');
    expect(await world.balance()).toBe(CREDIT);
    expect(world.gateway.asked).toEqual(['cs_one']);
    expect(world.telemetry.counted).toEqual(['paymentEventClosed applied', 'paymentEventLag 0']);
  });

  it('finds a payment whose checkout is not in the book yet by asking the provider', async () => {
    const payment = await world.purchase('one', 'paid', { opened: false });
    await world.told('evt_1', { checkout: 'cs_one' });
    await world.handling().execute('evt_1');
    expect(await world.payments.find(payment.id)).toMatchObject({ standing: 'completed', checkoutId: 'cs_one' });
    expect(await world.balance()).toBe(CREDIT);
  });

  it.each([
    ['moves no payment', {}],
    ['is about a checkout that the provider does not know', { checkout: 'cs_unknown' }],
    ['is about a checkout that was not opened by us', { checkout: 'cs_foreign' }],
    ['is about a payment that another provider took', { checkout: 'cs_elsewhere' }],
  ])('that %s is ignored', async (_, payload) => {
    await world.purchase('elsewhere', 'paid', { opened: false, gateway: 'stripe-live' });
    const { gateway } = world;
    gateway.checkouts.set('cs_foreign', {
      ...gateway.checkouts.get('cs_elsewhere')!,
      checkoutId: 'cs_foreign',
      paymentId: null,
    });
    await world.told('evt_1', payload);
    await world.handling().execute('evt_1');
    expect(await world.event('evt_1')).toMatchObject({ status: 'ignored', paymentId: null });
    expect(await world.balance()).toBe(0n);
    expect(world.telemetry.counted).toEqual(['paymentEventClosed ignored']);
  });

  it('of a test mode is ignored where payments are real, whatever it names', async () => {
    await world.purchase('one', 'paid');
    await world.told('evt_1', { checkout: 'cs_one' }, { gateway: 'stripe-other' });
    await world.handling().execute('evt_1');
    expect((await world.event('evt_1')).status).toBe('ignored');
    expect(world.gateway.asked).toEqual([]);
  });

  it('that fails is delivered again, and is dead after the eighth time', async () => {
    await world.purchase('one', 'paid');
    await world.told('evt_1', { checkout: 'cs_one' });
    world.gateway.faults.set('cs_one', new Error('nobody expected this'));
    for (let delivery = 1; delivery < MOST_FAILURES; delivery++) {
      await expect(world.handling().execute('evt_1')).rejects.toThrow('nobody expected this');
      expect(await world.event('evt_1')).toMatchObject({ status: 'received', failures: delivery });
    }
    expect(world.log.lines).toEqual([]);
    await world.handling().execute('evt_1');
    expect(await world.event('evt_1')).toMatchObject({
      status: 'dead',
      failures: 8,
      lastError: 'Error: nobody expected this',
      closedAt: world.clock.now(),
    });
    expect(world.log.lines).toMatchObject([{ level: 'error', fields: { event_id: 'evt_1', failures: 8 } }]);
    expect(world.telemetry.counted).toEqual(['paymentEventClosed dead']);

    world.gateway.faults.clear();
    await world.handling().execute('evt_1');
    expect((await world.event('evt_1')).status).toBe('dead');
    expect(await world.balance()).toBe(0n);
  });

  it('does not die of a provider that is away for hours', async () => {
    await world.purchase('one', 'paid');
    await world.told('evt_1', { checkout: 'cs_one' });
    world.gateway.faults.set('cs_one', new PaymentProviderUnavailable(GATEWAY));
    for (let delivery = 1; delivery < MOST_FAILURES_WHILE_AWAY; delivery++) {
      await expect(world.handling().execute('evt_1')).rejects.toThrow(PaymentProviderUnavailable);
    }
    expect((await world.event('evt_1')).status).toBe('received');
    await world.handling().execute('evt_1');
    expect((await world.event('evt_1')).status).toBe('dead');
  });

  it('leaves nothing half done when the credit cannot be kept', async () => {
    const payment = await world.purchase('one', 'paid');
    await world.told('evt_1', { checkout: 'cs_one' });
    const broken = failingAt(world.payments, 'save', { error: new Error('the disk is full') });
    await expect(world.handling(broken).execute('evt_1')).rejects.toThrow('the disk is full');
    expect([await world.balance(), (await world.payments.find(payment.id))!.status]).toEqual([0n, 'pending']);
    await world.handling().execute('evt_1');
    expect([await world.balance(), (await world.event('evt_1')).status]).toEqual([CREDIT, 'applied']);
  });

  it('that fails while another delivery succeeds stays applied, and is not delivered again', async () => {
    await world.purchase('one', 'paid');
    await world.told('evt_1', { checkout: 'cs_one' });
    jest.spyOn(world.gateway, 'getCheckout').mockImplementationOnce(async () => {
      await world.handling().execute('evt_1');
      throw new Error('too late');
    });
    await world.handling().execute('evt_1');
    expect(await world.event('evt_1')).toMatchObject({ status: 'applied', failures: 0 });
    expect(await world.balance()).toBe(CREDIT);
  });

  it('that says a contradiction is logged: a person must look', async () => {
    const payment = await world.purchase('one', 'paid');
    const { gateway } = world;
    gateway.checkouts.set('cs_one', { ...gateway.checkouts.get('cs_one')!, amountMinor: 999 });
    await world.told('evt_1', { checkout: 'cs_one' });
    await world.handling().execute('evt_1');
    expect((await world.payments.find(payment.id))!.status).toBe('review');
    expect(await world.balance()).toBe(0n);
    expect(world.log.lines).toMatchObject([{ level: 'warn', fields: { payment_id: payment.id } }]);
  });

  it('that was never received is not found', async () => {
    await expect(world.handling().execute('evt_0')).rejects.toThrow(PaymentEventNotFound);
  });
});

describe('the replay of an event', () => {
  it('resets a dead one, and has it handled again, with who and why in the audit log', async () => {
    const world = new EventWorld();
    await world.purchase('one', 'paid');
    await world.told('evt_1', { checkout: 'cs_one' });
    world.gateway.faults.set('cs_one', new Error('broken'));
    for (let n = 0; n < MOST_FAILURES; n++)
      await world
        .handling()
        .execute('evt_1')
        .catch(() => undefined);
    world.gateway.faults.clear();

    const added = jest.spyOn(world.jobs, 'add');
    const { before, after } = await world.replay.execute('evt_1', { actor: 'cli:ada', reason: 'mended' });
    expect([before.status, after.status, after.failures, after.closedAt]).toEqual(['dead', 'received', 0, null]);
    expect(added.mock.calls).toEqual([['apply_payment_event', { eventId: 'evt_1' }, { key: 'payment_event:evt_1' }]]);
    expect(world.audit.entries).toMatchObject([
      {
        actor: 'cli:ada',
        action: 'payment_event.replay',
        reason: 'mended',
        before: { event_id: 'evt_1', status: 'dead', failures: 8, last_error: 'Error: broken' },
        after: { status: 'received', failures: 0, last_error: null },
      },
    ]);
    await world.handling().execute('evt_1');
    expect([(await world.event('evt_1')).status, await world.balance()]).toEqual(['applied', CREDIT]);
  });

  it('of an applied one does nothing twice', async () => {
    const world = new EventWorld();
    await world.purchase('one', 'paid');
    await world.told('evt_1', { checkout: 'cs_one' });
    await world.handling().execute('evt_1');
    await world.replay.execute('evt_1', { actor: 'cli:ada', reason: 'to be sure' });
    await world.handling().execute('evt_1');
    expect([(await world.event('evt_1')).status, await world.balance()]).toEqual(['applied', CREDIT]);
  });

  it('of an unknown one is refused, and leaves nothing', async () => {
    const world = new EventWorld();
    await expect(world.replay.execute('evt_0', { actor: 'a', reason: 'b' })).rejects.toThrow(PaymentEventNotFound);
    expect([world.audit.entries, world.jobs.jobs]).toEqual([[], []]);
  });
});
