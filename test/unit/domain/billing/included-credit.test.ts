import { grantedUntil, includedCredit } from '#domain/billing/included-credit';
import { Subscription, type SubscriptionId, type SubscriptionSnapshot } from '#domain/billing/subscription';
import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { Money } from '#domain/shared/money';
import { ANA, aSnapshot, SUBSCRIBED_AT, told } from '#test/support/builders/subscriptions';

const ID = '0197a000-0000-7000-8000-0000000000ff' as SubscriptionId;
const PRO = { ...DEFAULT_CATALOG.plans.pro, monthlyIncludedCredit: Money.ofMicros(5_000_000n) };

const subscription = (of: Partial<SubscriptionSnapshot> & { priceId?: string } = {}): Subscription =>
  Subscription.of(ID, ANA, 'sandbox', aSnapshot(of), told(SUBSCRIBED_AT));

const keyAt = (one: Subscription, now: string): string | undefined =>
  includedCredit(one, PRO, new Date(now), null, null)?.key;

describe('the credit that a plan includes', () => {
  it('is promotional, and runs out with the month', () => {
    expect(includedCredit(subscription(), PRO, new Date('2026-02-10T00:00:00Z'), null, null)).toMatchObject({
      key: 'included:si_1:2026-01-31T10:00:00.000Z',
      type: 'bonus',
      category: 'promotional',
      amount: Money.ofMicros(5_000_000n),
      expiresAt: new Date('2026-02-28T10:00:00Z'),
      actor: 'system',
    });
  });

  it('comes by the month where the plan is paid by the year, by the anchor of the year', () => {
    const yearly = subscription({ priceId: 'pro_year' });
    const keys = ['2026-02-28T10:00:00Z', '2026-03-31T09:59:59Z', '2026-03-31T10:00:00Z', '2026-05-02T00:00:00Z'];
    expect(keys.map((now) => keyAt(yearly, now))).toEqual([
      'included:si_1:2026-02-28T10:00:00.000Z',
      'included:si_1:2026-02-28T10:00:00.000Z',
      'included:si_1:2026-03-31T10:00:00.000Z',
      'included:si_1:2026-04-30T10:00:00.000Z',
    ]);
  });

  it('of a trial runs out with the trial, and the first month that is paid for brings its own', () => {
    const trialEnd = new Date('2026-02-14T10:00:00Z');
    const trial = subscription({ status: 'trialing', trialEnd, anchor: trialEnd });
    expect(includedCredit(trial, PRO, new Date('2026-02-01T00:00:00Z'), null, null)!.expiresAt).toEqual(trialEnd);
    expect(includedCredit(trial, PRO, trialEnd, null, null)).toBeNull();
    const paid = subscription({ status: 'active', trialEnd, anchor: trialEnd });
    expect(keyAt(paid, '2026-02-14T10:00:00Z')).toBe('included:si_1:2026-02-14T10:00:00.000Z');
  });

  it('after a change of cycle is for the days that were not given for: they wait for the end of what was', () => {
    const anchor = new Date('2026-02-14T10:00:00Z');
    const yearly = subscription({ priceId: 'pro_year', anchor });
    const until = new Date('2026-02-28T10:00:00Z');
    expect(includedCredit(yearly, PRO, anchor, until, null)).toBeNull();
    // 14 of 28 days.
    const rest = includedCredit(yearly, PRO, until, until, null)!;
    expect([rest.key, rest.amount.micros]).toEqual(['included:si_1:2026-02-14T10:00:00.000Z', 2_500_000n]);
    expect(rest.expiresAt).toEqual(new Date('2026-03-14T10:00:00Z'));
    const next = includedCredit(yearly, PRO, rest.expiresAt!, rest.expiresAt, null)!;
    expect([next.key, next.amount.micros]).toEqual(['included:si_1:2026-03-14T10:00:00.000Z', 5_000_000n]);
  });

  it('of a trial is never more than that of the plan that the trial was begun with', () => {
    const trialEnd = new Date('2026-02-14T10:00:00Z');
    const trial = subscription({ status: 'trialing', trialEnd, anchor: trialEnd });
    const amountOf = (one: Subscription, micros: bigint): bigint | undefined => {
      const begun = { ...DEFAULT_CATALOG.plans.student, monthlyIncludedCredit: Money.ofMicros(micros) };
      return includedCredit(one, PRO, SUBSCRIBED_AT, null, begun)?.amount.micros;
    };
    expect([amountOf(trial, 1_000_000n), amountOf(trial, 9_000_000n)]).toEqual([1_000_000n, 5_000_000n]);
    expect(amountOf(trial, 0n)).toBeUndefined();
    expect(amountOf(subscription({ trialEnd: SUBSCRIBED_AT }), 1_000_000n)).toBe(5_000_000n);
  });

  it('is given for until the last of its months ends; that of a trial ends with it, also before its time', () => {
    const [start, end] = [SUBSCRIBED_AT, new Date('2026-02-14T10:00:00Z')];
    const upgradedAt = new Date('2026-02-05T10:00:00Z');
    const ofTrial = [{ start, end }];
    expect(grantedUntil(subscription({ status: 'trialing', trialEnd: end, anchor: end }), ofTrial)).toEqual(end);
    const paid = subscription({ trialEnd: upgradedAt, anchor: upgradedAt });
    expect(grantedUntil(paid, ofTrial)).toEqual(upgradedAt);
    const next = { start: upgradedAt, end: new Date('2026-03-05T10:00:00Z') };
    expect(grantedUntil(paid, [next, ...ofTrial])).toEqual(next.end);
    expect(grantedUntil(paid, [])).toBeNull();
  });

  it('waits in grace until it is paid for', () => {
    const unpaid = subscription({ status: 'past_due', unpaidSince: new Date('2026-02-28T10:00:00Z') });
    expect(unpaid.plan).toBe('pro');
    expect(keyAt(unpaid, '2026-03-01T00:00:00Z')).toBeUndefined();
  });

  it.each([
    ['a plan that includes none', subscription(), DEFAULT_CATALOG.plans.pro],
    ['another plan', subscription({ priceId: 'student_month' }), PRO],
    ['a price that is in no plan', subscription({ priceId: 'unknown' }), PRO],
    ['a subscription that has ended', subscription({ status: 'canceled', endedAt: SUBSCRIBED_AT }), PRO],
    ['a subscription that is paused', subscription({ status: 'paused' }), PRO],
  ])('is nothing for %s', (_, one, plan) => {
    expect(includedCredit(one, plan, new Date('2026-02-10T00:00:00Z'), null, null)).toBeNull();
  });
});
