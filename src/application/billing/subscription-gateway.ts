import type { UserId } from '#domain/accounts/user';
import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { PendingChange, SubscriptionSnapshot } from '#domain/billing/subscription';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { DomainException } from '#domain/shared/domain-exception';

/** A checkout of a subscription, as it is ordered. Its id makes a repeat the same checkout. */
export interface SubscriptionOrder {
  readonly id: string;
  readonly userId: UserId;
  readonly customerId: string;
  readonly priceId: string;
  /** 0: none. */
  readonly trialDays: number;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly expiresAt: Date;
}

export interface SubscriptionCheckoutState {
  readonly sessionId: string;
  readonly state: 'open' | 'complete' | 'expired';
  /** While it is open. */
  readonly url: string | null;
}

export const PORTAL_FLOWS = ['payment_method', 'cancel'] as const;
export type PortalFlow = (typeof PORTAL_FLOWS)[number];

/** What a change would cost now, as the provider reckons it; in minor units. */
export interface ChangePreview {
  readonly currency: string;
  /** Credit is negative. */
  readonly lines: readonly { readonly description: string; readonly amount: number; readonly isProration: boolean }[];
  /** What is charged at once; zero when nothing is. */
  readonly dueNow: number;
  /** Credit of the customer after it, which invoices to come are paid by first; zero when there is none. */
  readonly creditLeft: number;
  /** The instant by which it was reckoned: the change itself is reckoned by the same. */
  readonly at: Date;
}

/** A change that happens at once. */
export interface ImmediateChange {
  readonly priceId: string;
  /** The instant that money is reckoned by. */
  readonly at: Date;
  /** The trial that runs ends with it: a period begins when it is carried out, and its whole price is charged. */
  readonly endsTrial: boolean;
}

/**
 * The provider's subscriptions. It never decides about plans: what it says is brought home by CustomerSynchronisation, after
 * every deed here and after every notice. Every method speaks to the world outside, so none is called inside a transaction.
 * All throw PaymentProviderUnavailable when the outcome is not known; asked again with the same key, they do nothing twice.
 * A deed names the subscription as it was when it was decided on; one that is no longer so is left as it is: SubscriptionMoved.
 */
export abstract class SubscriptionGateway {
  /** The same name as the PaymentGateway's. */
  abstract readonly name: string;

  /** The same one for the same order. */
  abstract openCheckout(order: SubscriptionOrder): Promise<SubscriptionCheckoutState>;
  abstract getCheckout(sessionId: string): Promise<SubscriptionCheckoutState>;
  /** Nothing happens to one that is complete. */
  abstract expireCheckout(sessionId: string): Promise<SubscriptionCheckoutState>;

  /** A flow of null is the whole portal. Throws NoSubscription for a customer that was deleted. */
  abstract openPortal(
    customerId: string,
    flow: PortalFlow | null,
    externalId: string | null,
    returnUrl: string,
  ): Promise<string>;

  /** All of a customer, ended ones too. */
  abstract listSubscriptions(customerId: string): Promise<readonly SubscriptionSnapshot[]>;

  /** Made since, and those that were not settled; null: all. */
  abstract listInvoices(customerId: string, since: Date | null): Promise<readonly InvoiceSnapshot[]>;

  abstract previewChange(subscription: Changeable, change: ImmediateChange): Promise<ChangePreview>;
  /** At once, with proration by `at`, charged at once. Throws PaymentFailed when the money does not come: nothing has changed then. */
  abstract changeNow(subscription: Changeable, change: ImmediateChange, key: string): Promise<void>;
  /** At the end of the period; replaces what was scheduled before. */
  abstract changeAtPeriodEnd(subscription: Changeable, priceId: string, key: string): Promise<void>;
  abstract dropScheduledChange(subscription: Changeable, key: string): Promise<void>;
  abstract cancel(subscription: Endable, when: 'period_end' | 'now', key: string): Promise<void>;
  /** Takes back a cancellation that has not happened. */
  abstract reactivate(subscription: Changeable, key: string): Promise<void>;

  /** The customer whom a stored notice concerns, in whatever version of the API it is written; null when it moves no subscription. */
  abstract customerIn(notice: PaymentNotice): string | null;

  /** Customers whose subscriptions or invoices moved since. Each once; the order does not matter. */
  abstract customersTouchedSince(since: Date): AsyncIterable<string>;
}

/** What a cancellation is decided by. */
export interface Endable {
  readonly externalId: string;
  readonly customerId: string;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancelAt: Date | null;
  readonly endedAt: Date | null;
}

/** What every other deed is decided by. */
export interface Changeable extends Endable {
  readonly itemId: string;
  readonly priceId: string;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  readonly pending: PendingChange | null;
}

/** What was decided by is no longer so at the provider, and nothing was done. Decide anew. */
export class SubscriptionMoved extends Error {
  constructor(externalId: string, options?: { readonly cause: unknown }) {
    super(`Subscription ${externalId} is no longer what was decided by.`, options);
  }
}

/** The money for a change did not come. The subscription is what it was before. */
export class PaymentFailed extends DomainException {
  /** @param reason In the provider's words: `insufficient_funds`, `authentication_required`, `no_payment_method`; null when it gives none. */
  constructor(reason: string | null, options?: { readonly cause: unknown }) {
    super(
      'payment_failed',
      'The payment for this change failed, and nothing has changed. Set another payment method in the portal, and try again.',
      { reason },
      'payment_required',
    );
    this.cause = options?.cause;
  }
}
