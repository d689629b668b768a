import { mustBePaid, PaymentDue } from '#domain/billing/running-subscription';
import { Subscription, type SubscriptionId, type SubscriptionSnapshot } from '#domain/billing/subscription';
import { cycleBoundary } from '#domain/billing/billing-cycle';
import { ANA, aSnapshot, SUBSCRIBED_AT, told } from '#test/support/builders/subscriptions';

const NOW = new Date('2026-02-10T00:00:00Z');
const of = (snapshot: SubscriptionSnapshot, besides: string | null = null): Subscription =>
  Subscription.of(
    '0197a000-0000-7000-8000-000000000001' as SubscriptionId,
    ANA,
    'sandbox',
    snapshot,
    told(NOW, besides),
  );

describe('a subscription', () => {
  it.each([
    ['trialing', 'pro'],
    ['active', 'pro'],
    ['past_due', 'pro'],
    ['unpaid', 'pro'],
    ['incomplete', null],
    ['incomplete_expired', null],
    ['canceled', null],
    ['paused', null],
  ] as const)('that is %s gives the plan %s', (status, plan) => {
    expect(of(aSnapshot({ status })).plan).toBe(plan);
  });

  it('gives no plan once grace is over, and gives it again once everything is paid', () => {
    const unpaid = of(aSnapshot({ status: 'past_due', unpaidSince: NOW }));
    const lapsed = unpaid.graceEndedAt(new Date('2026-02-17T00:00:00Z'));
    expect([unpaid.plan, lapsed.plan]).toEqual(['pro', null]);
    expect(lapsed.followed(aSnapshot(), told(NOW)).plan).toBe('pro');
    expect(unpaid.graceEndedAt(NOW)).toBe(unpaid);
  });

  it('owes what it owed also when grace is over: nothing more is sold until that is paid', () => {
    const unpaid = of(aSnapshot({ status: 'past_due', unpaidSince: NOW }));
    const lapsed = unpaid.graceEndedAt(new Date('2026-02-17T00:00:00Z'));
    for (const one of [unpaid, lapsed]) expect(() => mustBePaid(one)).toThrow(PaymentDue);
    expect(() => mustBePaid(lapsed.followed(aSnapshot(), told(NOW)))).not.toThrow();
  });

  it('is put to review, and gives no plan, when its price is in no plan', () => {
    const unknown = of(aSnapshot({ priceId: 'price_from_elsewhere' }));
    expect(unknown).toMatchObject({ sold: null, plan: null, review: expect.stringContaining('price_from_elsewhere') });
    expect(unknown.followed(aSnapshot(), told(NOW))).toMatchObject({ plan: 'pro', review: null });
  });

  it('is put to review when it has no item, or several', () => {
    expect(of(aSnapshot({ item: null }))).toMatchObject({ plan: null, itemId: null });
  });

  it('is put to review beside another that runs, and no more once that one has ended', () => {
    const second = of(aSnapshot({ externalId: 'sub_2' }), 'sub_1');
    expect(second).toMatchObject({ plan: null, review: expect.stringContaining('sub_1') });
    expect(second.followed(aSnapshot({ externalId: 'sub_2' }), told(NOW))).toMatchObject({ plan: 'pro', review: null });
  });

  it('is itself, to the object, when a snapshot says nothing new', () => {
    const one = of(aSnapshot());
    expect(one.followed(aSnapshot(), told(new Date('2026-02-11T00:00:00Z')))).toBe(one);
    expect(one.version).toBe(1);
  });

  it('grows by one version with every change', () => {
    const changed = of(aSnapshot()).followed(aSnapshot({ cancelAtPeriodEnd: true }), told(NOW));
    expect(changed).toMatchObject({ version: 2, cancelAtPeriodEnd: true, updatedAt: NOW });
  });

  it('knows what a schedule makes of it next, and nothing of a price that is unknown', () => {
    const at = new Date('2026-02-28T10:00:00Z');
    expect(of(aSnapshot({ scheduled: { priceId: 'student_year', at } })).pending).toEqual({
      plan: 'student',
      cycle: 'year',
      at,
    });
    expect(of(aSnapshot({ scheduled: { priceId: 'other', at } })).pending).toBeNull();
  });

  it('counts usage from its anchor, and while a trial runs from its start', () => {
    const trialEnd = new Date('2026-02-14T10:00:00Z');
    expect(of(aSnapshot({ status: 'trialing', trialEnd, anchor: trialEnd })).usageAnchor).toEqual(SUBSCRIBED_AT);
    expect(of(aSnapshot({ trialEnd, anchor: trialEnd })).usageAnchor).toEqual(trialEnd);
  });

  it.each([
    ['2026-01-31T09:59:56Z', '2026-01-31T10:00:00.000Z', '2026-02-28T10:00:00.000Z'],
    ['2026-02-28T09:59:59Z', '2026-01-31T10:00:00.000Z', '2026-02-28T10:00:00.000Z'],
    ['2026-02-28T10:00:00Z', '2026-02-28T10:00:00.000Z', '2026-03-31T10:00:00.000Z'],
  ])('is at %s in the month of use from %s: none lies before its first', (now, start, end) => {
    expect(of(aSnapshot()).usageMonthAt(new Date(now))).toMatchObject({ start: new Date(start), end: new Date(end) });
  });

  it.each([
    ['month', 1, '2026-02-28T10:00:00.000Z'],
    ['month', 2, '2026-03-31T10:00:00.000Z'],
    ['month', 3, '2026-04-30T10:00:00.000Z'],
    ['month', 25, '2028-02-29T10:00:00.000Z'],
    ['year', 1, '2027-01-31T10:00:00.000Z'],
  ] as const)('bills by the %s, %i cycles after 31 January, on %s', (cycle, k, boundary) => {
    expect(cycleBoundary(SUBSCRIBED_AT, cycle, k).toISOString()).toBe(boundary);
  });
});
