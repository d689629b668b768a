import type { UserId } from '../accounts/user.js';
import { DomainException } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import { Money } from '../shared/money.js';

export type PaymentId = Id<'Payment'>;

/**
 * `pending` until the buyer did something, `processing` while a bank takes its time, then `completed`, `failed` or `expired`.
 * `review`: what the provider says is not what was ordered; nothing is granted, and a person decides.
 */
export const PAYMENT_STATUSES = ['pending', 'processing', 'completed', 'failed', 'expired', 'review'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** What people are told: the status, and what became of the money afterwards. */
export const PAYMENT_STANDINGS = [...PAYMENT_STATUSES, 'partially_refunded', 'refunded', 'disputed'] as const;
export type PaymentStanding = (typeof PAYMENT_STANDINGS)[number];

/**
 * How long a buyer has. Stripe lets a checkout live from half an hour to a day
 * (https://docs.stripe.com/api/checkout/sessions/create), by its own clock: so an hour less.
 */
export const CHECKOUT_LIFETIME_MS = 23 * 60 * 60 * 1000;
export const SHORTEST_CHECKOUT_MS = 45 * 60 * 1000;

/** What is bought, decided on our side before the provider hears of it. */
export interface PaymentOrder {
  readonly id: PaymentId;
  readonly userId: UserId;
  /** The provider and its mode: `sandbox`, `stripe-test`, `stripe-live`. */
  readonly gateway: string;
  /** What makes a repeated request the same purchase. */
  readonly requestKey: string;
  /** Null for an amount of the buyer's choice. */
  readonly packageId: string | null;
  /** In the currency's minor unit. */
  readonly amountMinor: number;
  /** ISO 4217, in lower case as Stripe writes it. */
  readonly currency: string;
  readonly creditMicros: bigint;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/** One purchase of credit. Its price and its credit never change; what the provider says is compared with them. */
export class Payment implements PaymentOrder {
  constructor(
    readonly id: PaymentId,
    readonly userId: UserId,
    readonly gateway: string,
    readonly requestKey: string,
    readonly status: PaymentStatus,
    readonly packageId: string | null,
    readonly amountMinor: number,
    readonly currency: string,
    readonly creditMicros: bigint,
    readonly successUrl: string,
    readonly cancelUrl: string,
    /** The provider's id of the checkout; null until it was opened. */
    readonly checkoutId: string | null,
    readonly checkoutUrl: string | null,
    readonly paymentIntentId: string | null,
    /** Why it failed, or waits for a person. */
    readonly problem: string | null,
    readonly refundedMinor: number,
    readonly disputedMinor: number,
    readonly createdAt: Date,
    readonly expiresAt: Date,
    readonly completedAt: Date | null,
    readonly updatedAt: Date,
    /** Grows with every change: what the provider says is applied to the version that it was asked about. */
    readonly version: number,
  ) {}

  static ordered(order: PaymentOrder, now: Date): Payment {
    const { id, userId, gateway, requestKey, packageId, amountMinor, currency, creditMicros, successUrl, cancelUrl } =
      order;
    return new Payment(
      id,
      userId,
      gateway,
      requestKey,
      'pending',
      packageId,
      amountMinor,
      currency,
      creditMicros,
      successUrl,
      cancelUrl,
      null,
      null,
      null,
      null,
      0,
      0,
      now,
      new Date(now.getTime() + CHECKOUT_LIFETIME_MS),
      null,
      now,
      1,
    );
  }

  get credit(): Money {
    return Money.ofMicros(this.creditMicros);
  }

  get standing(): PaymentStanding {
    if (this.status !== 'completed') return this.status;
    if (this.disputedMinor > 0) return 'disputed';
    if (this.refundedMinor === 0) return 'completed';
    return this.refundedMinor >= this.amountMinor ? 'refunded' : 'partially_refunded';
  }

  /** Whether the same request, repeated, asks for the same purchase. */
  isSameOrderAs(other: PaymentOrder): boolean {
    return (
      this.packageId === other.packageId &&
      this.amountMinor === other.amountMinor &&
      this.currency === other.currency &&
      this.successUrl === other.successUrl &&
      this.cancelUrl === other.cancelUrl
    );
  }

  /** Whether there is time enough left to open it at the provider. */
  canBeOpenedAt(now: Date): boolean {
    return this.expiresAt.getTime() - now.getTime() >= SHORTEST_CHECKOUT_MS;
  }

  /** The provider has opened its checkout. */
  opened(
    checkout: { readonly checkoutId: string; readonly url: string; readonly expiresAt: Date },
    now: Date,
  ): Payment {
    const { checkoutId, url, expiresAt } = checkout;
    return this.with({ checkoutId, checkoutUrl: url, expiresAt }, now);
  }

  /** What the provider calls the checkout and, once the buyer has paid, the payment. */
  knownAs({ checkoutId, paymentIntentId }: Pick<Payment, 'checkoutId' | 'paymentIntentId'>, now: Date): Payment {
    const names = {
      checkoutId: this.checkoutId ?? checkoutId,
      paymentIntentId: this.paymentIntentId ?? paymentIntentId,
    };
    const same = names.checkoutId === this.checkoutId && names.paymentIntentId === this.paymentIntentId;
    return same ? this : this.with(names, now);
  }

  /** The money is there, whatever was thought before. */
  completed(now: Date): Payment {
    return this.with({ status: 'completed', problem: null, completedAt: now }, now);
  }

  /** What was completed stays so: only money that moves back changes what it is worth. */
  moved(status: 'processing' | 'failed' | 'expired' | 'review', problem: string | null, now: Date): Payment {
    if (this.status === 'completed' || (this.status === status && this.problem === problem)) return this;
    return this.with({ status, problem }, now);
  }

  /** How much of the money went back by now, by refunds and by disputes. */
  returned(refundedMinor: number, disputedMinor: number, now: Date): Payment {
    return this.with({ refundedMinor, disputedMinor }, now);
  }

  private with(changes: Partial<Payment>, updatedAt: Date): Payment {
    return Object.assign(Object.create(Payment.prototype) as Payment, this, changes, {
      updatedAt,
      version: this.version + 1,
    });
  }
}

/** A refund or a dispute in one of these is over, as far as anybody expects. */
export const DECIDED: readonly string[] = [
  'succeeded',
  'failed',
  'canceled',
  'won',
  'lost',
  'prevented',
  'warning_closed',
];

/** A refund or a dispute of a payment, and how much credit it has taken back so far. */
export class PaymentCorrection {
  constructor(
    /** The provider's id. */
    readonly id: string,
    readonly paymentId: PaymentId,
    readonly kind: 'refund' | 'dispute',
    readonly amountMinor: number,
    /** In the provider's words. */
    readonly status: string,
    /** Whether the money is with the buyer, as far as the provider says. */
    readonly effective: boolean,
    readonly takenMicros: bigint,
    /** How often it took or gave back credit: part of the key of the next entry. */
    readonly moves: number,
    readonly createdAt: Date,
    readonly updatedAt: Date,
  ) {}
}

/**
 * How much of the credit of a payment belongs back when so much of its money is back with the buyer: pro rata, rounded half up to
 * the micro-dollar on the total, and never more than all of it.
 */
export function creditToTakeBack(credit: Money, paidMinor: number, returnedMinor: number): Money {
  if (returnedMinor >= paidMinor) return credit;
  return credit.timesRoundedHalfUp(BigInt(returnedMinor), BigInt(paidMinor));
}

export class PaymentNotFound extends DomainException {
  constructor(payment: string) {
    super('payment_not_found', `There is no payment ${payment}.`, { payment_id: payment }, 'not_found');
  }
}

/** The same Idempotency-Key for another purchase. */
export class PaymentRequestReused extends DomainException {
  constructor(payment: Payment) {
    super(
      'payment_request_reused',
      'This Idempotency-Key was used for another purchase. Use a new key for a new purchase.',
      { payment_id: payment.id, amount: payment.amountMinor, currency: payment.currency },
      'conflict',
    );
  }
}

/** A purchase of another provider, or of its test mode, cannot be looked up at the one that is configured now. */
export class PaymentGatewayChanged extends DomainException {
  constructor(payment: Payment, configured: string) {
    super(
      'payment_gateway_changed',
      `Payment ${payment.id} was made with ${payment.gateway}; this installation now uses ${configured}.`,
      { payment_id: payment.id, gateway: payment.gateway, configured },
      'conflict',
    );
  }
}
