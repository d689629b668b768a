import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { type Plan, PlanCatalog } from '#domain/plans/plan-catalog';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

export interface CurrentPlan {
  readonly catalogVersion: string;
  readonly user: User;
  readonly plan: Plan;
  readonly period: BillingPeriod;
  readonly now: Date;
}

/** The plan of a user, and the period that its limits count in. */
@UseCase()
export class GetCurrentPlan {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PlanUnknown. */
  async execute(userId: UserId): Promise<CurrentPlan> {
    const user = await this.users.get(userId);
    const now = this.clock.now();
    return {
      catalogVersion: this.plans.version,
      user,
      plan: this.plans.get(user.plan),
      period: user.billingPeriodAt(now),
      now,
    };
  }
}
