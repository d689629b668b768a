import type { Subscription } from '#domain/billing/subscription';

/** One of so many parts of all: each subscription is always in the same one. */
export interface Share {
  /** From 0. */
  readonly part: number;
  readonly of: number;
}

/** Subscriptions and invoices seen together, across all users. Reads only. */
export abstract class SubscriptionCensus {
  /** Those that have not ended and did not change since, by customer: each customer once. Null: all shares. */
  abstract listQuietCustomers(gateway: string, unchangedSince: Date, share: Share | null): Promise<readonly string[]>;

  /** Subscriptions by status, ended ones too. */
  abstract countByStatus(): Promise<Readonly<Partial<Record<Subscription['status'], number>>>>;

  /**
   * Invoices by what became of them, each once for each outcome: `paid`, `failed` (a payment for it failed, whatever came
   * later), `uncollectible`, `void`.
   */
  abstract countInvoiceOutcomes(): Promise<Readonly<Record<InvoiceOutcome, number>>>;
}

export type InvoiceOutcome = 'paid' | 'failed' | 'uncollectible' | 'void';
