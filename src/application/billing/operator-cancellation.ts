import { AuditLog } from '#domain/accounts/audit-log';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import type { Operator } from '../accounts/user-change.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import type { CurrentSubscription } from './get-subscription.js';
import { type CancellationTime, SubscriptionCancellation } from './subscription-cancellation.js';

/** An operator ends the subscription of somebody who cannot: who is suspended, say. */
@UseCase()
export class OperatorCancellation {
  constructor(
    private readonly users: UserRepository,
    private readonly cancellation: SubscriptionCancellation,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
  ) {}

  /**
   * What is true after it. Never inside a transaction. Throws UserNotFound, NoSubscription, SubscriptionBusy and
   * PaymentProviderUnavailable.
   */
  async execute(
    userId: UserId,
    when: CancellationTime,
    { actor, reason }: Operator,
    idempotencyKey: string | null,
  ): Promise<CurrentSubscription> {
    await this.users.get(userId);
    const after = await this.cancellation.execute(userId, when, idempotencyKey);
    const { status, tier, cancelAtPeriodEnd } = after;
    await this.transaction.run(() =>
      this.audit.append({
        actor,
        action: 'subscription.cancel',
        userId,
        reason,
        before: { when },
        after: { status, plan: tier, cancel_at_period_end: cancelAtPeriodEnd },
      }),
    );
    return after;
  }
}
