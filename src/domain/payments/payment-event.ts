import { DomainException } from '../shared/domain-exception.js';
import type { Page, PageOf } from '../shared/page.js';
import type { PaymentId } from './payment.js';

/** `dead`: failed as often as it may, and waits for an operator. `ignored`: nothing of ours, or nothing that moves money. */
export const PAYMENT_EVENT_STATUSES = ['received', 'applied', 'ignored', 'dead'] as const;
export type PaymentEventStatus = (typeof PAYMENT_EVENT_STATUSES)[number];

/** What a provider told us, with a valid signature, as it came. */
export interface PaymentNotice {
  /** The provider's id of the event: one of each, for ever. */
  readonly id: string;
  readonly gateway: string;
  readonly type: string;
  /** The version of the provider's API that the payload is written in. */
  readonly apiVersion: string | null;
  /** False in a test mode. */
  readonly live: boolean;
  readonly createdAt: Date;
  readonly payload: unknown;
}

export class PaymentEvent implements PaymentNotice {
  constructor(
    readonly id: string,
    readonly gateway: string,
    readonly type: string,
    readonly apiVersion: string | null,
    readonly live: boolean,
    readonly createdAt: Date,
    readonly payload: unknown,
    readonly receivedAt: Date,
    readonly status: PaymentEventStatus,
    /** How often it could not be applied. */
    readonly failures: number,
    readonly lastError: string | null,
    readonly paymentId: PaymentId | null,
    readonly closedAt: Date | null,
  ) {}

  static received(notice: PaymentNotice, now: Date): PaymentEvent {
    const { id, gateway, type, apiVersion, live, createdAt, payload } = notice;
    return new PaymentEvent(
      id,
      gateway,
      type,
      apiVersion,
      live,
      createdAt,
      payload,
      now,
      'received',
      0,
      null,
      null,
      null,
    );
  }

  /** Null when it was about no payment, but about subscriptions. */
  applied(paymentId: PaymentId | null, now: Date): PaymentEvent {
    return this.with({ status: 'applied', paymentId, closedAt: now });
  }

  ignored(now: Date): PaymentEvent {
    return this.with({ status: 'ignored', closedAt: now });
  }

  /** One more failure; the last one that is allowed makes it dead. */
  failed(error: string, most: number, now: Date): PaymentEvent {
    const failures = this.failures + 1;
    const dead = failures >= most;
    return this.with({ failures, lastError: error, ...(dead && { status: 'dead', closedAt: now }) });
  }

  /** Once more from the beginning, whatever became of it before. */
  replayed(): PaymentEvent {
    return this.with({ status: 'received', failures: 0, lastError: null, closedAt: null });
  }

  private with(changes: Partial<PaymentEvent>): PaymentEvent {
    return Object.assign(Object.create(PaymentEvent.prototype) as PaymentEvent, this, changes);
  }
}

export interface PaymentEventFilter {
  readonly status: PaymentEventStatus | null;
  readonly type: string | null;
}

export abstract class PaymentEventRepository {
  /** False when this event was kept before: a redelivery. Needs a running transaction. */
  abstract addOnce(event: PaymentEvent): Promise<boolean>;

  /** Throws PaymentEventNotFound. */
  abstract get(id: string): Promise<PaymentEvent>;

  /** Nobody else may hold the same event until the running transaction ends. Throws PaymentEventNotFound. */
  abstract hold(id: string): Promise<PaymentEvent>;

  /** Only for an event held in the running transaction. */
  abstract save(event: PaymentEvent): Promise<void>;

  /** Newest first. */
  abstract list(filter: PaymentEventFilter, page: Page): Promise<PageOf<PaymentEvent>>;
}

export class PaymentEventNotFound extends DomainException {
  constructor(event: string) {
    super('payment_event_not_found', `There is no payment event ${event}.`, { event_id: event }, 'not_found');
  }
}
