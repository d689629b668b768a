import type { Payment } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import type { PreparedCheckout } from './checkout-preparation.js';

/** Notes which checkout the provider opened for a payment. */
@UseCase()
export class CheckoutStart {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  execute({ payment: { id, userId }, checkout }: PreparedCheckout): Promise<Payment> {
    return this.transaction.run(async () => {
      if (checkout === null) return this.payments.get(id, userId);
      const held = await this.payments.hold(id);
      if (held.checkoutUrl !== null) return held;
      const opened = held.opened({ ...checkout, url: checkout.url! }, this.clock.now());
      await this.payments.save(opened);
      return opened;
    });
  }
}
