import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { CurrentPlan } from '#application/plans/get-current-plan';
import type { ComparedPlan, PlanComparison } from '#application/plans/get-plan-comparison';
import { EXPORT_FORMATS, type ExportFormat } from '#domain/plans/export-format';
import type { Plan, PlanCatalog } from '#domain/plans/plan-catalog';
import type { Limit } from '#domain/shared/limit';
import { Duration } from '#domain/shared/duration';
import type { LimitUse } from '#domain/usage/limit-use';
import { IsInstant, IsLimit } from '../shared/shapes.js';

export class PlanLimitsResponse {
  @IsLimit() sessions!: Limit;
  @IsLimit() minutes!: Limit;
  @IsLimit() transcriptions!: Limit;
  @IsInt() file_size_mb!: number;
  @IsArray() @IsIn(EXPORT_FORMATS, { each: true }) export_formats!: readonly ExportFormat[];
  @IsInt() concurrent_transcriptions!: number;
  @IsLimit() retention_days!: Limit;
  @IsInt() devices!: number;
}

export class PlanResponse {
  @IsString() name!: string;
  @IsString() display_name!: string;
  @JSONSchema({ description: 'For one billing period.' })
  @ValidateNested()
  @Type(() => PlanLimitsResponse)
  limits!: PlanLimitsResponse;
  @IsIn(['USD']) currency!: string;
  @IsInt() monthly_price_micros!: number;
  @IsInt() yearly_price_micros!: number;
  @IsInt() trial_days!: number;
  @IsInt() monthly_provider_budget_micros!: number;
  @JSONSchema({ description: 'Credit that a subscription brings for each month, and that runs out with the month.' })
  @IsInt()
  monthly_included_credit_micros!: number;
}

export function planResponse(plan: Plan): PlanResponse {
  const { limits } = plan;
  return {
    name: plan.name,
    display_name: plan.displayName,
    limits: {
      sessions: limits.sessions,
      minutes: limits.minutes,
      transcriptions: limits.transcriptions,
      file_size_mb: limits.fileSizeMb,
      export_formats: limits.exportFormats,
      concurrent_transcriptions: limits.concurrentTranscriptions,
      retention_days: limits.retentionDays,
      devices: limits.devices,
    },
    currency: 'USD',
    monthly_price_micros: plan.monthlyPrice.toNumber(),
    yearly_price_micros: plan.yearlyPrice.toNumber(),
    trial_days: plan.trialDays,
    monthly_provider_budget_micros: plan.monthlyProviderBudget.toNumber(),
    monthly_included_credit_micros: plan.monthlyIncludedCredit.toNumber(),
  };
}

export class PlanListResponse {
  @JSONSchema({ description: 'Names this edition of the catalogue; every usage log says which one it was made under.' })
  @IsString()
  catalogue_version!: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => PlanResponse) data!: PlanResponse[];
  @IsInt() total!: number;
}

export function planListResponse({ version, plans }: PlanCatalog): PlanListResponse {
  return { catalogue_version: version, data: plans.map(planResponse), total: plans.length };
}

export class CurrentPlanResponse {
  @IsString() catalogue_version!: string;
  @ValidateNested() @Type(() => PlanResponse) plan!: PlanResponse;
  @IsOptional() @IsInstant() period_start!: string | null;
  @IsOptional() @IsInstant() period_end!: string | null;
  @IsOptional() @IsInt() days_until_reset!: number | null;
}

export function currentPlanResponse({ catalogVersion, plan, period, now }: CurrentPlan): CurrentPlanResponse {
  return {
    catalogue_version: catalogVersion,
    plan: planResponse(plan),
    period_start: period.start?.toISOString() ?? null,
    period_end: period.end?.toISOString() ?? null,
    days_until_reset: period.daysLeftAt(now),
  };
}

export class PlanFitResponse {
  @IsNumber() used!: number;
  @IsLimit() limit!: Limit;
  @JSONSchema({ description: 'Used, in percent of this limit; null when it is unlimited.' })
  @IsOptional()
  @IsNumber()
  percentage!: number | null;
  @IsBoolean() fits!: boolean;
}

export class ComparedPlanResponse {
  @ValidateNested() @Type(() => PlanResponse) plan!: PlanResponse;
  @IsBoolean() is_current!: boolean;
  @JSONSchema({ description: 'Whether this plan would have admitted all that was used.' }) @IsBoolean() fits!: boolean;
  @ValidateNested() @Type(() => PlanFitResponse) sessions!: PlanFitResponse;
  @ValidateNested() @Type(() => PlanFitResponse) minutes!: PlanFitResponse;
  @ValidateNested() @Type(() => PlanFitResponse) transcriptions!: PlanFitResponse;
  @ValidateNested() @Type(() => PlanFitResponse) file_size_mb!: PlanFitResponse;
  @ValidateNested() @Type(() => PlanFitResponse) devices!: PlanFitResponse;
}

export class PeakUseResponse {
  @JSONSchema({ description: 'How many billing periods were looked at, the current one included.' })
  @IsInt()
  periods!: number;
  @IsInt() sessions!: number;
  @IsInt() minutes!: number;
  @IsInt() transcriptions!: number;
  @IsNumber() largest_file_mb!: number;
  @IsInt() devices!: number;
}

export class PlanComparisonResponse {
  @IsString() catalogue_version!: string;
  @IsString() current_plan!: string;
  @JSONSchema({ description: 'The most that was used in one period.' })
  @ValidateNested()
  @Type(() => PeakUseResponse)
  peak_use!: PeakUseResponse;
  @JSONSchema({ description: 'The smallest plan that fits; null when none does.' })
  @IsOptional()
  @IsString()
  smallest_fitting_plan!: string | null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => ComparedPlanResponse) data!: ComparedPlanResponse[];
}

export function planComparisonResponse({
  catalogVersion,
  current,
  peak,
  plans,
}: PlanComparison): PlanComparisonResponse {
  return {
    catalogue_version: catalogVersion,
    current_plan: current.name,
    peak_use: {
      periods: peak.periods,
      sessions: peak.sessions,
      minutes: Duration.ofSeconds(peak.seconds).minutes,
      transcriptions: peak.transcriptions,
      largest_file_mb: peak.largestFileMb,
      devices: peak.devices,
    },
    smallest_fitting_plan: plans.find(({ fits }) => fits)?.plan.name ?? null,
    data: plans.map(comparedPlanResponse),
  };
}

function comparedPlanResponse(compared: ComparedPlan): ComparedPlanResponse {
  const { plan, isCurrent, fits, seconds } = compared;
  return {
    plan: planResponse(plan),
    is_current: isCurrent,
    fits,
    sessions: fitResponse(compared.sessions),
    minutes: {
      ...fitResponse(seconds),
      used: Duration.ofSeconds(seconds.used).minutes,
      limit: plan.limits.minutes,
    },
    transcriptions: fitResponse(compared.transcriptions),
    file_size_mb: fitResponse(compared.fileSizeMb),
    devices: fitResponse(compared.devices),
  };
}

function fitResponse({ used, limit, percentage, fits }: LimitUse): PlanFitResponse {
  return { used, limit, percentage, fits };
}
