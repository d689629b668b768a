import type { UserId } from '../accounts/user.js';
import type { Page, PageOf } from '../shared/page.js';
import type { Invoice, InvoiceId, InvoiceSnapshot } from './invoice.js';
import type { Subscription } from './subscription.js';

/** One step in the life of a subscription, kept for ever: what the timeline is made of. */
export interface SubscriptionStep {
  readonly userId: UserId;
  readonly externalId: string;
  /** `subscribed`, `trial_ended`, `period_began`, `renewed`, `plan_changed`, `payment_failed`, `grace_over`, `recovered`, `canceled`, … */
  readonly kind: string;
  readonly at: Date;
  readonly facts: Readonly<Record<string, unknown>>;
}

export abstract class SubscriptionRepository {
  /** All of a user, newest first. */
  abstract listOf(userId: UserId): Promise<readonly Subscription[]>;

  /** The same, alone with this customer until the transaction ends. */
  abstract holdOf(userId: UserId): Promise<readonly Subscription[]>;

  /** Adds it, or replaces what was known of it. Needs a running transaction that holds its user's. */
  abstract save(subscription: Subscription): Promise<void>;

  /** Those in grace that is over at `now`, oldest first. */
  abstract listLapsing(now: Date, limit: number): Promise<readonly Subscription[]>;

  /** Those in grace, and those whose trial ends before `trialEndsBefore`: who may be reminded. */
  abstract listToRemind(
    trialEndsBefore: Date,
    after: Subscription['id'] | null,
    limit: number,
  ): Promise<readonly Subscription[]>;

  /** Those that give a plan, by id: who may have credit included. */
  abstract listGiving(after: Subscription['id'] | null, limit: number): Promise<readonly Subscription[]>;

  /** Once for (subscription, kind, at): false when it is known. */
  abstract appendStep(step: SubscriptionStep): Promise<boolean>;

  /** The first of its kind; null when there was none. */
  abstract findStep(externalId: string, kind: string): Promise<SubscriptionStep | null>;

  abstract listSteps(userId: UserId, page: Page): Promise<PageOf<SubscriptionStep>>;
}

export abstract class InvoiceRepository {
  /**
   * Adds it under `id`, or replaces what was known of it, unless more is known: an invoice never goes back, from paid to open or to
   * fewer tries, so whatever says that is an older answer. Needs a running transaction.
   */
  abstract save(id: InvoiceId, userId: UserId, gateway: string, snapshot: InvoiceSnapshot): Promise<void>;

  /** Newest first. */
  abstract listOf(userId: UserId, page: Page): Promise<PageOf<Invoice>>;

  /** When the oldest invoice of the customer that is not settled yet, or else the newest of all, was made; null for none. */
  abstract findOldestUnsettled(userId: UserId, gateway: string): Promise<Date | null>;
}
