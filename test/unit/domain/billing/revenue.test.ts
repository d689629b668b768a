import { churnOf, dividedHalfUp, type PaidLife, type RevenueGroup, revenueOf } from '#domain/billing/revenue';

const AT = new Date('2026-03-31T00:00:00Z');
const SPAN = { from: new Date('2026-03-01T00:00:00Z'), to: AT };
const NO_CHURN = churnOf(SPAN, []);

const group = (of: Partial<RevenueGroup>): RevenueGroup => ({
  plan: 'pro',
  cycle: 'month',
  status: 'active',
  dunning: 'clear',
  inReview: false,
  currency: 'usd',
  subscriptions: 1,
  amountMinor: 2999n,
  ...of,
});

const usd = (...groups: RevenueGroup[]) => revenueOf(groups, NO_CHURN, AT).currencies[0];

describe('what a month brings', () => {
  it('is a month of what is paid by the month, and a twelfth of what is paid by the year', () => {
    expect(usd(group({}), group({ cycle: 'year', amountMinor: 25_492n }))).toMatchObject({
      mrr: 5123n, // 2999 + 2124.33…
      arr: 61_480n,
      arpu: 2562n,
      paying: 2,
    });
  });

  it('is rounded once, for all together: twelfths do not get lost one by one', () => {
    // 0.4 cents each: alone they would be nothing.
    expect(usd(group({ cycle: 'year', subscriptions: 30, amountMinor: 150n }))).toMatchObject({ mrr: 13n, arr: 150n });
  });

  it.each([
    [5n, 12n, 0n],
    [6n, 12n, 1n],
    [17n, 12n, 1n],
    [18n, 12n, 2n],
    [0n, 12n, 0n],
    [9_007_199_254_740_993n * 12n, 12n, 9_007_199_254_740_993n],
  ])('rounds %d / %d to %d', (amount, by, result) => {
    expect(dividedHalfUp(amount, by)).toBe(result);
  });

  it('keeps currencies apart, in the order of their names', () => {
    const revenue = revenueOf([group({}), group({ currency: 'eur', amountMinor: 1000n })], NO_CHURN, AT);
    expect(revenue.currencies.map(({ currency, mrr }) => [currency, mrr])).toEqual([
      ['eur', 1000n],
      ['usd', 2999n],
    ]);
  });

  it('has grace in it, and says how much is at risk', () => {
    const unpaid = group({ status: 'past_due', dunning: 'grace', amountMinor: 16_900n });
    expect(usd(group({}), unpaid)).toMatchObject({ mrr: 19_899n, atRisk: 16_900n, paying: 2 });
    expect(revenueOf([unpaid], NO_CHURN, AT)).toMatchObject({ paying: 1, inGrace: 1 });
  });

  it.each<Partial<RevenueGroup>>([
    { status: 'trialing' },
    { status: 'past_due', dunning: 'lapsed' },
    { status: 'unpaid', dunning: 'lapsed' },
    { status: 'canceled', dunning: 'ended' },
    { status: 'incomplete' },
    { status: 'paused' },
    { inReview: true },
    { plan: null, cycle: null, inReview: true },
  ])('has nothing of %j', (of) => {
    expect(revenueOf([group(of)], NO_CHURN, AT)).toMatchObject({ currencies: [], paying: 0 });
  });
});

describe('how many there are', () => {
  const revenue = revenueOf(
    [
      group({ subscriptions: 3, amountMinor: 8997n }),
      group({ status: 'trialing', subscriptions: 2 }),
      group({ plan: 'student', cycle: 'year', status: 'trialing' }),
      group({ status: 'canceled', dunning: 'ended', subscriptions: 5 }),
      group({ inReview: true, subscriptions: 1 }),
    ],
    NO_CHURN,
    AT,
  );

  it('is counted by status, all of them', () => {
    expect(revenue.byStatus).toEqual({ active: 4, canceled: 5, trialing: 3 });
  });

  it('is counted by plan and cycle, trials beside those who pay', () => {
    expect(revenue.byPlan).toEqual([
      { plan: 'pro', cycle: 'month', paying: 3, trialing: 2 },
      { plan: 'student', cycle: 'year', paying: 0, trialing: 1 },
    ]);
    expect(revenue).toMatchObject({ paying: 3, trialing: 3, inReview: 1, inGrace: 0 });
  });
});

describe('churn', () => {
  const life = (from: string, until: string | null = null): PaidLife => ({
    from: new Date(from),
    until: until === null ? null : new Date(until),
  });

  it('is what is over at the end of a span, of what was paid for at its start', () => {
    const lives = [
      life('2026-01-01T00:00:00Z'),
      life('2026-03-01T00:00:00Z'),
      life('2026-01-01T00:00:00Z', '2026-03-15T00:00:00Z'),
      life('2026-01-01T00:00:00Z', '2026-03-31T00:00:00Z'),
    ];
    expect(churnOf(SPAN, lives)).toEqual({ ...SPAN, atStart: 4, lost: 2, ratePpm: 500_000 });
  });

  it.each([
    ['began later', life('2026-03-01T00:00:01Z')],
    ['began and ended within it', life('2026-03-02T00:00:00Z', '2026-03-20T00:00:00Z')],
    ['was over before', life('2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z')],
  ])('has nothing to do with what %s', (_, one) => {
    expect(churnOf(SPAN, [one])).toMatchObject({ atStart: 0, lost: 0, ratePpm: null });
  });

  it('is not what ends after the span', () => {
    expect(churnOf(SPAN, [life('2026-01-01T00:00:00Z', '2026-03-31T00:00:01Z')])).toMatchObject({
      atStart: 1,
      lost: 0,
    });
  });
});
