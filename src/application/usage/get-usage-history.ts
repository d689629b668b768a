import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PeriodTimeline } from '#domain/usage/period-timeline';
import type { PeriodTotals } from '#domain/usage/usage-totals';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { UsageReport } from './usage-report.js';

/** The billing periods of a user, each with its counters and what the log says about them. */
@UseCase()
export class GetUsageHistory {
  constructor(
    private readonly users: UserRepository,
    private readonly report: UsageReport,
    private readonly clock: Clock,
  ) {}

  /** The newest `periods` periods, newest first, none before registration and none left out. Throws UserNotFound. */
  async execute(userId: UserId, periods: number): Promise<readonly PeriodTotals[]> {
    const user = await this.users.get(userId);
    const timeline = PeriodTimeline.of(user, await this.report.standingResets(userId));
    return this.report.totalsOf(timeline.latest(periods, this.clock.now()), userId);
  }
}
