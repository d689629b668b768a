import { AuditLog } from '#domain/accounts/audit-log';
import { type PaymentEvent, PaymentEventRepository } from '#domain/payments/payment-event';
import type { Operator } from '../accounts/user-change.js';
import { JobQueue } from '../ports/job-queue.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { jobOf } from './payment-event-intake.js';

export interface Replay {
  readonly before: PaymentEvent;
  readonly after: PaymentEvent;
}

/** Has an event handled once more from the beginning, whatever became of it: handling it again does nothing twice. */
@UseCase()
export class PaymentEventReplay {
  constructor(
    private readonly events: PaymentEventRepository,
    private readonly audit: AuditLog,
    private readonly jobs: JobQueue,
    private readonly transaction: Transaction,
  ) {}

  /** Throws PaymentEventNotFound. */
  execute(eventId: string, { actor, reason }: Operator): Promise<Replay> {
    return this.transaction.run(async () => {
      const before = await this.events.hold(eventId);
      const after = before.replayed();
      await this.events.save(after);
      await this.audit.append({
        actor,
        action: 'payment_event.replay',
        userId: null,
        reason,
        before: factsOf(before),
        after: factsOf(after),
      });
      await this.jobs.add('apply_payment_event', { eventId }, jobOf(eventId));
      return { before, after };
    });
  }
}

function factsOf({ id, type, status, failures, lastError }: PaymentEvent): Readonly<Record<string, unknown>> {
  return { event_id: id, type, status, failures, last_error: lastError };
}
