import { PaymentEventIntake } from '../payments/payment-event-intake.js';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { SandboxSubscriptionDesk } from './sandbox-subscription-desk.js';
import { SubscriptionGateway } from './subscription-gateway.js';

const BATCH = 100;

/** Lets time pass for the subscriptions of the sandbox, and delivers what a provider would tell us of it. */
@UseCase()
export class SandboxBilling {
  constructor(
    private readonly gateway: SubscriptionGateway,
    private readonly desk: SandboxSubscriptionDesk,
    private readonly intake: PaymentEventIntake,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** Answers the ids of the events that were kept. Nothing happens when payments are real. */
  async execute(): Promise<readonly string[]> {
    const events: string[] = [];
    if (this.gateway.name !== 'sandbox') return events;
    for (;;) {
      const due = await this.desk.nextDue();
      if (due === null || due > this.clock.now()) return events;
      // Together: nothing happens in the sandbox of which nobody is told.
      const notices = await this.transaction.run(async () => {
        const told = await this.desk.run(BATCH);
        for (const notice of told) await this.intake.execute(notice);
        return told;
      });
      events.push(...notices.map(({ id }) => id));
      // The rest is in the hands of another process.
      if (notices.length < BATCH) return events;
    }
  }
}
