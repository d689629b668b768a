import type { PaymentNotice } from '#domain/payments/payment-event';

/** What a buyer, a bank or an operator can do with a checkout of the sandbox. */
export const SANDBOX_DEEDS = ['pay', 'decline', 'refund', 'dispute', 'win-dispute', 'lose-dispute'] as const;
export type SandboxDeed = (typeof SANDBOX_DEEDS)[number];

/** A checkout as its page shows it. */
export interface SandboxCheckout {
  readonly checkoutId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly state: 'open' | 'paid' | 'failed' | 'expired';
  /** What can be done with it now. */
  readonly deeds: readonly SandboxDeed[];
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/** The sandbox's counter: no money moves here, and everything says so. */
export abstract class SandboxDesk {
  /** Throws CheckoutNotFound. */
  abstract show(checkoutId: string): Promise<SandboxCheckout>;

  /** Does it, and answers the notice that a provider would send. Throws CheckoutNotFound and SandboxDeedRefused. */
  abstract act(checkoutId: string, deed: SandboxDeed): Promise<PaymentNotice>;
}
