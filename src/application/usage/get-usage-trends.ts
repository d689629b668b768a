import type { UserId } from '#domain/accounts/user';
import type { Grouping, UsageBucket } from '#domain/usage/usage-totals';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { UsageReport } from './usage-report.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What happened day by day, week by week or month by month, in UTC. */
@UseCase()
export class GetUsageTrends {
  constructor(
    private readonly report: UsageReport,
    private readonly clock: Clock,
  ) {}

  /**
   * All buckets that the last `days` days (today is one of them) touch, oldest first. Buckets are whole: the first week
   * or month may begin earlier than `days` ago. The last one goes on.
   */
  execute(
    userId: UserId,
    { days, by }: { readonly days: number; readonly by: Grouping },
  ): Promise<readonly UsageBucket[]> {
    const to = this.clock.now();
    return this.report.buckets({ from: new Date(to.getTime() - (days - 1) * DAY_MS), to, by }, userId);
  }
}
