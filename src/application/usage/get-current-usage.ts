import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { type Plan, PlanCatalog } from '#domain/plans/plan-catalog';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { HoldRepository } from '#domain/usage/hold-repository';
import type { PeriodUsage } from '#domain/usage/period-usage';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

/** What one user has used and holds in the current period, beside what the plan allows. */
export interface CurrentUsage {
  readonly user: User;
  readonly plan: Plan;
  readonly period: BillingPeriod;
  readonly usage: PeriodUsage;
  readonly now: Date;
}

/**
 * Usage of the current period. It costs the same whatever happened before: with a user seen in the last half second it
 * is one statement that reads one row of counters and the holds that are open.
 */
@UseCase()
export class GetCurrentUsage {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly holds: HoldRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PlanUnknown. */
  async execute(userId: UserId): Promise<CurrentUsage> {
    const user = await this.users.recent(userId);
    const now = this.clock.now();
    const period = user.billingPeriodAt(now);
    const usage = await this.holds.usageIn(period, userId, now);
    return { user, plan: this.plans.get(user.plan), period, usage, now };
  }
}
