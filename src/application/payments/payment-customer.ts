import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { PaymentGateway } from './payment-gateway.js';

/** The one customer that a user is at the provider, whatever is bought; another one when somebody deleted it there. */
@UseCase()
export class PaymentCustomer {
  constructor(
    private readonly users: UserRepository,
    private readonly payments: PaymentRepository,
    private readonly gateway: PaymentGateway,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** Makes it when there is none yet; so never inside a transaction. Throws UserNotFound and PaymentProviderUnavailable. */
  async execute(userId: UserId): Promise<string> {
    const { name: gateway } = this.gateway;
    const known = await this.payments.findCustomer(userId, gateway);
    if (known !== null && (await this.gateway.hasCustomer(known))) return known;
    const { email, name } = await this.users.get(userId);
    const made = await this.gateway.createCustomer({ userId, email, name }, known);
    return this.transaction.run(async () => {
      const now = this.clock.now();
      if (known !== null) await this.payments.retireCustomer(gateway, known, now);
      return this.payments.addCustomerOnce(userId, gateway, made, now);
    });
  }
}
