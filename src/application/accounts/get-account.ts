import { type Device, DeviceRepository } from '#domain/accounts/device';
import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { type Plan, PlanCatalog } from '#domain/plans/plan-catalog';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { HoldRepository } from '#domain/usage/hold-repository';
import type { PeriodUsage } from '#domain/usage/period-usage';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

export interface Account {
  readonly user: User;
  readonly plan: Plan;
  readonly period: BillingPeriod;
  readonly usage: PeriodUsage;
  readonly devices: readonly Device[];
}

/** All that an operator sees of one user: plan, usage of the current period, and devices. */
@UseCase()
export class GetAccount {
  constructor(
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly holds: HoldRepository,
    private readonly devices: DeviceRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws UserNotFound and PlanUnknown. */
  async execute(userId: UserId): Promise<Account> {
    const user = await this.users.get(userId);
    const now = this.clock.now();
    const period = user.billingPeriodAt(now);
    return {
      user,
      plan: this.plans.get(user.plan),
      period,
      usage: await this.holds.usageIn(period, userId, now),
      devices: await this.devices.listOf(userId),
    };
  }
}
