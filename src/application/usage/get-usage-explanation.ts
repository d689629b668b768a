import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { DomainException } from '#domain/shared/domain-exception';
import type { Page } from '#domain/shared/page';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { PeriodTimeline } from '#domain/usage/period-timeline';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import {
  type CreationLine,
  type EvidenceSum,
  type LogLine,
  UsageEvidence,
  type ExplainedMetric,
} from './usage-evidence.js';
import { UsageReport } from './usage-report.js';

export interface ExplanationRequest {
  readonly userId: UserId;
  readonly metric: ExplainedMetric;
  /** Exactly as a report showed it; `open` for the period without beginning. */
  readonly periodStart: Date | 'open' | 'current';
  readonly page: Page;
}

export interface UsageExplanation {
  readonly metric: ExplainedMetric;
  readonly period: BillingPeriod;
  readonly sum: EvidenceSum;
  readonly evidence:
    | { readonly kind: 'creations'; readonly lines: readonly CreationLine[] }
    | { readonly kind: 'log'; readonly lines: readonly LogLine[] };
}

/** The entries that make up a shown number, their sum, and the counter that it must equal. */
@UseCase()
export class GetUsageExplanation {
  constructor(
    private readonly users: UserRepository,
    private readonly report: UsageReport,
    private readonly evidence: UsageEvidence,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PeriodNotFound. */
  async execute({ userId, metric, periodStart, page }: ExplanationRequest): Promise<UsageExplanation> {
    const period = await this.periodOf(userId, periodStart);
    return {
      metric,
      period,
      sum: await this.evidence.sumOf(metric, period, userId),
      evidence:
        metric === 'sessions'
          ? { kind: 'creations', lines: await this.evidence.creations(period, userId, page) }
          : { kind: 'log', lines: await this.evidence.lines(metric, period, userId, page) },
    };
  }

  private async periodOf(userId: UserId, periodStart: ExplanationRequest['periodStart']): Promise<BillingPeriod> {
    const user = await this.users.get(userId);
    const now = this.clock.now();
    if (periodStart === 'current') return user.billingPeriodAt(now);
    const start = periodStart === 'open' ? null : periodStart;
    const period = PeriodTimeline.of(user, await this.report.standingResets(userId)).find(start, now);
    if (!period) throw new PeriodNotFound(start);
    return period;
  }
}

export class PeriodNotFound extends DomainException {
  constructor(start: Date | null) {
    const named = start?.toISOString() ?? 'open';
    super(
      'period_not_found',
      `No billing period of this user begins at ${named}. The usage history lists those that there are.`,
      { period_start: named },
      'not_found',
    );
  }
}
