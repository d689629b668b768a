import type { Duration } from '../shared/duration.js';
import type { Money } from '../shared/money.js';
import type { BillingPeriod } from './billing-period.js';
import type { TranscriptionType } from './transcription-type.js';

/** A part of the log added up: all entries of one type, of one provider, or of one period. */
export interface UsageShare {
  /** Entries, failed ones and free retries included. */
  readonly runs: number;
  readonly failed: number;
  /** What they count against the plan. */
  readonly counted: Duration;
  readonly cost: Money;
}

export interface TypeShare extends UsageShare {
  readonly type: TranscriptionType;
}

export interface ProviderShare extends UsageShare {
  readonly provider: string;
}

/** One billing period as it is accounted for: the counters, and what the log says about them. */
export interface PeriodTotals {
  readonly period: BillingPeriod;
  readonly sessions: number;
  readonly used: Duration;
  readonly transcriptions: number;
  readonly all: UsageShare;
  /** Every type, also those that did not occur. */
  readonly byType: readonly TypeShare[];
  /** Providers that occur, by name. */
  readonly byProvider: readonly ProviderShare[];
  /** Largest recording that was worked on; null when there was none. */
  readonly largestFileBytes: number | null;
}

export interface LifetimeTotals {
  readonly sessions: number;
  readonly used: Duration;
  readonly transcriptions: number;
  readonly cost: Money;
}

export const GROUPINGS = ['day', 'week', 'month'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What happened in one UTC day, ISO week or calendar month: for charts, never for a decision. */
export interface UsageBucket {
  readonly start: Date;
  readonly sessions: number;
  readonly counted: Duration;
  readonly transcriptions: number;
  readonly completed: number;
  readonly failed: number;
  readonly cost: Money;
}
