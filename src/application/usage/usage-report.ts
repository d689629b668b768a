import type { UserId } from '#domain/accounts/user';
import type { BillingPeriod } from '#domain/usage/billing-period';
import type { StandingReset } from '#domain/usage/period-timeline';
import type { Grouping, LifetimeTotals, PeriodTotals, UsageBucket } from '#domain/usage/usage-totals';

/**
 * The book read for people: sums over the usage log beside the counters. What was counted in a period whose reset was
 * undone is part of the period that it counts in now. Reads only, and nothing is ever decided by it.
 */
export abstract class UsageReport {
  /** Resets of this user that were not undone, oldest first. */
  abstract standingResets(userId: UserId): Promise<readonly StandingReset[]>;

  /** One answer for each period asked for, in that order, counters and log as of one instant. */
  abstract totalsOf(periods: readonly BillingPeriod[], userId: UserId): Promise<readonly PeriodTotals[]>;

  /** Everything since registration. */
  abstract lifetime(userId: UserId): Promise<LifetimeTotals>;

  /** All buckets from the one that contains `from` to the one that contains `to`, oldest first, empty ones included. */
  abstract buckets(
    span: { readonly from: Date; readonly to: Date; readonly by: Grouping },
    userId: UserId,
  ): Promise<readonly UsageBucket[]>;
}
