import { stepsBetween } from '#application/billing/subscription-steps';
import { Subscription, type SubscriptionId, type SubscriptionSnapshot } from '#domain/billing/subscription';
import { ANA, aSnapshot, SUBSCRIBED_AT, told } from '#test/support/builders/subscriptions';

const ID = '0197a000-0000-7000-8000-000000000001' as SubscriptionId;
const NOW = new Date('2026-02-10T00:00:00Z');
const TRIAL_END = new Date('2026-02-07T10:00:00Z');
const CANCELED = { status: 'canceled', endedAt: new Date('2026-02-09T00:00:00Z') } as const;
const NEXT_MONTH = {
  id: 'si_1',
  priceId: 'pro_month',
  periodStart: new Date('2026-02-28T10:00:00Z'),
  periodEnd: new Date('2026-03-31T10:00:00Z'),
};
const itemOf = (priceId: string): SubscriptionSnapshot['item'] => ({ ...aSnapshot().item!, priceId });

type Changes = Partial<SubscriptionSnapshot>;

const heard = (of: Changes): Subscription =>
  Subscription.of(ID, ANA, 'stripe-test', aSnapshot(of), told(SUBSCRIBED_AT));

function stepsOf(before: Changes | null, after: Changes, paidAt: Date | null = null): unknown[] {
  const known = before && heard(before);
  const next = known ? known.followed(aSnapshot({ ...before, ...after }), told(NOW)) : heard(after);
  return stepsBetween(known, next, NOW, paidAt).map(({ kind, at, facts }) => {
    const more = Object.entries(facts).filter(([name]) => name !== 'plan' && name !== 'cycle');
    return [kind, at, Object.fromEntries(more)];
  });
}

describe('a step in the life of a subscription', () => {
  it.each<[string, Changes | null, Changes, unknown[]]>([
    ['its beginning', null, {}, [['subscribed', SUBSCRIBED_AT, { status: 'active' }]]],
    ['a trial', null, { status: 'trialing' }, [['trial_started', SUBSCRIBED_AT, { status: 'trialing' }]]],
    [
      'a trial that was over when it was first heard of',
      null,
      { trialEnd: TRIAL_END },
      [
        ['trial_started', SUBSCRIBED_AT, { status: 'trialing' }],
        ['trial_ended', TRIAL_END, { status: 'active' }],
      ],
    ],
    [
      'one that waits for its first payment',
      null,
      { status: 'incomplete' },
      [['begun', SUBSCRIBED_AT, { status: 'incomplete' }]],
    ],
    ['the first payment', { status: 'incomplete' }, { status: 'active' }, [['subscribed', SUBSCRIBED_AT, {}]]],
    [
      'the end of a trial',
      { status: 'trialing', trialEnd: TRIAL_END },
      { status: 'active', item: NEXT_MONTH },
      [['trial_ended', TRIAL_END, { status: 'active' }]],
    ],
    [
      'another plan',
      {},
      { item: itemOf('student_month') },
      [['plan_changed', NOW, { from_plan: 'pro', from_cycle: 'month' }]],
    ],
    [
      'another cycle',
      {},
      { item: itemOf('pro_year') },
      [['plan_changed', NOW, { from_plan: 'pro', from_cycle: 'month' }]],
    ],
    [
      'a payment that failed',
      {},
      { status: 'past_due', unpaidSince: TRIAL_END },
      [['payment_failed', TRIAL_END, { grace_ends_at: '2026-02-14T10:00:00.000Z' }]],
    ],
    ['a payment that came after all', { status: 'past_due' }, { status: 'active' }, [['recovered', NOW, {}]]],
    [
      'a cancellation to come',
      {},
      { cancelAtPeriodEnd: true },
      [['cancellation_scheduled', NOW, { at: '2026-02-28T10:00:00.000Z' }]],
    ],
    [
      'a cancellation taken back',
      { cancelAtPeriodEnd: true },
      { cancelAtPeriodEnd: false },
      [['reactivated', NOW, {}]],
    ],
    [
      'a change to come',
      {},
      { scheduled: { priceId: 'student_year', at: NEXT_MONTH.periodStart } },
      [['change_scheduled', NOW, { to_plan: 'student', to_cycle: 'year', at: '2026-02-28T10:00:00.000Z' }]],
    ],
    ['its end', { cancelAtPeriodEnd: true }, CANCELED, [['canceled', CANCELED.endedAt, {}]]],
    [
      'a subscription that ended before it was heard of',
      null,
      CANCELED,
      [
        ['subscribed', SUBSCRIBED_AT, { status: 'canceled' }],
        ['canceled', CANCELED.endedAt, {}],
      ],
    ],
    [
      'a price of no plan',
      {},
      { item: itemOf('price_of_a_mug') },
      [['review', NOW, { reason: 'Price price_of_a_mug is in no plan of the catalogue.' }]],
    ],
    ['another card', {}, { card: null }, []],
  ])('is %s', (_, before, after, expected) => {
    expect(stepsOf(before, after)).toEqual(expected);
  });

  it('is a renewal when the period that began is paid for, and when it is paid for later', () => {
    const facts = { period_start: '2026-02-09T00:00:00.000Z', period_end: '2026-03-31T10:00:00.000Z' };
    const began = { ...NEXT_MONTH, periodStart: new Date(facts.period_start) };
    const paidLater = new Date('2026-02-09T12:00:00Z');
    expect(stepsOf({}, { item: began }, began.periodStart)).toEqual([['renewed', began.periodStart, facts]]);
    expect(stepsOf({}, { item: began })).toEqual([['period_began', began.periodStart, facts]]);
    expect(stepsOf({ item: began }, {}, paidLater)).toEqual([['renewed', paidLater, facts]]);
    const owing = { item: began, status: 'past_due', unpaidSince: began.periodStart } as const;
    expect(stepsOf({}, owing).map((step) => (step as unknown[])[0])).toEqual(['period_began', 'payment_failed']);
  });

  it('never lies after the instant at which it was heard of', () => {
    const planned = new Date('2026-02-24T10:00:00Z');
    const trial = { status: 'trialing', trialEnd: planned } as const;
    const canceledNow = stepsOf(trial, { ...CANCELED, trialEnd: planned });
    expect(canceledNow).toEqual([
      ['trial_ended', CANCELED.endedAt, { status: 'canceled' }],
      ['canceled', CANCELED.endedAt, {}],
    ]);
    expect(stepsOf(null, { ...CANCELED, trialEnd: planned })).toEqual([
      ['trial_started', SUBSCRIBED_AT, { status: 'trialing' }],
      ['trial_ended', CANCELED.endedAt, { status: 'canceled' }],
      ['canceled', CANCELED.endedAt, {}],
    ]);
    expect(stepsOf(trial, { status: 'active', trialEnd: planned })).toEqual([
      ['trial_ended', NOW, { status: 'active' }],
    ]);
  });

  it('is when the provider says, where our clock is behind the period that began there', () => {
    const planned = NEXT_MONTH.periodStart;
    const trial = { status: 'trialing', trialEnd: planned } as const;
    const over = { status: 'active', trialEnd: planned, item: NEXT_MONTH } as const;
    expect(stepsOf(trial, over)).toEqual([['trial_ended', planned, { status: 'active' }]]);
  });

  it('says of which plan and of whom it is', () => {
    expect(stepsBetween(null, heard({}), NOW, null)).toMatchObject([
      { userId: ANA, externalId: 'sub_1', facts: { plan: 'pro', cycle: 'month' } },
    ]);
  });

  it('is found out the same by whoever finds it out later, where the provider says when it was', () => {
    const known = heard({});
    const renewed = known.followed(aSnapshot({ item: NEXT_MONTH }), told(NOW));
    const after = new Date(NEXT_MONTH.periodStart.getTime() + 3_600_000);
    expect(stepsBetween(known, renewed, after, NEXT_MONTH.periodStart)).toEqual(
      stepsBetween(known, renewed, new Date(after.getTime() + 1000), NEXT_MONTH.periodStart),
    );
  });
});
