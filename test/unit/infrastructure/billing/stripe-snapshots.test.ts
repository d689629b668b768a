import { SUBSCRIPTION_STATUSES } from '#domain/billing/subscription';
import type { Json } from '#test/support/stripe/stripe-bank';
import { START, StripeDesk } from './stripe-desk.js';

let desk: StripeDesk;
beforeEach(async () => (desk = await StripeDesk.open()));
afterEach(() => desk.double.stop());

const on = (date: string): Date => new Date(`${date}T10:00:00.000Z`);

describe('what Stripe says of a subscription', () => {
  it('is told in our words', async () => {
    const id = await desk.subscribed();
    expect(await desk.snapshot()).toEqual({
      externalId: id,
      customerId: desk.customer,
      item: {
        id: desk.at(id).items.data[0].id,
        priceId: 'price_pro',
        periodStart: on('2026-01-31'),
        periodEnd: on('2026-02-28'),
      },
      status: 'active',
      amountMinor: 3000,
      currency: 'usd',
      anchor: on('2026-01-31'),
      startedAt: on('2026-01-31'),
      trialEnd: null,
      cancelAtPeriodEnd: false,
      cancelAt: null,
      endedAt: null,
      unpaidSince: null,
      card: { brand: 'visa', last4: '4242' },
      unknown: null,
      scheduled: null,
    });
  });

  it.each(SUBSCRIPTION_STATUSES)('may be that it is %s', async (status) => {
    desk.at(await desk.subscribed()).status = status;
    expect((await desk.snapshot()).status).toBe(status);
  });

  it('is never guessed when it is new to us', async () => {
    desk.at(await desk.subscribed()).status = 'dreaming';
    expect(await desk.snapshot()).toMatchObject({
      status: 'paused',
      unknown: 'Stripe says that it is "dreaming", which this version of the service does not know.',
    });
  });

  it('has the month ends that Stripe documents: from the anchor, not from the last period', async () => {
    const id = await desk.subscribed();
    const ends: Date[] = [];
    for (let month = 0; month < 4; month++) {
      ends.push((await desk.snapshot()).item!.periodEnd);
      desk.billing.renew(id);
    }
    expect(ends).toEqual([on('2026-02-28'), on('2026-03-31'), on('2026-04-30'), on('2026-05-31')]);
    expect((await desk.snapshot()).anchor).toEqual(on('2026-01-31'));
  });

  it('has a period also where it is written as before 2025', async () => {
    const subscription = desk.at(await desk.subscribed());
    const [item] = subscription.items.data as Json[];
    Object.assign(subscription, {
      current_period_start: item!.current_period_start,
      current_period_end: item!.current_period_end,
    });
    delete item!.current_period_start;
    delete item!.current_period_end;
    expect((await desk.snapshot()).item).toMatchObject({ periodStart: on('2026-01-31'), periodEnd: on('2026-02-28') });
  });

  it('is of no item when it sells two things, and none when it sells nothing', async () => {
    const subscription = desk.at(await desk.subscribed());
    const [item] = subscription.items.data as Json[];
    subscription.items.data = [item, { ...item, id: 'si_2' }];
    expect(await desk.snapshot()).toMatchObject({ item: null, amountMinor: 6000 });
    subscription.items.data = [];
    expect(await desk.snapshot()).toMatchObject({ item: null, amountMinor: 0 });
  });

  it('counts the price as often as it is taken', async () => {
    desk.at(await desk.subscribed()).items.data[0].quantity = 3;
    expect((await desk.snapshot()).amountMinor).toBe(9000);
  });

  it('has, while a trial runs, its end as the anchor', async () => {
    const id = await desk.subscribed('price_pro', 14);
    const end = on('2026-02-14');
    expect(await desk.snapshot()).toMatchObject({ status: 'trialing', trialEnd: end, anchor: end, unpaidSince: null });
    expect((await desk.snapshot()).item).toMatchObject({ periodStart: new Date(START), periodEnd: end });
    desk.billing.endTrial(id);
    expect(await desk.snapshot()).toMatchObject({
      status: 'active',
      anchor: end,
      item: { periodStart: end, periodEnd: on('2026-03-14') },
    });
  });

  it('is of all that a customer had, to the last of more than fit on one page', async () => {
    const one = desk.at(await desk.subscribed());
    for (let more = 0; more < 230; more++)
      desk.double.bank.made(desk.billing.subscriptions, 'sub', 'subscription', { ...one, status: 'canceled' });
    expect(await desk.gateway.listSubscriptions(desk.customer)).toHaveLength(231);
  });

  it.each([
    ['does not know', 'cus_unknown'],
    ['knows without a subscription', null],
  ])('is nothing of a customer whom it %s', async (_, customer) => {
    expect(await desk.gateway.listSubscriptions(customer ?? desk.customer)).toEqual([]);
    expect(await desk.gateway.listInvoices(customer ?? desk.customer, null)).toEqual([]);
  });

  it('is the end of all that a deleted customer had', async () => {
    await desk.subscribed();
    desk.billing.deleteCustomer(desk.customer);
    expect(await desk.snapshot()).toMatchObject({ status: 'canceled', endedAt: new Date(START) });
  });
});

describe('a cancellation', () => {
  it('at the end of the period is told, and so is the end', async () => {
    const id = await desk.subscribed();
    await desk.gateway.cancel(await desk.changeable(), 'period_end', 'k');
    expect(await desk.snapshot()).toMatchObject({ cancelAtPeriodEnd: true, cancelAt: on('2026-02-28'), endedAt: null });
    desk.clock.set(on('2026-02-28'));
    desk.billing.renew(id);
    expect(await desk.snapshot()).toMatchObject({ status: 'canceled', endedAt: on('2026-02-28') });
  });

  it('by the instant alone, as flexible billing has it, is one at the end of the period', async () => {
    const subscription = desk.at(await desk.subscribed());
    subscription.cancel_at = on('2026-02-28').getTime() / 1000;
    expect(await desk.snapshot()).toMatchObject({ cancelAtPeriodEnd: true, cancelAt: on('2026-02-28') });
    subscription.cancel_at = on('2026-05-01').getTime() / 1000;
    expect(await desk.snapshot()).toMatchObject({ cancelAtPeriodEnd: false, cancelAt: on('2026-05-01') });
  });
});

describe('the card of a subscription', () => {
  it('is its own before that of the customer', async () => {
    const id = await desk.subscribed();
    desk.billing.addCard(desk.customer, 'mastercard', '5555');
    expect((await desk.snapshot()).card).toEqual({ brand: 'visa', last4: '4242' });
    desk.billing.limitsToOne = false;
    const other = await desk.subscribed();
    desk.at(other).default_payment_method = null;
    const cards = (await desk.gateway.listSubscriptions(desk.customer)).map(({ card }) => card!.last4);
    expect(cards).toEqual(['5555', '4242']);
    desk.billing.subscriptions.delete(other);
    desk.billing.detachCard(desk.at(id).default_payment_method as string);
    expect((await desk.snapshot()).card).toEqual({ brand: 'mastercard', last4: '5555' });
  });

  it('is none where nobody has one, and none that shows no number', async () => {
    const subscription = desk.at(await desk.subscribed());
    const card = desk.billing.paymentMethods.get(subscription.default_payment_method as string)!;
    Object.assign(card, { type: 'link', card: undefined, link: { email: 'ada@example.com' } });
    expect((await desk.snapshot()).card).toBeNull();
    Object.assign(card, { type: 'sepa_debit', sepa_debit: { last4: '3000' } });
    expect((await desk.snapshot()).card).toEqual({ brand: 'sepa_debit', last4: '3000' });
    subscription.default_payment_method = null;
    expect((await desk.snapshot()).card).toBeNull();
  });
});

describe('what is owed', () => {
  it('is owed since the oldest open invoice that was tried was made', async () => {
    const id = await desk.subscribed();
    desk.clock.set('2026-02-28T11:00:00.000Z');
    desk.billing.failRenewal(id);
    desk.clock.set('2026-03-31T11:00:00.000Z');
    desk.billing.failRenewal(id);
    const [first, second] = desk.billing.openOf(id);
    expect(await desk.snapshot()).toMatchObject({
      status: 'past_due',
      unpaidSince: new Date('2026-02-28T11:00:00.000Z'),
    });
    first!.attempted = false;
    expect((await desk.snapshot()).unpaidSince).toEqual(new Date('2026-03-31T11:00:00.000Z'));
    desk.billing.giveUp(id, 'unpaid');
    expect((await desk.snapshot()).status).toBe('unpaid');
    desk.billing.payOpen(first!.id as string);
    expect((await desk.snapshot()).status).toBe('unpaid');
    desk.billing.payOpen(second!.id as string);
    expect(await desk.snapshot()).toMatchObject({ status: 'active', unpaidSince: null });
  });

  it('is not asked for while nothing is', async () => {
    await desk.subscribed();
    await desk.snapshot();
    expect(desk.asked('GET', /invoices/)).toEqual([]);
  });
});

describe('what Stripe says of an invoice', () => {
  it('is told in our words, with the service that it is for', async () => {
    const id = await desk.subscribed();
    desk.clock.set('2026-02-28T11:00:00.000Z');
    desk.billing.failRenewal(id);
    const [open, paid] = await desk.gateway.listInvoices(desk.customer, null);
    expect(paid).toMatchObject({
      subscriptionId: id,
      number: 'DOUBLE-0001',
      status: 'paid',
      reason: 'subscription_create',
      total: 3000,
      tax: 0,
      amountPaid: 3000,
      amountRemaining: 0,
      periodStart: on('2026-01-31'),
      periodEnd: on('2026-02-28'),
      createdAt: new Date(START),
      paidAt: new Date(START),
      attempts: 1,
      nextAttemptAt: null,
      dueAt: null,
      hostedUrl: expect.stringContaining('https://'),
      pdfUrl: expect.stringContaining('/pdf'),
    });
    expect(open).toMatchObject({
      status: 'open',
      reason: 'subscription_cycle',
      amountDue: 3000,
      amountPaid: 0,
      amountRemaining: 3000,
      periodStart: on('2026-02-28'),
      periodEnd: on('2026-03-31'),
      attempts: 1,
      nextAttemptAt: new Date('2026-03-03T11:00:00.000Z'),
      paidAt: null,
    });
  });

  it('sums the taxes, and has the period of its own where it has no lines, and no number as a draft', async () => {
    await desk.subscribed();
    const [invoice] = [...desk.billing.invoices.values()];
    Object.assign(invoice!, {
      total_taxes: [{ amount: 120 }, { amount: 30 }],
      status: 'draft',
      number: null,
      parent: null,
    });
    invoice!.lines.data = [];
    const [told] = await desk.gateway.listInvoices(desk.customer, null);
    expect(told).toMatchObject({
      tax: 150,
      status: 'draft',
      number: null,
      subscriptionId: null,
      periodStart: new Date(START),
    });
    invoice!.status = 'melted';
    // What it means is never guessed, and keeps nobody from the others.
    expect(await desk.gateway.listInvoices(desk.customer, null)).toEqual([]);
    expect(desk.log.lines.at(-1)!.error).toMatchObject({ message: expect.stringContaining('"melted"') });
  });

  it('is asked for since an instant, with those that are open still, each once', async () => {
    const id = await desk.subscribed();
    desk.clock.set('2026-02-28T11:00:00.000Z');
    desk.billing.failRenewal(id);
    desk.clock.set('2026-03-31T11:00:00.000Z');
    desk.billing.renew(id);
    const told = async (since: string): Promise<unknown[]> => {
      const invoices = await desk.gateway.listInvoices(desk.customer, new Date(since));
      return invoices.map(({ number }) => number).sort();
    };
    expect(await told('2026-03-31T11:00:00.000Z')).toEqual(['DOUBLE-0002', 'DOUBLE-0003']);
    expect(await told('2026-02-28T11:00:00.000Z')).toEqual(['DOUBLE-0002', 'DOUBLE-0003']);
    expect(await told(START)).toEqual(['DOUBLE-0001', 'DOUBLE-0002', 'DOUBLE-0003']);
  });
});
