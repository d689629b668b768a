import type { PaidLife, RevenueGroup, Span } from '#domain/billing/revenue';

/** The tables of subscriptions, read for figures about money. Reads only, and nothing is ever decided by it. */
export abstract class RevenueReport {
  /** All subscriptions, ended ones too. */
  abstract groups(): Promise<readonly RevenueGroup[]>;

  /** Every life that touches the span. */
  abstract livesIn(span: Span): Promise<readonly PaidLife[]>;
}
