import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { SubscriptionGlance, UserOverview } from '#application/operations/user-overview';
import { DUNNING_STATES, type DunningState } from '#domain/billing/dunning';
import { SUBSCRIPTION_STATUSES, type SubscriptionStatus } from '#domain/billing/subscription';
import { ALERT_LEVELS, type AlertLevel } from '#domain/budgets/alert-level';
import { BUDGET_MODES, type BudgetMode } from '#domain/budgets/budget';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import type { Limit } from '#domain/shared/limit';
import { percentageUsed } from '../budgets/budget.response.js';
import { IsInstant, IsLimit } from '../shared/shapes.js';
import { AdminUserResponse, adminUserResponse } from './user-admin.response.js';

export class OverviewMeterResponse {
  @IsInt() used!: number;
  @JSONSchema({ description: 'Reserved by what is running.' }) @IsInt() held!: number;
  @JSONSchema({ description: 'Null when the catalogue does not have the plan.' })
  @IsOptional()
  @IsLimit()
  limit!: Limit | null;
}

export class OverviewUsageResponse {
  @JSONSchema({ description: 'Null in the open period of an imported user.' })
  @IsOptional()
  @IsInstant()
  period_start!: string | null;
  @IsOptional() @IsInstant() resets_at!: string | null;
  @ValidateNested() @Type(() => OverviewMeterResponse) sessions!: OverviewMeterResponse;
  @JSONSchema({ description: 'Started minutes of the sum of all seconds.' })
  @ValidateNested()
  @Type(() => OverviewMeterResponse)
  minutes!: OverviewMeterResponse;
  @ValidateNested() @Type(() => OverviewMeterResponse) transcriptions!: OverviewMeterResponse;
}

export class OverviewCreditResponse {
  @IsInt() balance_micros!: number;
  @IsInt() held_micros!: number;
  @IsInt() debt_micros!: number;
}

export class OverviewBudgetResponse {
  @IsInt() limit_micros!: number;
  @IsInt() spent_micros!: number;
  @IsInt() held_micros!: number;
  @JSONSchema({ description: 'To two decimals, rounded down, and above 100 when it is more.' })
  @IsNumber()
  percentage_used!: number;
  @IsIn(ALERT_LEVELS) level!: AlertLevel;
  @IsIn(BUDGET_MODES) mode!: BudgetMode;
  @IsInstant() period_end!: string;
}

export class OverviewSubscriptionResponse {
  @IsIn(SUBSCRIPTION_STATUSES) status!: SubscriptionStatus;
  @IsIn(DUNNING_STATES) dunning!: DunningState;
  @JSONSchema({ description: 'What is sold; null while its price is in no plan.' })
  @IsOptional()
  @IsString()
  plan!: string | null;
  @IsInstant() current_period_end!: string;
  @IsBoolean() cancel_at_period_end!: boolean;
  @JSONSchema({ description: 'Why an operator must look.' })
  @IsOptional()
  @IsString()
  review!: string | null;
}

export class UserOverviewResponse extends AdminUserResponse {
  @JSONSchema({ description: 'Null when nobody ever subscribed.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => OverviewSubscriptionResponse)
  subscription!: OverviewSubscriptionResponse | null;
  @ValidateNested() @Type(() => OverviewUsageResponse) usage!: OverviewUsageResponse;
  @ValidateNested() @Type(() => OverviewCreditResponse) credit!: OverviewCreditResponse;
  @JSONSchema({ description: 'Null when the catalogue does not have the plan whose limit would count.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => OverviewBudgetResponse)
  budget!: OverviewBudgetResponse | null;
  @JSONSchema({ description: 'When a device, a session, a transcription or an AI request was last seen.' })
  @IsOptional()
  @IsInstant()
  last_active_at!: string | null;
}

export class UserOverviewListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => UserOverviewResponse) data!: UserOverviewResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export function userOverviewResponse(overview: UserOverview): UserOverviewResponse {
  const { user, plan, period, usage, credit, subscription, budget, lastActiveAt } = overview;
  const limits = plan?.limits ?? null;
  return {
    ...adminUserResponse(user),
    subscription: subscription && subscriptionResponse(subscription),
    usage: {
      period_start: period.start?.toISOString() ?? null,
      resets_at: period.end?.toISOString() ?? null,
      sessions: { used: usage.sessions, held: 0, limit: limits?.sessions ?? null },
      minutes: { used: usage.used.minutes, held: usage.held.minutes, limit: limits?.minutes ?? null },
      transcriptions: {
        used: usage.transcriptions,
        held: usage.heldTranscriptions,
        limit: limits?.transcriptions ?? null,
      },
    },
    credit: {
      balance_micros: credit.balance.toNumber(),
      held_micros: credit.held.toNumber(),
      debt_micros: credit.debt.toNumber(),
    },
    budget: budget && budgetResponse(budget),
    last_active_at: lastActiveAt?.toISOString() ?? null,
  };
}

function subscriptionResponse(one: SubscriptionGlance): OverviewSubscriptionResponse {
  return {
    status: one.status,
    dunning: one.dunning,
    plan: one.plan,
    current_period_end: one.periodEnd.toISOString(),
    cancel_at_period_end: one.endsWithPeriod,
    review: one.review,
  };
}

function budgetResponse(status: BudgetStatus): OverviewBudgetResponse {
  const { budget, limit, spend, level, period } = status;
  return {
    limit_micros: limit.toNumber(),
    spent_micros: spend.used.toNumber(),
    held_micros: spend.held.toNumber(),
    percentage_used: percentageUsed(status),
    level,
    mode: budget.mode,
    period_end: period.end.toISOString(),
  };
}
