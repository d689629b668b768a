import type { NotificationKind, Tidings } from '../notifications/notification.js';
import type { Subscription } from './subscription.js';
import type { SubscriptionStep } from './subscription-repository.js';
import { utcDay } from './utc-day.js';

/** What is told of a subscription when it has happened. */
export interface SubscriptionTidings extends Tidings {
  readonly kind: 'plan_lost' | 'payment_recovered' | 'subscription_ended';
  readonly at: Date;
}

type Kind = SubscriptionTidings['kind'] & NotificationKind;

/** What a step is told as; null for one that nobody is told of. */
export function tidingsOf(subscription: Subscription, step: SubscriptionStep): SubscriptionTidings | null {
  const { externalId, sold, status, review, amountMinor, currency, periodEnd } = subscription;
  const plan = sold?.plan ?? 'your';
  const told = (kind: Kind, severity: Tidings['severity'], title: string, message: string): SubscriptionTidings => ({
    kind,
    severity,
    title,
    message,
    facts: {
      subscription_id: externalId,
      plan: sold?.plan ?? null,
      billing_cycle: sold?.cycle ?? null,
      amount_minor: amountMinor,
      currency,
      status,
      at: step.at.toISOString(),
    },
    sourceKey: `subscription:${subscription.id}:${step.kind}:${step.at.toISOString()}`,
    at: step.at,
  });
  // A second one that was bought besides gave nothing, and its end takes nothing away.
  if (review !== null) return null;
  switch (step.kind) {
    case 'grace_over':
      return told(
        'plan_lost',
        'critical',
        'Your plan is gone',
        `The ${plan} plan was not paid for in time: you are on the free plan since ${utcDay(step.at)}. A payment gives it back: set a payment method in the portal.`,
      );
    case 'recovered':
      return told(
        'payment_recovered',
        'info',
        'Your payment arrived',
        `The ${plan} plan is paid for, and nothing is owed any more. It is yours until ${utcDay(periodEnd)}.`,
      );
    case 'canceled':
      // What was never paid for was nobody's plan.
      if (status !== 'canceled') return null;
      return told(
        'subscription_ended',
        'info',
        'Your subscription ended',
        `The ${plan} plan ended on ${utcDay(step.at)}: you are on the free plan, and nothing more is charged.`,
      );
    default:
      return null;
  }
}
