import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { HoldRepository } from '#domain/usage/hold-repository';
import type { LifetimeTotals, PeriodTotals } from '#domain/usage/usage-totals';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import type { CurrentUsage } from './get-current-usage.js';
import { UsageReport } from './usage-report.js';

export interface UsageSummary {
  readonly current: CurrentUsage;
  readonly totals: PeriodTotals;
  readonly lifetime: LifetimeTotals;
}

/** Usage of the current period, broken down by type and provider, and everything since registration. */
@UseCase()
export class GetUsageSummary {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly holds: HoldRepository,
    private readonly report: UsageReport,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PlanUnknown. */
  async execute(userId: UserId): Promise<UsageSummary> {
    const user = await this.users.get(userId);
    const plan = this.plans.get(user.plan);
    const now = this.clock.now();
    const period = user.billingPeriodAt(now);
    const usage = await this.holds.usageIn(period, userId, now);
    const [totals] = await this.report.totalsOf([period], userId);
    const lifetime = await this.report.lifetime(userId);
    return { current: { user, plan, period, usage, now }, totals: totals!, lifetime };
  }
}
