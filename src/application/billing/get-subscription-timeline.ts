import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import type { Invoice } from '#domain/billing/invoice';
import type { Subscription } from '#domain/billing/subscription';
import {
  InvoiceRepository,
  SubscriptionRepository,
  type SubscriptionStep,
} from '#domain/billing/subscription-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

export interface SubscriptionTimeline {
  readonly user: User;
  /** All of them, newest first. */
  readonly subscriptions: readonly Subscription[];
  /** Newest first, like the invoices. */
  readonly steps: PageOf<SubscriptionStep>;
  readonly invoices: PageOf<Invoice>;
  /** By which an open invoice is past due, or not yet. */
  readonly now: Date;
}

/** All that an operator sees of one user's subscriptions: how they stand, what happened to them, and their invoices. */
@UseCase()
export class GetSubscriptionTimeline {
  constructor(
    private readonly users: UserRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly invoices: InvoiceRepository,
    private readonly clock: Clock,
  ) {}

  /** @param page Of the steps, and of the invoices. Throws UserNotFound. */
  async execute(userId: UserId, page: Page): Promise<SubscriptionTimeline> {
    return {
      user: await this.users.get(userId),
      subscriptions: await this.subscriptions.listOf(userId),
      steps: await this.subscriptions.listSteps(userId, page),
      invoices: await this.invoices.listOf(userId, page),
      now: this.clock.now(),
    };
  }
}
