import { PaymentEvent, PaymentEventRepository, type PaymentNotice } from '#domain/payments/payment-event';
import { Clock } from '../ports/clock.js';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** Keeps what a provider told us, once, together with the job that applies it: then it may be answered, and never be lost. */
@UseCase()
export class PaymentEventIntake {
  constructor(
    private readonly events: PaymentEventRepository,
    private readonly jobs: JobQueue,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** False for a redelivery, which changes nothing. */
  execute(notice: PaymentNotice): Promise<boolean> {
    return this.transaction.run(async () => {
      const kept = await this.events.addOnce(PaymentEvent.received(notice, this.clock.now()));
      if (kept) await this.jobs.add('apply_payment_event', { eventId: notice.id }, jobOf(notice.id));
      return kept;
    });
  }
}

/** One job of an event waits at a time: a replay takes the place of a delivery that is still to come. */
export function jobOf(eventId: string): { readonly key: string } {
  return { key: `payment_event:${eventId}` };
}
