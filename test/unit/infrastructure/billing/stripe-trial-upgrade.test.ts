import { PaymentFailed, SubscriptionMoved } from '#application/billing/subscription-gateway';
import { StripeDesk } from './stripe-desk.js';

describe('an upgrade in a trial', () => {
  const UPGRADE = { priceId: 'price_pro', at: new Date('2026-02-03T10:00:00.000Z'), endsTrial: true };
  let desk: StripeDesk;
  let id: string;
  beforeEach(async () => {
    desk = await StripeDesk.open();
    id = await desk.subscribed('price_student', 14);
    desk.clock.set(UPGRADE.at);
  });
  afterEach(() => desk.double.stop());

  it('is previewed with its whole price, and is charged it, in a period that begins there', async () => {
    const before = await desk.changeable();
    expect(await desk.gateway.previewChange(before, UPGRADE)).toMatchObject({
      lines: [{ amount: 3000, isProration: false }],
      dueNow: 3000,
      creditLeft: 0,
    });
    expect(await desk.snapshot()).toMatchObject({ status: 'trialing', item: { priceId: 'price_student' } });
    await desk.gateway.changeNow(before, UPGRADE, 'up');
    expect(await desk.snapshot()).toMatchObject({
      status: 'active',
      anchor: UPGRADE.at,
      trialEnd: UPGRADE.at,
      item: { priceId: 'price_pro', periodStart: UPGRADE.at, periodEnd: new Date('2026-03-03T10:00:00.000Z') },
    });
    expect(desk.asked('POST', /subscriptions\/sub_/)[0]!.params).toEqual({
      items: [{ id: before.itemId, price: 'price_pro' }],
      proration_behavior: 'always_invoice',
      trial_end: 'now',
      payment_behavior: 'error_if_incomplete',
    });
    const invoices = await desk.gateway.listInvoices(desk.customer, null);
    expect(invoices.map(({ amountPaid }) => amountPaid)).toEqual([3000, 0]);
  });

  it('that is not paid for leaves the trial, and what was scheduled', async () => {
    await desk.gateway.changeAtPeriodEnd(await desk.changeable(), 'price_pro_year', 'later');
    const before = await desk.snapshot();
    desk.billing.decline(desk.customer);
    await expect(desk.gateway.changeNow(await desk.changeable(), UPGRADE, 'up')).rejects.toThrow(PaymentFailed);
    expect(await desk.snapshot()).toEqual(before);
    desk.billing.decline(desk.customer, false);
    await desk.gateway.changeNow(await desk.changeable(), UPGRADE, 'again');
    expect(await desk.snapshot()).toMatchObject({
      status: 'active',
      item: { priceId: 'price_pro' },
      scheduled: null,
    });
  });

  it('does not begin a period anew where the trial is over meanwhile', async () => {
    const decided = await desk.changeable();
    desk.clock.set('2026-02-14T10:00:00.000Z');
    desk.billing.endTrial(id);
    await expect(desk.gateway.changeNow(decided, UPGRADE, 'up')).rejects.toThrow(SubscriptionMoved);
    expect(desk.asked('POST', /subscriptions\/sub_/)).toEqual([]);
  });
});
