import type { UserId } from '#domain/accounts/user';
import type { SessionId, SessionStatus } from '#domain/sessions/session';
import type { Page } from '#domain/shared/page';
import type { BillingPeriod } from '#domain/usage/billing-period';
import type { UsageLog } from '#domain/usage/usage-log';

/** The numbers that can be explained; minutes are explained in seconds, which is what is counted. */
export const LOG_METRICS = ['minutes', 'transcriptions', 'cost'] as const;
export type LogMetric = (typeof LOG_METRICS)[number];
export const EXPLAINED_METRICS = ['sessions', ...LOG_METRICS] as const;
export type ExplainedMetric = (typeof EXPLAINED_METRICS)[number];

/** What an entry of the log tells its user. */
export type LogLine = Pick<
  UsageLog,
  | 'id'
  | 'sessionId'
  | 'attempt'
  | 'periodStart'
  | 'transcriptionType'
  | 'outcome'
  | 'audioSeconds'
  | 'countedSeconds'
  | 'countedTranscriptions'
  | 'billable'
  | 'billingReason'
  | 'costMicros'
  | 'provider'
  | 'model'
  | 'plan'
  | 'planVersion'
  | 'language'
  | 'filename'
  | 'startedAt'
  | 'completedAt'
>;

/** A session's creation, which was counted whatever became of the session. */
export interface CreationLine {
  readonly sessionId: SessionId;
  /** Null for a deleted session: what it was called is gone, that it was is not. */
  readonly title: string | null;
  readonly status: SessionStatus;
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
  readonly periodStart: Date | null;
}

/** In seconds, sessions, transcriptions or micro-dollars. */
export interface EvidenceSum {
  /** How many entries make up the number. */
  readonly entries: number;
  readonly recomputed: bigint;
  /** What the counter says; null for cost, which is always read from the log. */
  readonly counter: bigint | null;
}

/** The single entries behind a number. */
export abstract class UsageEvidence {
  /** Counter and recomputed sum as of one instant. */
  abstract sumOf(metric: ExplainedMetric, period: BillingPeriod, userId: UserId): Promise<EvidenceSum>;

  /** Entries that count something in this metric, newest first. */
  abstract lines(metric: LogMetric, period: BillingPeriod, userId: UserId, page: Page): Promise<readonly LogLine[]>;

  /** Creations of sessions in this period, newest first, deleted ones included. */
  abstract creations(period: BillingPeriod, userId: UserId, page: Page): Promise<readonly CreationLine[]>;

  /** Entries completed in `[from, to)`, oldest first, at most `limit` of them. */
  abstract linesBetween(
    span: { readonly from: Date; readonly to: Date },
    userId: UserId,
    limit: number,
  ): Promise<readonly LogLine[]>;
}
