import { churnOf, type Revenue, revenueOf } from '#domain/billing/revenue';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { RevenueReport } from './revenue-report.js';

/** Churn is counted over so long. */
export const CHURN_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** What subscriptions bring now, and how many of them were lost in the last thirty days. */
@UseCase()
export class GetRevenue {
  constructor(
    private readonly report: RevenueReport,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<Revenue> {
    const now = this.clock.now();
    const span = { from: new Date(now.getTime() - CHURN_DAYS * DAY_MS), to: now };
    const churn = churnOf(span, await this.report.livesIn(span));
    return revenueOf(await this.report.groups(), churn, now);
  }
}
