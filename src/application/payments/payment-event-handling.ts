import type { PaymentId } from '#domain/payments/payment';
import { type PaymentEvent, PaymentEventRepository } from '#domain/payments/payment-event';
import { CustomerSynchronisation } from '../billing/customer-synchronisation.js';
import { SubscriptionGateway } from '../billing/subscription-gateway.js';
import { Clock } from '../ports/clock.js';
import { Log } from '../ports/log.js';
import { Telemetry } from '../ports/telemetry.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { PaymentGateway, PaymentProviderUnavailable } from './payment-gateway.js';
import { PaymentIdentification } from './payment-identification.js';
import { PaymentSynchronisation } from './payment-synchronisation.js';

/** An event that failed so often will not succeed by being repeated: half an hour, with the pauses of the queue. */
export const MOST_FAILURES = 8;

/** While the provider is away nothing is known about the event: one delivery less than after which the queue gives up. */
export const MOST_FAILURES_WHILE_AWAY = 24;

/**
 * Acts on one kept event: looks up what it is about, and brings that payment, or that customer's subscriptions, to what the
 * provider says now. What the event itself says is not believed: it may be old, late, or in the words of another version of
 * the API.
 */
@UseCase()
export class PaymentEventHandling {
  constructor(
    private readonly events: PaymentEventRepository,
    private readonly gateway: PaymentGateway,
    private readonly identification: PaymentIdentification,
    private readonly synchronisation: PaymentSynchronisation,
    private readonly subscriptions: SubscriptionGateway,
    private readonly customers: CustomerSynchronisation,
    private readonly transaction: Transaction,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * A thousand times is as good as once. Rejects with what went wrong, so that it is delivered again, until it went wrong
   * too often: then the event is dead, and waits for an operator. Throws PaymentEventNotFound.
   */
  async execute(eventId: string): Promise<void> {
    const event = await this.events.get(eventId);
    if (event.status !== 'received') return;
    let concerned: Concerned | null;
    try {
      concerned = await this.apply(event);
    } catch (error) {
      const failed = await this.changed(event, (held, now) => held.failed(sentenceOf(error), mostOf(error), now));
      if (failed?.status === 'received') throw error;
      if (failed) this.log.error(error, factsOf(failed), 'a payment event failed too often, and waits for an operator');
      return;
    }
    await this.changed(event, (held, now) =>
      concerned === null ? held.ignored(now) : held.applied(concerned.paymentId, now),
    );
  }

  /** What was brought up to date, or null when the event is about nothing of ours. */
  private async apply(event: PaymentEvent): Promise<Concerned | null> {
    // Such as an event of the provider's test mode at an installation that takes real money.
    if (event.gateway !== this.gateway.name) return null;
    const reference = this.gateway.referenceIn(event);
    const found = reference && (await this.identification.execute(reference));
    if (!found) return this.customerConcerned(event);
    const { payment, changed } = await this.synchronisation.execute(found.payment.id, () =>
      this.gateway.getCheckout(found.checkoutId),
    );
    if (changed && payment.status === 'review') {
      this.log.warn({ payment_id: payment.id, problem: payment.problem }, 'a payment waits for review');
    }
    return { paymentId: payment.id };
  }

  private async customerConcerned(event: PaymentEvent): Promise<Concerned | null> {
    const customerId = this.subscriptions.customerIn(event);
    const customer = customerId === null ? null : await this.customers.execute(customerId);
    return customer && { paymentId: null };
  }

  /** Null when somebody else has brought the event to its end meanwhile. */
  private async changed(
    { id }: PaymentEvent,
    change: (held: PaymentEvent, now: Date) => PaymentEvent,
  ): Promise<PaymentEvent | null> {
    const next = await this.transaction.run(async () => {
      const held = await this.events.hold(id);
      if (held.status !== 'received') return null;
      const changed = change(held, this.clock.now());
      await this.events.save(changed);
      return changed;
    });
    if (next && next.status !== 'received') this.telemetry.paymentEventClosed(next.status);
    if (next?.status === 'applied') {
      this.telemetry.paymentEventLag((next.closedAt!.getTime() - next.createdAt.getTime()) / 1000);
    }
    return next;
  }
}

/** Null: it was about subscriptions. */
interface Concerned {
  readonly paymentId: PaymentId | null;
}

function mostOf(error: unknown): number {
  return error instanceof PaymentProviderUnavailable ? MOST_FAILURES_WHILE_AWAY : MOST_FAILURES;
}

const LONGEST_SENTENCE = 500;

function sentenceOf(error: unknown): string {
  return String(error).slice(0, LONGEST_SENTENCE);
}

function factsOf({ id, type, failures }: PaymentEvent): Readonly<Record<string, unknown>> {
  return { event_id: id, type, failures };
}
