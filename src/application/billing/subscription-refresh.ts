import type { UserId } from '#domain/accounts/user';
import { liveOf, NoSubscription, type RunningSubscription, runningOf } from '#domain/billing/running-subscription';
import type { Subscription } from '#domain/billing/subscription';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { SubscriptionGateway } from './subscription-gateway.js';

/** Asks the provider about the subscription that a user is about to change, so that nothing is decided by what was true once. */
@UseCase()
export class SubscriptionRefresh {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly gateway: SubscriptionGateway,
    private readonly synchronisation: CustomerSynchronisation,
  ) {}

  /** Never inside a transaction. Throws NoSubscription, SubscriptionInReview and PaymentProviderUnavailable. */
  async execute(userId: UserId): Promise<RunningSubscription> {
    return runningOf(await this.asked(userId));
  }

  /** The same, also one in review. */
  async live(userId: UserId): Promise<Subscription> {
    return liveOf(await this.asked(userId));
  }

  private async asked(userId: UserId): Promise<readonly Subscription[]> {
    const customerId = await this.payments.findCustomer(userId, this.gateway.name);
    const customer = customerId === null ? null : await this.synchronisation.execute(customerId);
    if (customer === null) throw new NoSubscription();
    return customer.subscriptions.filter(({ gateway }) => gateway === this.gateway.name);
  }
}
