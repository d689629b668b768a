import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog, type Plan } from '#domain/plans/plan-catalog';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

export interface Profile {
  readonly user: User;
  readonly plan: Plan;
  readonly period: BillingPeriod;
}

/** Who the caller is, under which plan, and in which billing period. */
@UseCase()
export class GetProfile {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PlanUnknown. */
  async execute(userId: UserId): Promise<Profile> {
    const user = await this.users.get(userId);
    return { user, plan: this.plans.get(user.plan), period: user.billingPeriodAt(this.clock.now()) };
  }
}
