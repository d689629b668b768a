import type { UserId } from '#domain/accounts/user';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { deedKey } from './deed-key.js';
import { type CurrentSubscription, GetSubscription } from './get-subscription.js';
import { SubscriptionGateway } from './subscription-gateway.js';
import { SubscriptionTurn } from './subscription-turn.js';

/** Takes back a cancellation that has not happened yet, or a change that is scheduled. */
@UseCase()
export class SubscriptionReactivation {
  constructor(
    private readonly turn: SubscriptionTurn,
    private readonly gateway: SubscriptionGateway,
    private readonly synchronisation: CustomerSynchronisation,
    private readonly getSubscription: GetSubscription,
    private readonly clock: Clock,
  ) {}

  /**
   * What is true after it; nothing is done where nothing is to be taken back. Never inside a transaction. Throws NoSubscription,
   * SubscriptionInReview, SubscriptionBusy and PaymentProviderUnavailable.
   */
  async execute(userId: UserId, idempotencyKey: string | null): Promise<CurrentSubscription> {
    await this.turn.withRunning(userId, async (subscription) => {
      const key = deedKey(subscription, idempotencyKey, this.clock.now());
      const { cancelAtPeriodEnd, cancelAt, pending, customerId } = subscription;
      if (cancelAtPeriodEnd || cancelAt !== null) await this.gateway.reactivate(subscription, key);
      else if (pending !== null) await this.gateway.dropScheduledChange(subscription, key);
      else return;
      await this.synchronisation.execute(customerId);
    });
    return this.getSubscription.execute(userId);
  }
}
