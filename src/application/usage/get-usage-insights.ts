import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { HoldRepository } from '#domain/usage/hold-repository';
import { PeriodTimeline } from '#domain/usage/period-timeline';
import { DAYS_OF_INSIGHT, insightsFrom, type UsageInsight } from '#domain/usage/usage-insight';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { UsageReport } from './usage-report.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** The current period and enough ended ones for three whole ones, unless resets came thick. */
const PERIODS = 6;

/** What a user's plan and log show that is worth knowing. */
@UseCase()
export class GetUsageInsights {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly holds: HoldRepository,
    private readonly report: UsageReport,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PlanUnknown. */
  async execute(userId: UserId): Promise<readonly UsageInsight[]> {
    const user = await this.users.get(userId);
    const plan = this.plans.get(user.plan);
    const now = this.clock.now();
    const timeline = PeriodTimeline.of(user, await this.report.standingResets(userId));
    const [current, ...past] = await this.report.totalsOf(timeline.latest(PERIODS, now), userId);
    const from = new Date(now.getTime() - (DAYS_OF_INSIGHT - 1) * DAY_MS);
    return insightsFrom({
      plan,
      plans: this.plans.plans,
      registeredAt: user.createdAt,
      period: current!.period,
      usage: await this.holds.usageIn(current!.period, userId, now),
      current: current!,
      past,
      days: await this.report.buckets({ from, to: now, by: 'day' }, userId),
      now,
    });
  }
}
