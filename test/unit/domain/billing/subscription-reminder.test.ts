import { Subscription, type SubscriptionId, type SubscriptionSnapshot } from '#domain/billing/subscription';
import { nextRemindedAt, reminderAt } from '#domain/billing/subscription-reminder';
import { MUTABLE_KINDS } from '#domain/notifications/notification';
import { ANA, aSnapshot, SUBSCRIBED_AT, told } from '#test/support/builders/subscriptions';

const ID = '0197a000-0000-7000-8000-0000000000ff' as SubscriptionId;
const FAILED_AT = new Date('2026-02-28T10:00:00Z');
const TRIAL_END = new Date('2026-02-14T10:00:00Z');

const after = (instant: Date, days: number): Date => new Date(instant.getTime() + days * 86_400_000);

function subscription(of: Partial<SubscriptionSnapshot>): Subscription {
  return Subscription.of(ID, ANA, 'sandbox', aSnapshot(of), told(SUBSCRIBED_AT));
}

const unpaid = subscription({ status: 'past_due', unpaidSince: FAILED_AT });
const trial = subscription({ status: 'trialing', trialEnd: TRIAL_END, anchor: TRIAL_END });

describe('the reminders of a payment that failed', () => {
  it.each([
    [0, 'payment_failed'],
    [2.9, 'payment_failed'],
    [3, 'payment_overdue'],
    [5.9, 'payment_overdue'],
    [6, 'grace_ending'],
    [9, 'grace_ending'],
  ])('after %d days the last that is due is %s', (days, kind) => {
    const reminder = reminderAt(unpaid, after(FAILED_AT, days));
    expect(reminder).toMatchObject({ kind, severity: 'critical' });
    expect(MUTABLE_KINDS).not.toContain(reminder!.kind);
  });

  it('are told apart by the day, and by the payment that failed', () => {
    const keys = [0, 3, 6].map((day) => reminderAt(unpaid, after(FAILED_AT, day))!.sourceKey);
    const again = subscription({ status: 'past_due', unpaidSince: after(FAILED_AT, 28) });
    expect(new Set([...keys, reminderAt(again, after(FAILED_AT, 28))!.sourceKey]).size).toBe(4);
    expect(keys[1]).toBe(`subscription:${ID}:unpaid:2026-02-28T10:00:00.000Z:day:3`);
  });

  it('say every figure of the message as a fact', () => {
    expect(reminderAt(unpaid, after(FAILED_AT, 4))).toMatchObject({
      dueAt: after(FAILED_AT, 3),
      message: expect.stringContaining('until 2026-03-07'),
      facts: {
        plan: 'pro',
        billing_cycle: 'month',
        amount_minor: 2999,
        currency: 'usd',
        unpaid_since: '2026-02-28T10:00:00.000Z',
        grace_period_ends_at: '2026-03-07T10:00:00.000Z',
        day: 3,
      },
    });
  });

  it('end with grace', () => {
    const lapsed = unpaid.graceEndedAt(after(FAILED_AT, 7));
    expect(reminderAt(lapsed, after(FAILED_AT, 8))).toBeNull();
  });

  it('are not for those who pay', () => {
    expect(reminderAt(subscription({}), after(SUBSCRIBED_AT, 5))).toBeNull();
  });
});

describe('the reminder of a trial', () => {
  it('is due three days before its end, and not after it', () => {
    expect(reminderAt(trial, after(TRIAL_END, -3.01))).toBeNull();
    expect(reminderAt(trial, after(TRIAL_END, -3))).toMatchObject({ kind: 'trial_ending', severity: 'info' });
    expect(reminderAt(trial, TRIAL_END)).toBeNull();
  });

  it('says whether the plan is charged then', () => {
    const canceled = subscription({
      status: 'trialing',
      trialEnd: TRIAL_END,
      anchor: TRIAL_END,
      cancelAtPeriodEnd: true,
    });
    expect(reminderAt(trial, after(TRIAL_END, -1))!.message).toContain('Then it is charged');
    expect(reminderAt(canceled, after(TRIAL_END, -1))!.message).toContain('nothing is charged');
  });

  it('may be muted', () => {
    expect(MUTABLE_KINDS).toContain('trial_ending');
  });
});

describe('what is due next', () => {
  it.each([
    [-1, 0],
    [0, 3],
    [3, 6],
    [6, 7],
  ])('after %d days of grace is day %d', (days, day) => {
    expect(nextRemindedAt(unpaid, after(FAILED_AT, days))).toEqual(after(FAILED_AT, day));
  });

  it('is nothing once grace is over, or when nothing is owed', () => {
    expect(nextRemindedAt(unpaid, after(FAILED_AT, 7))).toBeNull();
    expect(nextRemindedAt(subscription({}), SUBSCRIBED_AT)).toBeNull();
  });

  it('is the reminder of a trial', () => {
    expect(nextRemindedAt(trial, SUBSCRIBED_AT)).toEqual(after(TRIAL_END, -3));
  });
});
