import { type PaymentEvent, PaymentEventRepository } from '#domain/payments/payment-event';
import { UseCase } from '../use-case.js';

/** One event, as it came. */
@UseCase()
export class GetPaymentEvent {
  constructor(private readonly events: PaymentEventRepository) {}

  /** Throws PaymentEventNotFound. */
  execute(eventId: string): Promise<PaymentEvent> {
    return this.events.get(eventId);
  }
}
