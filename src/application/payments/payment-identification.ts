import type { Payment } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { UseCase } from '../use-case.js';
import { PaymentGateway, type PaymentReference } from './payment-gateway.js';

export interface IdentifiedPayment {
  readonly payment: Payment;
  /** What to ask the provider about. */
  readonly checkoutId: string;
}

/** Which of our payments the provider speaks of. */
@UseCase()
export class PaymentIdentification {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly gateway: PaymentGateway,
  ) {}

  /**
   * Null for what was not sold here. Asks the provider when the reference is not in the book, as when the answer to the opening of
   * a checkout was lost: so never inside a transaction. Throws PaymentProviderUnavailable.
   */
  async execute(reference: PaymentReference): Promise<IdentifiedPayment | null> {
    const known = await this.payments.findByReference(this.gateway.name, reference);
    if (known?.checkoutId) return { payment: known, checkoutId: known.checkoutId };
    const checkout = await this.gateway.findCheckout(reference);
    if (!checkout?.paymentId) return null;
    // What a checkout says of itself is believed only as far as there is such a payment with this very provider.
    const payment = await this.payments.find(checkout.paymentId);
    return payment?.gateway === this.gateway.name ? { payment, checkoutId: checkout.checkoutId } : null;
  }
}
