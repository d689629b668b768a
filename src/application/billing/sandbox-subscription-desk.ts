import type { InvoiceSnapshot } from '#domain/billing/invoice';
import type { SubscriptionSnapshot } from '#domain/billing/subscription';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { DomainException } from '#domain/shared/domain-exception';
import type { PortalFlow } from './subscription-gateway.js';

/** What a customer can do in the sandbox's portal. */
export const SUBSCRIPTION_DEEDS = ['use-good-card', 'use-declining-card', 'cancel', 'resume'] as const;
export type SubscriptionDeed = (typeof SUBSCRIPTION_DEEDS)[number];

/** A checkout of a subscription as its page shows it. */
export interface SandboxSubscriptionCheckout {
  readonly sessionId: string;
  readonly customerId: string;
  readonly state: 'open' | 'complete' | 'expired';
  /** What is bought. */
  readonly name: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly trialDays: number;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/** A subscription as the portal shows it. */
export interface SandboxPortalSubscription extends SubscriptionSnapshot {
  readonly name: string;
  readonly cardPays: boolean;
}

/** A portal as it was opened: whoever knows its id is in it, for an hour. */
export interface SandboxPortalSession {
  readonly portalId: string;
  readonly customerId: string;
  /** Null: the whole portal. */
  readonly flow: PortalFlow | null;
  readonly returnUrl: string;
}

/** The sandbox's counter for subscriptions, and its own passing of time. */
export abstract class SandboxSubscriptionDesk {
  /** Throws CheckoutNotFound. */
  abstract showCheckout(sessionId: string): Promise<SandboxSubscriptionCheckout>;

  /**
   * Pays it, once, and answers the notice that a provider would send. Throws CheckoutNotFound, and CheckoutOver for one that was not paid in
   * time or was replaced.
   */
  abstract payCheckout(sessionId: string): Promise<PaymentNotice>;

  abstract listOf(customerId: string): Promise<readonly SandboxPortalSubscription[]>;

  /** Throws SubscriptionNotFound. */
  abstract act(externalId: string, deed: SubscriptionDeed): Promise<PaymentNotice>;

  /** Throws PortalNotFound, also for one whose hour is over. */
  abstract getPortal(portalId: string): Promise<SandboxPortalSession>;

  /** By the last part of its hosted address. Throws InvoiceNotFound. */
  abstract showInvoice(address: string): Promise<InvoiceSnapshot>;

  /** Pays it if it is open, and answers the notice that a provider would send. Throws InvoiceNotFound. */
  abstract payInvoice(address: string): Promise<PaymentNotice>;

  /** When something happens to one of them by itself next; null: never. */
  abstract nextDue(): Promise<Date | null>;

  /** Lets happen what was due by now, and answers the notices that a provider would send. */
  abstract run(limit: number): Promise<readonly PaymentNotice[]>;
}

export class SubscriptionNotFound extends DomainException {
  constructor(externalId: string) {
    super(
      'subscription_not_found',
      `The sandbox has no subscription ${externalId}.`,
      { subscription_id: externalId },
      'not_found',
    );
  }
}

export class PortalNotFound extends DomainException {
  constructor() {
    super(
      'portal_not_found',
      'There is no portal at this address, or its hour is over. POST /api/v1/billing/portal opens one.',
      {},
      'not_found',
    );
  }
}

export class InvoiceNotFound extends DomainException {
  constructor(address: string) {
    super(
      'invoice_not_found',
      `The sandbox has no invoice at ${address}. GET /api/v1/billing/invoices lists those there are, with their addresses.`,
      { invoice: address },
      'not_found',
    );
  }
}

/** It could have been paid once. */
export class CheckoutOver extends DomainException {
  constructor(sessionId: string) {
    super(
      'checkout_over',
      'This checkout has expired, or was replaced by another. Begin a new one: POST /api/v1/billing/checkout.',
      { session_id: sessionId },
      'conflict',
    );
  }
}
