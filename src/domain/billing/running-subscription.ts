import { DomainException } from '../shared/domain-exception.js';
import type { SoldPlan } from './billing-cycle.js';
import type { PlanName } from '../plans/plan-name.js';
import type { Subscription } from './subscription.js';

/** The one of a user's subscriptions that counts: one that runs, or else one that waits for its first payment, or else the newest. */
export function currentOf<One extends Pick<Subscription, 'startedAt' | 'isLive' | 'review' | 'status'>>(
  subscriptions: readonly One[],
): One | null {
  const newestFirst = [...subscriptions].sort((one, other) => other.startedAt.getTime() - one.startedAt.getTime());
  return (
    newestFirst.find(({ isLive, review }) => isLive && review === null) ??
    newestFirst.find(({ isLive }) => isLive) ??
    newestFirst.find(({ status }) => status === 'incomplete') ??
    newestFirst[0] ??
    null
  );
}

/** A subscription that can be acted on. */
export interface RunningSubscription extends Subscription {
  readonly sold: SoldPlan<PlanName>;
  readonly itemId: string;
  readonly priceId: string;
}

/** The one that runs, in review or not. Throws NoSubscription. */
export function liveOf(subscriptions: readonly Subscription[]): Subscription {
  const current = currentOf(subscriptions);
  if (!current?.isLive) throw new NoSubscription();
  return current;
}

/** The one that runs. Throws NoSubscription and SubscriptionInReview. */
export function runningOf(subscriptions: readonly Subscription[]): RunningSubscription {
  const current = liveOf(subscriptions);
  if (!isClear(current)) throw new SubscriptionInReview(current);
  return current;
}

/** Throws PaymentDue and SubscriptionPaused: nothing more is sold to who has not paid, and nothing that is owed disappears. */
export function mustBePaid({ status, dunning }: Subscription): void {
  const owes = dunning.state === 'grace' || dunning.state === 'lapsed';
  if (owes) throw new PaymentDue(status);
  if (status === 'paused') throw new SubscriptionPaused();
}

function isClear(one: Subscription): one is RunningSubscription {
  return one.review === null && one.sold !== null && one.itemId !== null && one.priceId !== null;
}

export class NoSubscription extends DomainException {
  constructor() {
    super('no_subscription', 'You have no subscription. Begin one with POST /api/v1/billing/checkout.', {}, 'conflict');
  }
}

export class AlreadySubscribed extends DomainException {
  constructor({ sold, status }: Subscription) {
    super(
      'already_subscribed',
      'You have a subscription already, and one is all that a user has. Change it with POST /api/v1/billing/subscription/change.',
      { plan: sold?.plan ?? null, billing_cycle: sold?.cycle ?? null, status },
      'conflict',
    );
  }
}

export class SubscriptionInReview extends DomainException {
  constructor({ externalId }: Subscription) {
    super(
      'subscription_in_review',
      'Your subscription waits for an operator, and cannot be changed until then. Ask the operator, or end it with ' +
        'POST /api/v1/billing/subscription/cancel.',
      { subscription_id: externalId },
      'conflict',
    );
  }
}

export class PaymentDue extends DomainException {
  constructor(status: Subscription['status']) {
    super(
      'payment_due',
      'A payment of your subscription is due. Set a payment method in the portal first: POST /api/v1/billing/portal.',
      { status },
      'conflict',
    );
  }
}

/** Its trial ended with nothing to pay by, so nothing is owed: no card in the portal wakes it. */
export class SubscriptionPaused extends DomainException {
  constructor() {
    super(
      'subscription_paused',
      'Your subscription is paused: its trial ended without a way to pay. End it with POST /api/v1/billing/subscription/cancel ' +
        '(when: "now"), and begin one with POST /api/v1/billing/checkout.',
      { status: 'paused' },
      'conflict',
    );
  }
}

export class CancellationScheduled extends DomainException {
  constructor({ cancelAt, periodEnd }: Subscription) {
    super(
      'cancellation_scheduled',
      'Your subscription ends with its period. Take that back first: POST /api/v1/billing/subscription/reactivate.',
      { cancel_at: (cancelAt ?? periodEnd).toISOString() },
      'conflict',
    );
  }
}

export class NothingToChange extends DomainException {
  constructor({ plan, cycle }: SoldPlan<PlanName>) {
    super(
      'nothing_to_change',
      `You have the ${plan} plan by the ${cycle} already. Choose another one.`,
      { plan_id: plan, billing_cycle: cycle },
      'conflict',
    );
  }
}

/** Money was shown by another instant than the one that would be charged by. */
export class PreviewOutdated extends DomainException {
  constructor(at: Date, now: Date) {
    super(
      'preview_outdated',
      'What the change costs was reckoned too long ago, or in another period. Ask for a preview again, and change by that.',
      { preview_at: at.toISOString(), now: now.toISOString() },
      'conflict',
    );
  }
}
