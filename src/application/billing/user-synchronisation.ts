import { AuditLog } from '#domain/accounts/audit-log';
import type { UserId } from '#domain/accounts/user';
import type { Subscription } from '#domain/billing/subscription';
import { SubscriptionRepository } from '#domain/billing/subscription-repository';
import { PaymentRepository } from '#domain/payments/payment-repository';
import type { Operator } from '../accounts/user-change.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { SubscriptionGateway } from './subscription-gateway.js';

export interface SynchronisedUser {
  /** Null when the user is no customer of the provider's: there was nothing to ask about. */
  readonly customerId: string | null;
  readonly before: readonly Subscription[];
  readonly after: readonly Subscription[];
}

/** An operator has the provider asked about one user, as every notice and the reconciler do. */
@UseCase()
export class UserSynchronisation {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly gateway: SubscriptionGateway,
    private readonly synchronisation: CustomerSynchronisation,
    private readonly audit: AuditLog,
    private readonly transaction: Transaction,
  ) {}

  /** Asked as often as one likes. Throws PaymentProviderUnavailable. */
  async execute(userId: UserId, { actor, reason }: Operator): Promise<SynchronisedUser> {
    const before = await this.subscriptions.listOf(userId);
    const customerId = await this.payments.findCustomer(userId, this.gateway.name);
    if (customerId === null) return { customerId, before, after: before };
    await this.synchronisation.execute(customerId);
    const after = await this.subscriptions.listOf(userId);
    await this.transaction.run(() =>
      this.audit.append({
        actor,
        action: 'subscription.sync',
        userId,
        reason,
        before: { subscriptions: before.map(keptOf) },
        after: { subscriptions: after.map(keptOf) },
      }),
    );
    return { customerId, before, after };
  }
}

function keptOf({ externalId, status, version }: Subscription): Readonly<Record<string, unknown>> {
  return { external_id: externalId, status, version };
}
