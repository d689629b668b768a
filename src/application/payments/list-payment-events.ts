import { type PaymentEvent, type PaymentEventFilter, PaymentEventRepository } from '#domain/payments/payment-event';
import type { Page, PageOf } from '#domain/shared/page';
import { UseCase } from '../use-case.js';

/** What payment providers told us, newest first. */
@UseCase()
export class ListPaymentEvents {
  constructor(private readonly events: PaymentEventRepository) {}

  execute(filter: PaymentEventFilter, page: Page): Promise<PageOf<PaymentEvent>> {
    return this.events.list(filter, page);
  }
}
