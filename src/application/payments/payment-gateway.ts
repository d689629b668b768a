import type { UserId } from '#domain/accounts/user';
import type { Payment, PaymentId } from '#domain/payments/payment';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { DomainException } from '#domain/shared/domain-exception';

/** A checkout as the provider has it now, in our words. */
export interface GatewayCheckout {
  readonly checkoutId: string;
  /** What we told the provider when it was opened; null when it was not opened by us. */
  readonly paymentId: PaymentId | null;
  readonly userId: UserId | null;
  readonly url: string | null;
  readonly expiresAt: Date;
  /**
   * `open`: the buyer may still pay. `processing`: paid in a way that takes days. `paid`: the money is there. `failed`: it will
   * not come. `expired`: the buyer did not pay in time. `free`: nothing had to be paid, which we never sell.
   */
  readonly state: 'open' | 'processing' | 'paid' | 'failed' | 'expired' | 'free';
  /** What the buyer pays, in the currency's minor unit. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly paymentIntentId: string | null;
  /** Why it failed, if it did. */
  readonly failure: string | null;
  readonly corrections: readonly GatewayCorrection[];
}

/** A refund or a dispute as the provider has it now. */
export interface GatewayCorrection {
  readonly id: string;
  readonly kind: 'refund' | 'dispute';
  readonly amountMinor: number;
  /** In the provider's words. */
  readonly status: string;
  /** Whether this money is with the buyer, or on its way: false for a refund that failed and a dispute that was won. */
  readonly effective: boolean;
  readonly createdAt: Date;
}

/** What an event is about: whatever of these it names. */
export interface PaymentReference {
  readonly checkoutId: string | null;
  readonly paymentIntentId: string | null;
  readonly chargeId: string | null;
}

export interface Buyer {
  readonly userId: UserId;
  readonly email: string;
  readonly name: string;
}

/**
 * The cash register: takes money, and says what became of it. It never decides about credit. Every method speaks to the world
 * outside, so none is called inside a transaction. All throw PaymentProviderUnavailable when the outcome is not known; asked again,
 * they do nothing twice.
 */
export abstract class PaymentGateway {
  /** The provider and its mode: `sandbox`, `stripe-test`, `stripe-live`. Kept with every payment. */
  abstract readonly name: string;

  /** The same customer for the same user, however often it is asked for; another one after `gone`, which was deleted. */
  abstract createCustomer(buyer: Buyer, gone: string | null): Promise<string>;

  /** False for one that was deleted there, or never was: nothing can be sold to it. */
  abstract hasCustomer(customerId: string): Promise<boolean>;

  /** Opens a checkout of exactly this payment: the same one for the same payment, however often it is asked for. */
  abstract openCheckout(payment: Payment, customerId: string, description: string): Promise<GatewayCheckout>;

  /** Throws CheckoutNotFound. */
  abstract getCheckout(checkoutId: string): Promise<GatewayCheckout>;

  /** The checkout that a payment, charge, refund or dispute belongs to; null when it belongs to none. */
  abstract findCheckout(reference: PaymentReference): Promise<GatewayCheckout | null>;

  /** What a stored notice is about, in whatever version of the API it is written; null when it moves no payment. */
  abstract referenceIn(notice: PaymentNotice): PaymentReference | null;

  /** Checkouts opened since, and those whose payment was refunded or disputed since. Each once; the order does not matter. */
  abstract checkoutsTouchedSince(since: Date): AsyncIterable<PaymentReference>;
}

/** Tells a provider's own messages from forged ones. */
export abstract class PaymentWebhook {
  /** `body` is what came over the wire, to the byte. Throws WebhookRefused. */
  abstract verify(body: Buffer, signature: string | undefined, now: Date): PaymentNotice;
}

/** The provider cannot be asked, or did not answer in time: nothing is known about the outcome. */
export class PaymentProviderUnavailable extends DomainException {
  constructor(gateway: string, options?: { readonly cause: unknown }) {
    super(
      'payment_provider_unavailable',
      'The payment provider cannot be asked just now. Try again in a moment with the same Idempotency-Key, so that nothing is done twice.',
      { gateway },
      'unavailable',
    );
    this.cause = options?.cause;
  }
}

export class CheckoutNotFound extends DomainException {
  constructor(checkoutId: string) {
    super(
      'checkout_not_found',
      `The payment provider has no checkout ${checkoutId}.`,
      { checkout_id: checkoutId },
      'not_found',
    );
  }
}

/** A message without a valid signature, or too old, or from the future. What is wrong with it is told to nobody. */
export class WebhookRefused extends DomainException {
  constructor(readonly reason: string) {
    super('webhook_refused', 'The signature of this message is not valid.', {}, 'invalid');
  }
}
