import type { UserId } from '#domain/accounts/user';
import { SubscriptionRepository, type SubscriptionStep } from '#domain/billing/subscription-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { UseCase } from '../use-case.js';

/** The timeline of a user's subscriptions. */
@UseCase()
export class ListSubscriptionSteps {
  constructor(private readonly subscriptions: SubscriptionRepository) {}

  /** Newest first. */
  execute(userId: UserId, page: Page): Promise<PageOf<SubscriptionStep>> {
    return this.subscriptions.listSteps(userId, page);
  }
}
