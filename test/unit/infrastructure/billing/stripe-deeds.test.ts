import { PaymentFailed, SubscriptionMoved } from '#application/billing/subscription-gateway';
import { PaymentProviderUnavailable } from '#application/payments/payment-gateway';
import { StripeDesk } from './stripe-desk.js';

let desk: StripeDesk;
beforeEach(async () => (desk = await StripeDesk.open()));
afterEach(() => desk.double.stop());

const MIDDLE = '2026-02-14T10:00:00.000Z';
const END = new Date('2026-02-28T10:00:00.000Z');
const LOST = { cut: 'after' as const };
const by = (priceId: string, at = new Date(MIDDLE)) => ({ priceId, at, endsTrial: false });

describe('an upgrade', () => {
  beforeEach(async () => {
    await desk.subscribed('price_student');
    desk.clock.set(MIDDLE);
  });

  it('is previewed with the money that moves, and nothing moves', async () => {
    const preview = await desk.gateway.previewChange(await desk.changeable(), by('price_pro'));
    // Half of 28 days is left: 4.50 come back, and 15.00 are to be paid.
    expect(preview).toEqual({
      currency: 'usd',
      lines: [
        { description: 'Unused time on price_student', amount: -450, isProration: true },
        { description: 'Remaining time on price_pro', amount: 1500, isProration: true },
      ],
      dueNow: 1050,
      creditLeft: 0,
      at: new Date(MIDDLE),
    });
    expect(desk.billing.invoices.size).toBe(1);
    expect(await desk.snapshot()).toMatchObject({ item: { priceId: 'price_student' } });
  });

  it('is charged at once, as it was previewed, and keeps its period', async () => {
    const before = await desk.changeable();
    const { dueNow } = await desk.gateway.previewChange(before, by('price_pro'));
    desk.clock.advance(300);
    await desk.gateway.changeNow(before, by('price_pro'), 'change-1');
    expect(await desk.snapshot()).toMatchObject({ status: 'active', item: { priceId: 'price_pro', periodEnd: END } });
    const invoices = await desk.gateway.listInvoices(desk.customer, null);
    expect(invoices[0]).toMatchObject({ reason: 'subscription_update', status: 'paid', amountPaid: dueNow });
    const { params, idempotencyKey } = desk.asked('POST', /subscriptions\/sub_/)[0]!;
    expect(idempotencyKey).toMatch(/^[0-9a-f]{64}:change$/);
    expect(params).toEqual({
      items: [{ id: before.itemId, price: 'price_pro' }],
      proration_behavior: 'always_invoice',
      proration_date: Date.parse(MIDDLE) / 1000,
      payment_behavior: 'error_if_incomplete',
    });
  });

  it.each([
    ['the bank refuses', 'insufficient_funds', () => desk.billing.decline(desk.customer)],
    [
      'there is no card',
      'no_payment_method',
      () => desk.billing.subscriptions.forEach((one) => (one.default_payment_method = null)),
    ],
  ])('fails and changes nothing when %s', async (_, reason, prepare) => {
    prepare();
    const before = await desk.changeable();
    await desk.gateway.changeAtPeriodEnd(before, 'price_pro_year', 'later');
    const asked = desk.gateway.changeNow(before, by('price_pro'), 'change-1');
    await expect(asked).rejects.toThrow(PaymentFailed);
    await expect(asked).rejects.toMatchObject({ refusal: 'payment_required', facts: { reason } });
    expect(await desk.snapshot()).toMatchObject({
      status: 'active',
      item: { priceId: 'price_student' },
      scheduled: { priceId: 'price_pro_year' },
    });
    expect(desk.billing.invoices.size).toBe(1);
  });

  it('is one although its answer was lost, by the key it was asked with', async () => {
    const before = await desk.changeable();
    const change = (): Promise<void> => desk.gateway.changeNow(before, by('price_pro'), 'change-1');
    desk.double.faults.push(...Array(3).fill({ ...LOST, path: /subscriptions\/sub_/ }));
    await expect(change()).rejects.toThrow(PaymentProviderUnavailable);
    await change();
    expect(desk.billing.invoices.size).toBe(2);
    expect(new Set(desk.asked('POST', /subscriptions\/sub_/).map((one) => one.idempotencyKey)).size).toBe(1);
  });

  it('drops what was scheduled', async () => {
    const before = await desk.changeable();
    await desk.gateway.changeAtPeriodEnd(before, 'price_pro_year', 'later');
    await desk.gateway.changeNow(before, by('price_pro'), 'now');
    expect(await desk.snapshot()).toMatchObject({ item: { priceId: 'price_pro' }, scheduled: null });
  });

  it('to a year begins the year now, and gives back what is left of the month', async () => {
    const before = await desk.changeable();
    const preview = await desk.gateway.previewChange(before, by('price_pro_year'));
    expect(preview).toMatchObject({ dueNow: 29_550, lines: [{ isProration: true }, { isProration: false }] });
    await desk.gateway.changeNow(before, by('price_pro_year'), 'now');
    expect(await desk.snapshot()).toMatchObject({
      anchor: new Date(MIDDLE),
      item: { priceId: 'price_pro_year', periodEnd: new Date('2027-02-14T10:00:00.000Z') },
    });
  });
});

describe('a change to less', () => {
  it('is previewed as credit, and charges nothing', async () => {
    await desk.subscribed('price_pro');
    desk.clock.set(MIDDLE);
    const preview = await desk.gateway.previewChange(await desk.changeable(), by('price_student'));
    expect(preview).toMatchObject({ dueNow: 0, creditLeft: 1050, lines: [{ amount: -1500 }, { amount: 450 }] });
  });

  it('waits for the end of the period, and lets the subscription go on afterwards', async () => {
    const id = await desk.subscribed('price_pro');
    await desk.gateway.changeAtPeriodEnd(await desk.changeable(), 'price_student', 'less');
    expect(await desk.snapshot()).toMatchObject({
      item: { priceId: 'price_pro', periodEnd: END },
      scheduled: { priceId: 'price_student', at: END },
      card: { last4: '4242' },
    });
    expect(desk.billing.invoices.size).toBe(1);
    const { schedule, default_payment_method } = desk.at(id);
    expect(desk.billing.schedules.get(schedule as string)).toMatchObject({
      end_behavior: 'release',
      phases: [{ default_payment_method }, { default_payment_method }],
    });
    desk.clock.set(END);
    desk.billing.renew(id);
    expect(await desk.snapshot()).toMatchObject({
      item: { priceId: 'price_student' },
      amountMinor: 900,
      scheduled: null,
    });
    desk.clock.set('2026-03-31T10:00:00.000Z');
    desk.billing.renew(id);
    expect(desk.at(id).schedule).toBeNull();
    expect(await desk.snapshot()).toMatchObject({ status: 'active', item: { priceId: 'price_student' } });
    const amounts = (await desk.gateway.listInvoices(desk.customer, null)).map(({ total }) => total);
    expect(amounts).toEqual([900, 900, 3000]);
  });

  it('from a year to a month begins with the month after the year', async () => {
    const id = await desk.subscribed('price_pro_year');
    const end = new Date('2027-01-31T10:00:00.000Z');
    await desk.gateway.changeAtPeriodEnd(await desk.changeable(), 'price_pro', 'monthly');
    expect((await desk.snapshot()).scheduled).toEqual({ priceId: 'price_pro', at: end });
    desk.clock.set(end);
    desk.billing.renew(id);
    expect((await desk.snapshot()).item).toMatchObject({
      priceId: 'price_pro',
      periodStart: end,
      periodEnd: new Date('2027-02-28T10:00:00.000Z'),
    });
  });

  it('in a trial leaves the trial as long as it is', async () => {
    const id = await desk.subscribed('price_pro', 14);
    await desk.gateway.changeAtPeriodEnd(await desk.changeable(), 'price_student', 'less');
    const [phase] = desk.billing.schedules.get(desk.at(id).schedule as string)!.phases as [{ trial_end: number }];
    expect(phase.trial_end).toBe(Date.parse(MIDDLE) / 1000);
    expect((await desk.snapshot()).scheduled).toEqual({ priceId: 'price_student', at: new Date(MIDDLE) });
  });

  it('replaces what was scheduled before, and may be dropped, twice too', async () => {
    const id = await desk.subscribed('price_pro_year');
    const one = await desk.changeable();
    await desk.gateway.changeAtPeriodEnd(one, 'price_pro', 'first');
    await desk.gateway.changeAtPeriodEnd(one, 'price_student', 'second');
    expect((await desk.snapshot()).scheduled).toMatchObject({ priceId: 'price_student' });
    expect(desk.billing.schedules.size).toBe(1);
    await desk.gateway.dropScheduledChange(one, 'drop');
    expect((await desk.snapshot()).scheduled).toBeNull();
    await desk.gateway.dropScheduledChange(one, 'drop');
    expect(desk.at(id)).toMatchObject({ status: 'active', schedule: null });
  });

  it.each([
    ['the making of the schedule', /subscription_schedules$/],
    ['the writing of its phases', /subscription_schedules\/sub_sched_\w+$/],
  ])('is one although the answer to %s was lost', async (_, path) => {
    await desk.subscribed('price_pro');
    const one = await desk.changeable();
    desk.double.faults.push(...Array(3).fill({ ...LOST, path }));
    await expect(desk.gateway.changeAtPeriodEnd(one, 'price_student', 'less')).rejects.toThrow(
      PaymentProviderUnavailable,
    );
    await desk.gateway.changeAtPeriodEnd(one, 'price_student', 'less');
    await desk.gateway.changeAtPeriodEnd(one, 'price_student', 'less');
    expect(desk.billing.schedules.size).toBe(1);
    expect((await desk.snapshot()).scheduled).toEqual({ priceId: 'price_student', at: END });
  });

  it('is dropped although the answer to that was lost', async () => {
    await desk.subscribed('price_pro');
    const one = await desk.changeable();
    await desk.gateway.changeAtPeriodEnd(one, 'price_student', 'less');
    desk.double.faults.push(...Array(3).fill({ ...LOST, path: /release/ }));
    await expect(desk.gateway.dropScheduledChange(one, 'drop')).rejects.toThrow(PaymentProviderUnavailable);
    await desk.gateway.dropScheduledChange(one, 'drop');
    expect((await desk.snapshot()).scheduled).toBeNull();
  });
});

describe('a cancellation', () => {
  it('at the end of the period is taken back as if it had never been', async () => {
    await desk.subscribed();
    const one = await desk.changeable();
    const before = await desk.snapshot();
    await desk.gateway.cancel(one, 'period_end', 'stop');
    await desk.gateway.cancel(one, 'period_end', 'stop');
    expect(await desk.snapshot()).toMatchObject({ status: 'active', cancelAtPeriodEnd: true, cancelAt: END });
    await desk.gateway.reactivate(one, 'go on');
    expect(await desk.snapshot()).toEqual(before);
    await desk.gateway.reactivate(one, 'go on');
    expect(await desk.snapshot()).toEqual(before);
  });

  it('that names an instant alone is taken back too', async () => {
    const id = await desk.subscribed();
    desk.at(id).cancel_at = END.getTime() / 1000;
    await desk.gateway.reactivate(await desk.changeable(), 'go on');
    expect(await desk.snapshot()).toMatchObject({ cancelAtPeriodEnd: false, cancelAt: null });
  });

  it('that came meanwhile stays: nothing is scheduled in its place', async () => {
    await desk.subscribed();
    const decided = await desk.changeable();
    await desk.gateway.cancel(decided, 'period_end', 'stop');
    await expect(desk.gateway.changeAtPeriodEnd(decided, 'price_student', 'less')).rejects.toThrow(SubscriptionMoved);
    expect(await desk.snapshot()).toMatchObject({ cancelAtPeriodEnd: true, scheduled: null });
  });

  it('drops what was scheduled, since Stripe refuses it beside a schedule', async () => {
    await desk.subscribed();
    const one = await desk.changeable();
    await desk.gateway.changeAtPeriodEnd(one, 'price_student', 'less');
    await desk.gateway.cancel(one, 'period_end', 'stop');
    expect(await desk.snapshot()).toMatchObject({ cancelAtPeriodEnd: true, scheduled: null });
  });

  it('at once ends it now, once, however often it is asked for, and though it arrives twice', async () => {
    await desk.subscribed();
    const one = await desk.changeable();
    const path = /subscriptions\/sub_/;
    // The question whether it has ended is answered; then the deed comes twice, and Stripe knows nothing the second time.
    desk.double.faults.push({ until: () => Promise.resolve(), path }, { twice: true, path });
    await desk.gateway.cancel(one, 'now', 'stop');
    desk.clock.advance(60);
    await desk.gateway.cancel(one, 'now', 'stop');
    expect(await desk.snapshot()).toMatchObject({ status: 'canceled', endedAt: new Date('2026-01-31T10:00:00.000Z') });
  });

  it('of a subscription that nobody knows is a fault', async () => {
    await desk.subscribed();
    const stranger = { ...(await desk.changeable()), externalId: 'sub_unknown' };
    for (const when of ['now', 'period_end'] as const) {
      await expect(desk.gateway.cancel(stranger, when, 'stop')).rejects.toThrow('No such subscription');
    }
  });
});

describe('an answer of Stripe', () => {
  it.each([429, 500])('of %i leaves the outcome of every deed and question unknown', async (status) => {
    await desk.subscribed();
    const one = await desk.changeable();
    const at = desk.clock.now();
    const { gateway } = desk;
    const asks: readonly (() => Promise<unknown>)[] = [
      () => gateway.openCheckout(desk.order()),
      () => gateway.getCheckout('cs_test_1'),
      () => gateway.expireCheckout('cs_test_1'),
      () => gateway.openPortal(desk.customer, null, null, 'https://app.example.com'),
      () => gateway.listSubscriptions(desk.customer),
      () => gateway.listInvoices(desk.customer, null),
      () => gateway.previewChange(one, by('price_student', at)),
      () => gateway.changeNow(one, by('price_student', at), 'k'),
      () => gateway.changeAtPeriodEnd(one, 'price_student', 'k'),
      () => gateway.dropScheduledChange(one, 'k'),
      () => gateway.cancel(one, 'period_end', 'k'),
      () => gateway.cancel(one, 'now', 'k'),
      () => gateway.reactivate(one, 'k'),
      () => gateway.customersTouchedSince(at)[Symbol.asyncIterator]().next(),
    ];
    for (const ask of asks) {
      // One that is kept, so that Stripe's library does not ask again.
      desk.double.faults.next({ status, remembered: true });
      await expect(ask()).rejects.toThrow(PaymentProviderUnavailable);
    }
  });
});
