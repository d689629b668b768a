import type { UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import type { PlanLimits } from '#domain/plans/plan-limits';
import type { SessionId } from '#domain/sessions/session';
import { SessionRepository } from '#domain/sessions/session-repository';
import { Money } from '#domain/shared/money';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { HoldRepository } from '#domain/usage/hold-repository';
import type { PeriodUsage } from '#domain/usage/period-usage';
import type { UsageLog } from '#domain/usage/usage-log';
import { UsageLogRepository } from '#domain/usage/usage-log-repository';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';

export interface SessionBilling {
  readonly sessionId: SessionId;
  readonly totalCost: Money;
  readonly billableAttempts: number;
  readonly freeRetries: number;
  /** Oldest first. An attempt that is still running is not in the log yet. */
  readonly history: readonly UsageLog[];
  /** What a further transcription would be measured by now. */
  readonly limits: PlanLimits;
  readonly period: BillingPeriod;
  readonly usage: PeriodUsage;
}

/** What one session has cost and why, by the usage log alone. */
@UseCase()
export class GetSessionBilling {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly logs: UsageLogRepository,
    private readonly users: UserRepository,
    private readonly plans: PlanCatalog,
    private readonly usage: HoldRepository,
    private readonly clock: Clock,
  ) {}

  /** Throws SessionNotFound, UserNotFound and PlanUnknown. */
  async execute(sessionId: SessionId, userId: UserId): Promise<SessionBilling> {
    await this.sessions.get(sessionId, userId);
    const history = await this.logs.listOfSession(sessionId, userId);
    const user = await this.users.get(userId);
    const now = this.clock.now();
    const period = user.billingPeriodAt(now);
    return {
      sessionId,
      totalCost: history.reduce((sum, log) => sum.plus(log.cost), Money.zero),
      billableAttempts: history.filter(({ billable }) => billable).length,
      freeRetries: history.filter(({ transcriptionType }) => transcriptionType === 'retry_failed').length,
      history,
      limits: this.plans.get(user.plan).limits,
      period,
      usage: await this.usage.usageIn(period, userId, now),
    };
  }
}
