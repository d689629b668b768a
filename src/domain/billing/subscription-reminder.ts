import type { NotificationKind, Tidings } from '../notifications/notification.js';
import type { Facts } from '../shared/domain-exception.js';
import { GRACE_DAYS, REMINDER_DAYS } from './dunning.js';
import type { Subscription } from './subscription.js';
import { utcDay } from './utc-day.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** So many days before a trial ends its user is told. */
export const TRIAL_REMINDER_DAYS = 3;

type ReminderDay = (typeof REMINDER_DAYS)[number];

/** What is told of a subscription, and since when it is due. */
export interface SubscriptionReminder extends Tidings {
  readonly kind: 'payment_failed' | 'payment_overdue' | 'grace_ending' | 'trial_ending';
  readonly dueAt: Date;
}

const KINDS: Readonly<Record<ReminderDay, SubscriptionReminder['kind'] & NotificationKind>> = {
  0: 'payment_failed',
  3: 'payment_overdue',
  6: 'grace_ending',
};

/**
 * The reminder that is due at `now`; null when there is none. Of several that became due while nobody looked it is the last: three
 * letters at once remind of nothing. Who told it before knows it by its source key.
 */
export function reminderAt(subscription: Subscription, now: Date): SubscriptionReminder | null {
  const day = subscription.dunning.remindersDueAt(now).at(-1) as ReminderDay | undefined;
  if (day !== undefined) return ofDunning(subscription, day);
  const { status, trialEnd } = subscription;
  if (status !== 'trialing' || trialEnd === null || trialEnd <= now) return null;
  const dueAt = new Date(trialEnd.getTime() - TRIAL_REMINDER_DAYS * DAY_MS);
  return dueAt <= now ? ofTrial(subscription, trialEnd, dueAt) : null;
}

/** When the next reminder of it is due, or its grace ends; null: never, as it stands. */
export function nextRemindedAt({ dunning, status, trialEnd }: Subscription, now: Date): Date | null {
  const { since, state } = dunning;
  const inGrace =
    state === 'grace' && since !== null
      ? [...REMINDER_DAYS, GRACE_DAYS].map((day) => since.getTime() + day * DAY_MS)
      : [];
  const inTrial = status === 'trialing' && trialEnd ? [trialEnd.getTime() - TRIAL_REMINDER_DAYS * DAY_MS] : [];
  const ahead = [...inGrace, ...inTrial].filter((instant) => instant > now.getTime());
  return ahead.length === 0 ? null : new Date(Math.min(...ahead));
}

function ofDunning(subscription: Subscription, day: ReminderDay): SubscriptionReminder {
  const { id, dunning, sold } = subscription;
  const [since, end] = [dunning.since!, dunning.graceEndsAt!];
  const plan = sold?.plan ?? 'your';
  const advice = 'Set another payment method in the portal.';
  const told = {
    0: [
      'Your payment failed',
      `A payment for the ${plan} plan failed. You keep the plan until ${utcDay(end)}. ${advice}`,
    ],
    3: ['Your payment is overdue', `The ${plan} plan is not paid for. You keep it until ${utcDay(end)}. ${advice}`],
    6: ['Your plan ends soon', `The ${plan} plan is not paid for, and ends on ${utcDay(end)}. ${advice}`],
  } as const;
  const [title, message] = told[day];
  return {
    kind: KINDS[day],
    severity: 'critical',
    title,
    message,
    facts: {
      ...factsOf(subscription),
      unpaid_since: since.toISOString(),
      grace_period_ends_at: end.toISOString(),
      day,
    },
    sourceKey: `subscription:${id}:unpaid:${since.toISOString()}:day:${day}`,
    dueAt: new Date(since.getTime() + day * DAY_MS),
  };
}

function ofTrial(subscription: Subscription, end: Date, dueAt: Date): SubscriptionReminder {
  const { id, sold, cancelAtPeriodEnd } = subscription;
  const plan = sold?.plan ?? 'your';
  const next = cancelAtPeriodEnd
    ? 'It is canceled, and nothing is charged.'
    : 'Then it is charged, unless you cancel before.';
  return {
    kind: 'trial_ending',
    severity: 'info',
    title: 'Your trial ends soon',
    message: `The trial of the ${plan} plan ends on ${utcDay(end)}. ${next}`,
    facts: { ...factsOf(subscription), trial_end: end.toISOString(), cancel_at_period_end: cancelAtPeriodEnd },
    sourceKey: `subscription:${id}:trial:${end.toISOString()}`,
    dueAt,
  };
}

function factsOf({ externalId, sold, amountMinor, currency }: Subscription): Facts {
  return {
    subscription_id: externalId,
    plan: sold?.plan ?? null,
    billing_cycle: sold?.cycle ?? null,
    amount_minor: amountMinor,
    currency,
  };
}
