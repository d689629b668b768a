import { BILLING_STATES } from '#application/billing/get-subscription';
import type { SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import { addressWithoutOutcome, outcomeIn, returnAddresses } from '#page/billing/plan-card-outcome';
import { instantOf, standingOf } from '#page/billing/plan-card-standing';

const now = new Date('2026-11-21T12:00:00Z');
const subscription: SubscriptionResponse = {
  tier: 'student',
  status: 'active',
  billing_cycle: 'month',
  current_period_start: '2026-11-03T10:00:00.000Z',
  current_period_end: '2026-12-03T10:00:00.000Z',
  price: 999,
  currency: 'gbp',
  cancel_at_period_end: false,
  trial_end: null,
  grace_period_ends_at: null,
  payment_method: { brand: 'Visa', last4: '4242' },
  pending_change: null,
  next_charge: null,
};
const told = (changes: Partial<SubscriptionResponse>, plan: string | null = 'student') =>
  standingOf({ ...subscription, ...changes }, plan, now);

describe('how a subscription stands', () => {
  it.each(BILLING_STATES)('%s has a button', (status) => {
    expect(told({ status }).actions).not.toHaveLength(0);
  });

  it('is free for who never subscribed, and granted for whom an operator gave a plan', () => {
    expect(told({ status: 'inactive', tier: 'free' }, 'free')).toMatchObject({ kind: 'free', actions: ['upgrade'] });
    expect(told({ status: 'inactive', tier: 'free' }, 'pro')).toMatchObject({ kind: 'granted', isGiven: false });
  });

  it('names the end of a trial', () => {
    const trial = told({ status: 'trialing', trial_end: '2026-12-01T00:00:00.000Z' });
    expect(trial).toMatchObject({ kind: 'trial', at: '2026-12-01T00:00:00.000Z', choice: 'change' });
  });

  it('keeps the plan of who owes until grace is over, and never hides the way to pay', () => {
    const grace = { status: 'past_due', grace_period_ends_at: '2026-11-21T12:00:00.001Z' } as const;
    expect(told(grace)).toMatchObject({ kind: 'due', isGiven: true, choice: 'blocked' });
    expect(told({ ...grace, grace_period_ends_at: now.toISOString() })).toMatchObject({
      kind: 'lapsed',
      isGiven: false,
    });
    for (const status of ['past_due', 'paused'] as const) {
      expect(told({ status }).actions).toEqual(['fix', 'manage', 'cancel']);
    }
  });

  it('offers to take back a cancellation, also of a trial, and a change that is planned', () => {
    const ending = { kind: 'ending', at: subscription.current_period_end, choice: 'blocked' };
    expect(told({ cancel_at_period_end: true })).toMatchObject(ending);
    expect(told({ cancel_at_period_end: true, status: 'trialing' })).toMatchObject(ending);
    expect(told({ cancel_at_period_end: true }).actions[0]).toBe('reactivate');
    const pending = { plan_id: 'free', billing_cycle: 'month', effective_at: '2026-12-03T10:00:00.000Z' } as const;
    expect(told({ pending_change: pending }).actions).toEqual(['undo', 'manage', 'cancel']);
  });

  it('never names a day of 1970', () => {
    expect(instantOf('1970-01-01T00:00:00.000Z')).toBeNull();
    expect(told({ cancel_at_period_end: true, current_period_end: '1970-01-01T00:00:00.000Z' }).at).toBeNull();
    expect(told({ status: 'past_due', grace_period_ends_at: '1970-01-01T00:00:00.000Z' })).toMatchObject({
      kind: 'lapsed',
    });
  });
});

describe('the address one comes back to', () => {
  it('says how it went', () => {
    expect(outcomeIn('?outcome=success')).toBe('success');
    expect(outcomeIn('?lang=de&checkout=success')).toBe('success');
    expect(outcomeIn('?outcome=cancelled')).toBe('left');
    expect(outcomeIn('?lang=de')).toBeNull();
  });

  it('of a purchase of credit is left to the credit', () => {
    expect(outcomeIn('?payment_id=1&outcome=success')).toBeNull();
  });

  it('keeps the language and the theme, on the way there and after it', () => {
    const { success_url, cancel_url } = returnAddresses({
      origin: 'https://bill.example',
      pathname: '/billing',
      search: '?lang=de&outcome=cancelled',
    });
    expect(success_url).toBe('https://bill.example/billing?lang=de&outcome=success');
    expect(cancel_url).toBe('https://bill.example/billing?lang=de&outcome=cancelled');
    expect(addressWithoutOutcome('/billing', new URL(success_url).search)).toBe('/billing?lang=de');
    expect(addressWithoutOutcome('/billing', '?outcome=success')).toBe('/billing');
  });
});
