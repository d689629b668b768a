import { injectable } from 'inversify';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import type { JobHandler } from '#application/ports/job-handler';

/** Acts on what a payment provider told us. */
@injectable()
export class PaymentEventHandler implements JobHandler {
  readonly task = 'apply_payment_event';
  readonly schedule = null;

  constructor(private readonly handling: PaymentEventHandling) {}

  async handle(payload: unknown): Promise<void> {
    const { eventId } = (payload ?? {}) as { readonly eventId?: unknown };
    if (typeof eventId !== 'string' || eventId === '') throw new Error('A job to apply a payment event names none.');
    await this.handling.execute(eventId);
  }
}
