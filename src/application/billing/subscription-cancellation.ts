import type { UserId } from '#domain/accounts/user';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { deedKey } from './deed-key.js';
import { type CurrentSubscription, GetSubscription } from './get-subscription.js';
import { SubscriptionGateway } from './subscription-gateway.js';
import { SubscriptionRefresh } from './subscription-refresh.js';

export const CANCELLATION_TIMES = ['period_end', 'now'] as const;
export type CancellationTime = (typeof CANCELLATION_TIMES)[number];

/** Ends a subscription: with what is paid for, or at once. Also one that is past due: nobody is kept in because they owe. */
@UseCase()
export class SubscriptionCancellation {
  constructor(
    private readonly refresh: SubscriptionRefresh,
    private readonly gateway: SubscriptionGateway,
    private readonly synchronisation: CustomerSynchronisation,
    private readonly getSubscription: GetSubscription,
    private readonly clock: Clock,
  ) {}

  /**
   * What is true after it. Never inside a transaction. Throws NoSubscription, SubscriptionInReview and PaymentProviderUnavailable.
   */
  async execute(userId: UserId, when: CancellationTime, idempotencyKey: string | null): Promise<CurrentSubscription> {
    const subscription = await this.refresh.execute(userId);
    if (when === 'now' || !subscription.cancelAtPeriodEnd) {
      await this.gateway.cancel(subscription, when, deedKey(subscription, idempotencyKey, this.clock.now()));
      await this.synchronisation.execute(subscription.customerId);
    }
    return this.getSubscription.execute(userId);
  }
}
