import type { UserId } from '../accounts/user.js';
import type { Page, PageOf } from '../shared/page.js';
import type { Payment, PaymentCorrection, PaymentId } from './payment.js';

export abstract class PaymentRepository {
  /** Throws PaymentNotFound, also for a foreign one. */
  abstract get(id: PaymentId, userId: UserId): Promise<Payment>;

  /** Whoever it belongs to: for what the provider tells. */
  abstract find(id: PaymentId): Promise<Payment | null>;

  /** By what the provider calls the checkout or the payment. */
  abstract findByReference(
    gateway: string,
    reference: { readonly checkoutId: string | null; readonly paymentIntentId: string | null },
  ): Promise<Payment | null>;

  /**
   * Keeps the order, or answers the one that the same request made before (`user`, `requestKey`): repeated and concurrent
   * requests are one purchase. Needs a running transaction.
   */
  abstract addOnce(payment: Payment): Promise<Payment>;

  /** Nobody else may hold the same payment until the running transaction ends. Throws PaymentNotFound. */
  abstract hold(id: PaymentId): Promise<Payment>;

  /** Only for a payment held in the running transaction. */
  abstract save(payment: Payment): Promise<void>;

  /** Refunds and disputes of a payment held in the running transaction, oldest first. */
  abstract correctionsOf(id: PaymentId): Promise<readonly PaymentCorrection[]>;

  /** Adds or replaces. Only for a payment held in the running transaction. */
  abstract saveCorrection(correction: PaymentCorrection): Promise<void>;

  /** Newest first. */
  abstract listOf(userId: UserId, page: Page): Promise<PageOf<Payment>>;

  /**
   * Those made before `before` that have no end yet, oldest first: unpaid, or with a refund or a dispute that is not decided,
   * however old that is.
   */
  abstract listUnfinished(gateway: string, before: Date, limit: number): Promise<readonly Payment[]>;

  /** How many of a user's purchases were made since and are still pending. */
  abstract countPending(userId: UserId, since: Date): Promise<number>;

  /** The user's customer at the provider, if one was made. */
  abstract findCustomer(userId: UserId, gateway: string): Promise<string | null>;

  /** Keeps the customer, or answers the one that was kept first. Needs a running transaction. */
  abstract addCustomerOnce(userId: UserId, gateway: string, customerId: string, now: Date): Promise<string>;

  /** A customer that is gone at the provider: still known as the user's, and never again the one that is sold to. Needs a running transaction. */
  abstract retireCustomer(gateway: string, customerId: string, now: Date): Promise<void>;
}
