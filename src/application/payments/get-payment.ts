import type { UserId } from '#domain/accounts/user';
import type { Payment, PaymentId } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import { UseCase } from '../use-case.js';

@UseCase()
export class GetPayment {
  constructor(private readonly payments: PaymentRepository) {}

  /** Throws PaymentNotFound, also for a foreign one. */
  execute(id: PaymentId, userId: UserId): Promise<Payment> {
    return this.payments.get(id, userId);
  }
}
