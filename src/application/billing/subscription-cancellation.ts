import type { UserId } from '#domain/accounts/user';
import type { Subscription } from '#domain/billing/subscription';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { deedKey } from './deed-key.js';
import { type CurrentSubscription, GetSubscription } from './get-subscription.js';
import { SubscriptionGateway } from './subscription-gateway.js';
import { SubscriptionTurn } from './subscription-turn.js';

export const CANCELLATION_TIMES = ['period_end', 'now'] as const;
export type CancellationTime = (typeof CANCELLATION_TIMES)[number];

/** Ends a subscription: with what is paid for, or at once. Also one that is past due or in review: nobody is kept in. */
@UseCase()
export class SubscriptionCancellation {
  constructor(
    private readonly turn: SubscriptionTurn,
    private readonly gateway: SubscriptionGateway,
    private readonly synchronisation: CustomerSynchronisation,
    private readonly getSubscription: GetSubscription,
    private readonly clock: Clock,
  ) {}

  /**
   * What is true after it. Never inside a transaction. Throws NoSubscription, SubscriptionBusy and PaymentProviderUnavailable.
   */
  execute(userId: UserId, when: CancellationTime, idempotencyKey: string | null): Promise<CurrentSubscription> {
    return this.announced(userId, when, idempotencyKey, () => Promise.resolve());
  }

  /** The same, after `announce` was told which one it is about: before the provider is asked to end it, and each time that is decided. */
  async announced(
    userId: UserId,
    when: CancellationTime,
    idempotencyKey: string | null,
    announce: (subscription: Subscription) => Promise<void>,
  ): Promise<CurrentSubscription> {
    await this.turn.withLive(userId, async (subscription) => {
      await announce(subscription);
      if (when === 'period_end' && subscription.cancelAtPeriodEnd) return;
      await this.gateway.cancel(subscription, when, deedKey(subscription, idempotencyKey, this.clock.now()));
      await this.synchronisation.execute(subscription.customerId);
    });
    return this.getSubscription.execute(userId);
  }
}
