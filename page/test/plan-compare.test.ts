import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { PlanResponse } from '#interfaces/http/plans/plan.response';
import { canBePaid, invoiceStanding } from '#page/billing/invoices-standing';
import { minutesLeft } from '#page/billing/page-head-end';
import { choiceOf, isBlocked, yearlySaving } from '#page/billing/plan-compare-choice';
import { limitText } from '#page/billing/plan-limits.words';
import { Locale } from '#page/shared/locale';
import { words } from '#page/words/en';

const now = new Date('2026-11-21T12:00:00Z');
const plan = (name: string, month: number, year: number): PlanResponse =>
  ({ name, monthly_price_micros: month * 1_000_000, yearly_price_micros: year * 1_000_000 }) as PlanResponse;
const free = plan('free', 0, 0);
const student = plan('student', 10, 100);
const pro = plan('pro', 30, 306);

const subscription = {
  tier: 'student',
  status: 'active',
  billing_cycle: 'month',
  current_period_end: '2026-12-03T10:00:00.000Z',
  cancel_at_period_end: false,
  pending_change: null,
} as SubscriptionResponse;
const none = { ...subscription, tier: 'free', status: 'inactive', billing_cycle: null } as SubscriptionResponse;
const choice = (one: PlanResponse, cycle: 'month' | 'year', of: SubscriptionResponse | null, is_current = false) =>
  choiceOf({ plan: one, is_current }, cycle, of, now);

describe('what can be done with a plan', () => {
  it('is a checkout for who has no subscription, of what has a price', () => {
    expect([free, student, pro].map((one) => choice(one, 'month', none))).toEqual(['none', 'subscribe', 'subscribe']);
    expect(choice(pro, 'month', none, true)).toBe('none');
  });

  it('is a change for who has one: of the plan, or only of the rhythm', () => {
    expect([free, student, pro].map((one) => choice(one, 'month', subscription))).toEqual(['change', 'none', 'change']);
    expect(choice(student, 'year', subscription)).toBe('cycle');
  });

  it('is nothing while it is planned already, by the same rhythm', () => {
    const pending_change = { plan_id: 'pro', billing_cycle: 'year', effective_at: '2026-12-03T10:00:00.000Z' } as const;
    expect(choice(pro, 'year', { ...subscription, pending_change })).toBe('planned');
    expect(choice(pro, 'month', { ...subscription, pending_change })).toBe('change');
  });

  it('is nothing while something is owed, checked, or ending, and before it is known', () => {
    for (const status of ['past_due', 'paused', 'review'] as const) {
      expect(choice(pro, 'month', { ...subscription, status, grace_period_ends_at: null })).toBe('none');
    }
    expect(choice(pro, 'month', { ...subscription, cancel_at_period_end: true })).toBe('none');
    expect(isBlocked({ ...subscription, cancel_at_period_end: true }, now)).toBe(true);
    expect(choice(pro, 'month', null)).toBe('none');
    expect(isBlocked(null, now)).toBe(false);
  });
});

describe('figures of plans and invoices', () => {
  it('a year saves what it is cheaper by, never more', () => {
    expect([free, student, pro, plan('x', 10, 130)].map(yearlySaving)).toEqual([0, 16, 15, 0]);
  });

  it('limits have their unit, and none has a word', () => {
    const english = new Locale('en', 'ltr', 'UTC', words);
    expect(limitText(english, 'minutes', 3000)).toBe('3,000');
    expect(limitText(english, 'sessions', 'unlimited')).toBe('unlimited');
    expect(limitText(english, 'file_size_mb', 82.44)).toBe('82.4 MB');
    expect(limitText(english, 'retention_days', 30)).toBe('30 days');
    expect(limitText(english, 'export_formats', ['json', 'txt'])).toBe('JSON, TXT');
  });

  it('an open invoice that should be paid by now is past due, and a paid one is not', () => {
    expect(invoiceStanding({ status: 'open', is_past_due: true })).toBe('past_due');
    expect(invoiceStanding({ status: 'open', is_past_due: false })).toBe('open');
    expect(canBePaid({ status: 'open', amount_remaining: 1 })).toBe(true);
    expect(canBePaid({ status: 'paid', amount_remaining: 0 })).toBe(false);
    expect(canBePaid({ status: 'uncollectible', amount_remaining: 1 })).toBe(false);
  });
});

describe('the end of the session', () => {
  it('is told in its last five minutes, rounded up', () => {
    expect(minutesLeft('2026-11-21T12:05:00.001Z', now)).toBeNull();
    expect(minutesLeft('2026-11-21T12:05:00.000Z', now)).toBe(5);
    expect(minutesLeft('2026-11-21T12:00:01.000Z', now)).toBe(1);
    expect(minutesLeft('2026-11-21T12:00:00.000Z', now)).toBeNull();
    expect(minutesLeft(null, now)).toBeNull();
  });
});
