import type { UserId } from '#domain/accounts/user';
import type { Payment } from '#domain/payments/payment';
import { PaymentRepository } from '#domain/payments/payment-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { UseCase } from '../use-case.js';

@UseCase()
export class ListPayments {
  constructor(private readonly payments: PaymentRepository) {}

  /** Newest first. */
  execute(userId: UserId, page: Page): Promise<PageOf<Payment>> {
    return this.payments.listOf(userId, page);
  }
}
