import type { SubscriptionSnapshot } from '#domain/billing/subscription';
import type { PaymentNotice } from '#domain/payments/payment-event';
import { DomainException } from '#domain/shared/domain-exception';

/** What a customer can do in the sandbox's portal. */
export const SUBSCRIPTION_DEEDS = ['use-good-card', 'use-declining-card', 'cancel', 'resume'] as const;
export type SubscriptionDeed = (typeof SUBSCRIPTION_DEEDS)[number];

/** A checkout of a subscription as its page shows it. */
export interface SandboxSubscriptionCheckout {
  readonly sessionId: string;
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

/** The sandbox's counter for subscriptions, and its own passing of time. */
export abstract class SandboxSubscriptionDesk {
  /** Throws CheckoutNotFound. */
  abstract showCheckout(sessionId: string): Promise<SandboxSubscriptionCheckout>;

  /** Pays it, once, and answers the notice that a provider would send. Throws CheckoutNotFound. */
  abstract payCheckout(sessionId: string): Promise<PaymentNotice>;

  abstract listOf(customerId: string): Promise<readonly SandboxPortalSubscription[]>;

  /** Throws SubscriptionNotFound. */
  abstract act(externalId: string, deed: SubscriptionDeed): Promise<PaymentNotice>;

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
