import type { UsageReport } from '#application/usage/usage-report';
import { Duration } from '#domain/shared/duration';
import { Money } from '#domain/shared/money';
import type { BillingPeriod } from '#domain/usage/billing-period';
import type { StandingReset } from '#domain/usage/period-timeline';
import { TRANSCRIPTION_TYPES } from '#domain/usage/transcription-type';
import type { Grouping, LifetimeTotals, PeriodTotals, UsageBucket } from '#domain/usage/usage-totals';

const NOTHING = { runs: 0, failed: 0, counted: Duration.zero, cost: Money.zero };

/** Answers what a test has written down, and nothing used for every other period. */
export class ScriptedUsageReport implements UsageReport {
  resets: readonly StandingReset[] = [];
  /** By the start of the period as text. */
  readonly totals = new Map<string, Partial<PeriodTotals>>();
  days: readonly UsageBucket[] = [];
  readonly askedBuckets: { readonly from: Date; readonly to: Date; readonly by: Grouping }[] = [];

  async standingResets(): Promise<readonly StandingReset[]> {
    return this.resets;
  }

  async totalsOf(periods: readonly BillingPeriod[]): Promise<readonly PeriodTotals[]> {
    return periods.map((period) => ({
      period,
      sessions: 0,
      used: Duration.zero,
      transcriptions: 0,
      all: NOTHING,
      byType: TRANSCRIPTION_TYPES.map((type) => ({ type, ...NOTHING })),
      byProvider: [],
      largestFileBytes: null,
      ...this.totals.get(period.start?.toISOString() ?? 'open'),
    }));
  }

  async lifetime(): Promise<LifetimeTotals> {
    return { sessions: 0, used: Duration.zero, transcriptions: 0, cost: Money.zero };
  }

  async buckets(span: {
    readonly from: Date;
    readonly to: Date;
    readonly by: Grouping;
  }): Promise<readonly UsageBucket[]> {
    this.askedBuckets.push(span);
    return this.days;
  }
}
