import { type AuditEntry, AuditLog } from '#domain/accounts/audit-log';
import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { DomainException } from '#domain/shared/domain-exception';
import type { Operator } from '../accounts/user-change.js';
import { Log } from '../ports/log.js';
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
    private readonly log: Log,
  ) {}

  /**
   * What is true after it. It is written down before the provider is asked, so that no crash leaves an end that nobody ordered; what
   * was not brought to its end, or may not have been, is written down again. Never inside a transaction. Throws UserNotFound, NoSubscription, SubscriptionBusy and
   * PaymentProviderUnavailable.
   */
  async execute(
    userId: UserId,
    when: CancellationTime,
    { actor, reason }: Operator,
    idempotencyKey: string | null,
  ): Promise<CurrentSubscription> {
    await this.users.get(userId);
    const entry = { actor, userId, reason };
    let isWritten = false;
    try {
      return await this.cancellation.announced(userId, when, idempotencyKey, async (subscription) => {
        if (isWritten) return;
        const { status, sold, cancelAtPeriodEnd } = subscription;
        const before = { when, status, plan: sold?.plan ?? null, cancel_at_period_end: cancelAtPeriodEnd };
        await this.append({ ...entry, action: 'subscription.cancel', before, after: null });
        isWritten = true;
      });
    } catch (error) {
      if (isWritten) await this.deny(error, { ...entry, before: { when } });
      throw error;
    }
  }

  /** Whatever becomes of this: the failure itself is what the operator is told. */
  private async deny(error: unknown, entry: Omit<AuditEntry, 'action' | 'after'>): Promise<void> {
    const code = error instanceof DomainException ? error.code : null;
    try {
      await this.append({ ...entry, action: 'subscription.cancel_not_confirmed', after: { error: code } });
    } catch (failure) {
      this.log.error(failure, { user_id: entry.userId }, 'it could not be audited that a cancellation failed');
    }
  }

  private append(entry: AuditEntry): Promise<void> {
    return this.transaction.run(() => this.audit.append(entry));
  }
}
