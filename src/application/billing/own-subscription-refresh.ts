import type { UserId } from '#domain/accounts/user';
import { Customers } from '#domain/billing/customers';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { type CurrentSubscription, GetSubscription } from './get-subscription.js';
import { SubscriptionGateway } from './subscription-gateway.js';

/** So long after a question the tables answer for a user, and not the provider. */
export const QUESTION_PAUSE_MS = 2_000;

/** Asks the provider how a user's subscription stands: what the page does that a customer comes back to, so that nobody waits for a message. */
@UseCase()
export class OwnSubscriptionRefresh {
  constructor(
    private readonly customers: Customers,
    private readonly gateway: SubscriptionGateway,
    private readonly synchronisation: CustomerSynchronisation,
    private readonly getSubscription: GetSubscription,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** May be repeated freely. Who never began to pay is answered, too. Never inside a transaction. Throws PaymentProviderUnavailable. */
  async execute(userId: UserId): Promise<CurrentSubscription> {
    const { name } = this.gateway;
    const customerId = await this.transaction.run(() =>
      this.customers.claimQuestion(userId, name, this.clock.now(), QUESTION_PAUSE_MS),
    );
    if (customerId !== null) await this.synchronisation.execute(customerId);
    return this.getSubscription.execute(userId);
  }
}
