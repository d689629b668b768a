import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { ALERT_LEVELS, type AlertLevel } from '#domain/budgets/alert-level';
import { type Budget, BUDGET_MODES, type BudgetMode } from '#domain/budgets/budget';
import { CADENCES, type Cadence } from '#domain/budgets/budget-period';
import type { BudgetResetRecord } from '#domain/budgets/budget-reset';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import { BUDGET_STRATEGIES, type BudgetStrategy } from '#domain/budgets/budget-strategy';
import { IsInstant } from '../shared/shapes.js';
import { BUDGET_SCOPES, type BudgetScope } from './budget.request.js';

/** Whose budget it is. */
export class BudgetOwnerResponse {
  @IsIn(BUDGET_SCOPES) scope!: BudgetScope;
  @JSONSchema({ description: 'Null of the global one.' }) @IsOptional() @IsUUID() user_id!: string | null;
}

export function budgetOwner({ isGlobal, userId }: Budget): BudgetOwnerResponse {
  return { scope: isGlobal ? 'global' : 'user', user_id: userId };
}

export class BudgetPermissionsResponse {
  @IsBoolean() visible!: boolean;
  @IsBoolean() can_modify!: boolean;
  @IsBoolean() can_reset!: boolean;
}

function budgetPermissions({ permissions }: Budget): BudgetPermissionsResponse {
  const { visible, canModify, canReset } = permissions;
  return { visible, can_modify: canModify, can_reset: canReset };
}

const PERMISSIONS = 'What its user may do with it. Admins may do all of it.';

export class BudgetStatusResponse extends BudgetOwnerResponse {
  @IsInt() total_budget_micros!: number;
  @JSONSchema({ description: 'Actual cost where it is known, and estimates until then.' })
  @IsInt()
  used_budget_micros!: number;
  @JSONSchema({ description: 'The part of what is used that no provider reported.' })
  @IsInt()
  estimated_micros!: number;
  @JSONSchema({ description: 'Reserved by what is running.' }) @IsInt() held_micros!: number;
  @JSONSchema({ description: 'Never below zero.' }) @IsInt() remaining_budget_micros!: number;
  @JSONSchema({ description: 'What remains and is not held: never below zero.' }) @IsInt() available_micros!: number;
  @JSONSchema({ description: 'To two decimals, rounded down, and above 100 when it is more.' })
  @IsNumber()
  percentage_used!: number;
  @IsIn(ALERT_LEVELS) alert_level!: AlertLevel;
  @JSONSchema({ description: 'Today counts.' }) @IsInt() days_remaining!: number;
  @JSONSchema({ description: 'What the whole period comes to at the pace so far.' })
  @IsInt()
  projected_cost_micros!: number;
  @JSONSchema({ description: 'More than all of it is spent. At exactly 100 % it is critical, and not over.' })
  @IsBoolean()
  is_over_budget!: boolean;
  @IsInstant() period_start!: string;
  @JSONSchema({ description: 'When the next period begins.' }) @IsInstant() period_end!: string;
  @IsIn(CADENCES) budget_period!: Cadence;
  @IsOptional() @IsInt() custom_period_days!: number | null;
  @JSONSchema({ description: 'How providers are chosen at this level.' })
  @IsIn(BUDGET_STRATEGIES)
  strategy!: BudgetStrategy;
  @IsIn(BUDGET_MODES) mode!: BudgetMode;
  @JSONSchema({ description: 'Every figure is of this moment.' }) @IsInstant() as_of!: string;
  @JSONSchema({ description: PERMISSIONS })
  @ValidateNested()
  @Type(() => BudgetPermissionsResponse)
  permissions!: BudgetPermissionsResponse;
}

export function budgetStatusResponse(status: BudgetStatus): BudgetStatusResponse {
  const { budget, limit, spend, period, asOf } = status;
  return {
    ...budgetOwner(budget),
    total_budget_micros: limit.toNumber(),
    used_budget_micros: spend.used.toNumber(),
    estimated_micros: spend.estimated.toNumber(),
    held_micros: spend.held.toNumber(),
    remaining_budget_micros: status.remaining.toNumber(),
    available_micros: status.available.toNumber(),
    percentage_used: percentageUsed(status),
    alert_level: status.level,
    days_remaining: status.daysRemaining,
    projected_cost_micros: status.projected.toNumber(),
    is_over_budget: status.isOver,
    period_start: period.start.toISOString(),
    period_end: period.end.toISOString(),
    budget_period: budget.schedule.cadence,
    custom_period_days: budget.schedule.customDays,
    strategy: status.strategy,
    mode: budget.mode,
    as_of: asOf.toISOString(),
    permissions: budgetPermissions(budget),
  };
}

/** Hundredths of a percent are whole, so that no sum of floats is in it. */
export function percentageUsed({ basisPointsUsed }: BudgetStatus): number {
  return Number(basisPointsUsed) / 100;
}

export class BudgetSettingsResponse extends BudgetOwnerResponse {
  @JSONSchema({
    description: 'As it was configured. Null: the plan’s, or the setting of this service for the global one.',
  })
  @IsOptional()
  @IsInt()
  limit_micros!: number | null;
  @JSONSchema({ description: 'What counts, wherever it comes from.' }) @IsInt() total_budget_micros!: number;
  @IsIn(CADENCES) budget_period!: Cadence;
  @IsOptional() @IsInt() custom_period_days!: number | null;
  @IsIn(BUDGET_MODES) mode!: BudgetMode;
  @JSONSchema({ description: 'In percent of the budget. Critical is always 100.' })
  @IsInt()
  alert_threshold_yellow!: number;
  @IsInt() alert_threshold_orange!: number;
  @IsInt() alert_threshold_red!: number;
  @JSONSchema({ description: PERMISSIONS })
  @ValidateNested()
  @Type(() => BudgetPermissionsResponse)
  permissions!: BudgetPermissionsResponse;
  @JSONSchema({ description: 'For admins; null for everybody else.' })
  @IsOptional()
  @IsString()
  admin_notes!: string | null;
  @JSONSchema({ description: 'For admins: who configured it last, a user id or `cli:<name>`. Null when nobody did.' })
  @IsOptional()
  @IsString()
  configured_by!: string | null;
}

export function budgetSettingsResponse(
  { budget, limit }: BudgetStatus,
  role: 'user' | 'admin',
): BudgetSettingsResponse {
  const { schedule, thresholds } = budget;
  const isAdmin = role === 'admin';
  return {
    ...budgetOwner(budget),
    limit_micros: budget.limit?.toNumber() ?? null,
    total_budget_micros: limit.toNumber(),
    budget_period: schedule.cadence,
    custom_period_days: schedule.customDays,
    mode: budget.mode,
    alert_threshold_yellow: thresholds.yellow,
    alert_threshold_orange: thresholds.orange,
    alert_threshold_red: thresholds.red,
    permissions: budgetPermissions(budget),
    admin_notes: isAdmin ? budget.notes : null,
    configured_by: isAdmin ? budget.configuredBy : null,
  };
}

export class BudgetResetResponse {
  @IsBoolean() success!: boolean;
  @IsString() message!: string;
  @JSONSchema({ description: 'What was spent in the period that ended. It stays in the history.' })
  @IsInt()
  previous_spent_micros!: number;
  @IsInstant() previous_period_start!: string;
  @IsInstant() new_period_start!: string;
  @IsInstant() new_period_end!: string;
  @JSONSchema({ description: 'What may be spent in the new one.' }) @IsInt() total_budget_micros!: number;
  @JSONSchema({ description: 'A user id.' }) @IsString() reset_by!: string;
}

export function budgetResetResponse(reset: BudgetResetRecord, message: string): BudgetResetResponse {
  return {
    success: true,
    message,
    previous_spent_micros: reset.previousUsed.toNumber(),
    previous_period_start: reset.previous.start.toISOString(),
    new_period_start: reset.next.start.toISOString(),
    new_period_end: reset.next.end.toISOString(),
    total_budget_micros: reset.newLimit.toNumber(),
    reset_by: reset.actor,
  };
}
