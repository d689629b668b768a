import type { UserId } from '#domain/accounts/user';
import { DomainException } from '#domain/shared/domain-exception';

/** Who may decide about a user's subscription now: one at a time, in all processes together. */
export abstract class BillingTurns {
  /**
   * Runs `work` while nobody else has the turn of this user, and waits some seconds for it. No transaction is held meanwhile, so `work` may
   * speak to the provider; a turn whose process died passes on by itself. Never inside a transaction, and never within itself.
   * Throws SubscriptionBusy.
   */
  abstract alone<T>(userId: UserId, work: () => Promise<T>): Promise<T>;
}

/** Nothing was done: so no answer is kept under an Idempotency-Key, and the same request may come again. */
export class SubscriptionBusy extends DomainException {
  /** @param retryAfterSeconds When it makes sense to ask again. */
  constructor(readonly retryAfterSeconds: number) {
    super(
      'subscription_busy',
      'Something else is being done with this subscription. Nothing was changed by this request: send it again in a moment.',
      {},
      'unavailable',
    );
  }
}
