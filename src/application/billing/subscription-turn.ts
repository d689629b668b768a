import type { UserId } from '#domain/accounts/user';
import type { RunningSubscription } from '#domain/billing/running-subscription';
import type { Subscription } from '#domain/billing/subscription';
import { UseCase } from '../use-case.js';
import { BillingTurns, SubscriptionBusy } from './billing-turns.js';
import { SubscriptionMoved } from './subscription-gateway.js';
import { SubscriptionRefresh } from './subscription-refresh.js';

const MOST_DECISIONS = 3;

/**
 * A deed with a user's subscription: what is decided by is asked of the provider, and nobody else decides until the deed is brought home.
 * What a customer does at the provider meanwhile is told by SubscriptionMoved, and decided about anew.
 */
@UseCase()
export class SubscriptionTurn {
  constructor(
    private readonly turns: BillingTurns,
    private readonly refresh: SubscriptionRefresh,
  ) {}

  /** Never inside a transaction. Throws NoSubscription, SubscriptionInReview, SubscriptionBusy and PaymentProviderUnavailable. */
  withRunning(userId: UserId, deed: (subscription: RunningSubscription) => Promise<void>): Promise<void> {
    return this.turns.alone(userId, () => decided(() => this.refresh.execute(userId), deed));
  }

  /** The same, also with one in review. */
  withLive(userId: UserId, deed: (subscription: Subscription) => Promise<void>): Promise<void> {
    return this.turns.alone(userId, () => decided(() => this.refresh.live(userId), deed));
  }
}

async function decided<One>(ask: () => Promise<One>, deed: (subscription: One) => Promise<void>): Promise<void> {
  for (let decision = 1; ; decision++) {
    try {
      return await deed(await ask());
    } catch (error) {
      if (!(error instanceof SubscriptionMoved)) throw error;
      if (decision === MOST_DECISIONS) throw new SubscriptionBusy(1);
    }
  }
}
