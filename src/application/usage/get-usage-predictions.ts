import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { HoldRepository } from '#domain/usage/hold-repository';
import { LimitUse } from '#domain/usage/limit-use';
import { type Projection, projectionOf } from '#domain/usage/usage-projection';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

export interface ProjectedUse {
  /** Minutes are projected in seconds. */
  readonly use: LimitUse;
  readonly projection: Projection;
}

export interface UsagePredictions {
  readonly user: User;
  readonly period: BillingPeriod;
  readonly sessions: ProjectedUse;
  readonly seconds: ProjectedUse;
  readonly transcriptions: ProjectedUse;
}

/** Where the current period ends if it goes on as it began, wherever there is enough to tell. */
@UseCase()
export class GetUsagePredictions {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly holds: HoldRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PlanUnknown. */
  async execute(userId: UserId): Promise<UsagePredictions> {
    const user = await this.users.get(userId);
    const { limits } = this.plans.get(user.plan);
    const now = this.clock.now();
    const period = user.billingPeriodAt(now);
    const usage = await this.holds.usageIn(period, userId, now);
    const project = (use: LimitUse, events: number): ProjectedUse => ({
      use,
      projection: projectionOf(use, events, period, now),
    });
    return {
      user,
      period,
      sessions: project(new LimitUse(usage.sessions, 0, limits.sessions), usage.sessions),
      seconds: project(new LimitUse(usage.used.seconds, usage.held.seconds, limits.seconds), usage.transcriptions),
      transcriptions: project(
        new LimitUse(usage.transcriptions, usage.heldTranscriptions, limits.transcriptions),
        usage.transcriptions,
      ),
    };
  }
}
