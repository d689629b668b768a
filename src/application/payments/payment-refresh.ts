import type { UserId } from '#domain/accounts/user';
import { type Payment, PaymentGatewayChanged, type PaymentId } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { UseCase } from '../use-case.js';
import { PaymentGateway } from './payment-gateway.js';
import { PaymentSynchronisation } from './payment-synchronisation.js';

/** Asks the provider about a payment: what the page does that a buyer comes back to, so that nobody waits for a message. */
@UseCase()
export class PaymentRefresh {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly gateway: PaymentGateway,
    private readonly synchronisation: PaymentSynchronisation,
  ) {}

  /** May be repeated freely. Throws PaymentNotFound, PaymentGatewayChanged and PaymentProviderUnavailable. */
  async execute(id: PaymentId, userId: UserId): Promise<Payment> {
    const payment = await this.payments.get(id, userId);
    const { checkoutId } = payment;
    // Never opened: there is nobody to ask yet.
    if (checkoutId === null) return payment;
    if (payment.gateway !== this.gateway.name) throw new PaymentGatewayChanged(payment, this.gateway.name);
    return (await this.synchronisation.execute(id, () => this.gateway.getCheckout(checkoutId))).payment;
  }
}
