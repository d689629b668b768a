import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { BudgetSlice, NamedSlice, SpendEntry } from '#application/budgets/budget-report';
import type { BudgetBreakdown } from '#application/budgets/get-budget-breakdown';
import { SERVICE_TYPES, type ServiceType } from '#domain/budgets/budget-ledger';
import { RECOMMENDATION_TYPES, type BudgetRecommendation } from '#domain/budgets/budget-recommendation';
import type { PastBudgetPeriod } from '#domain/budgets/budget-reset';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import type { Facts } from '#domain/shared/domain-exception';
import { IsInstant } from '../shared/shapes.js';
import { BudgetOwnerResponse, budgetOwner } from './budget.response.js';

export class BudgetSliceResponse {
  @IsInt() cost_micros!: number;
  @JSONSchema({ description: 'The part of it that no provider reported.' }) @IsInt() estimated_micros!: number;
  @IsInt() requests!: number;
  @IsInt() tokens!: number;
}

export class NamedBudgetSliceResponse extends BudgetSliceResponse {
  @IsString() name!: string;
}

export class BudgetDayResponse extends BudgetSliceResponse {
  @JSONSchema({ description: 'A day in UTC, YYYY-MM-DD.' }) @IsString() date!: string;
}

const SPEND_SOURCES = ['ai', 'session', 'report'] as const;

export class BudgetOperationResponse {
  @IsUUID() id!: string;
  @IsInstant() timestamp!: string;
  @JSONSchema({ description: 'Null when it is nobody’s.' }) @IsOptional() @IsUUID() user_id!: string | null;
  @IsIn(SERVICE_TYPES) service_type!: ServiceType;
  @IsString() provider!: string;
  @IsString() model!: string;
  @IsString() operation!: string;
  @IsInt() cost_micros!: number;
  @IsBoolean() is_estimate!: boolean;
  @IsInt() tokens_used!: number;
  @JSONSchema({ description: 'A request through the gateway, a session’s transcription, or a report from elsewhere.' })
  @IsIn(SPEND_SOURCES)
  source!: (typeof SPEND_SOURCES)[number];
}

export class BudgetBreakdownResponse extends BudgetOwnerResponse {
  @IsInstant() period_start!: string;
  @IsInstant() period_end!: string;
  @IsInstant() as_of!: string;
  @ValidateNested() @Type(() => BudgetSliceResponse) total!: BudgetSliceResponse;
  @JSONSchema({ description: 'The dearest first, like the next two. Each division adds up to the total.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NamedBudgetSliceResponse)
  by_provider!: NamedBudgetSliceResponse[];
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NamedBudgetSliceResponse)
  by_service_type!: NamedBudgetSliceResponse[];
  @JSONSchema({ description: 'By `provider/model`.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NamedBudgetSliceResponse)
  by_model!: NamedBudgetSliceResponse[];
  @JSONSchema({ description: 'Days on which something was asked for, the oldest first.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BudgetDayResponse)
  by_day!: BudgetDayResponse[];
  @JSONSchema({ description: 'The ten dearest, the dearest first.' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BudgetOperationResponse)
  top_expensive_operations!: BudgetOperationResponse[];
}

export function budgetBreakdownResponse({ budget }: BudgetStatus, breakdown: BudgetBreakdown): BudgetBreakdownResponse {
  const { period, asOf, total, byProvider, byService, byModel, byDay, dearest } = breakdown;
  return {
    ...budgetOwner(budget),
    period_start: period.start.toISOString(),
    period_end: period.end.toISOString(),
    as_of: asOf.toISOString(),
    total: sliceResponse(total),
    by_provider: byProvider.map(namedSliceResponse),
    by_service_type: byService.map(namedSliceResponse),
    by_model: byModel.map(namedSliceResponse),
    by_day: byDay.map((day) => ({ date: day.date, ...sliceResponse(day) })),
    top_expensive_operations: dearest.map(operationResponse),
  };
}

function sliceResponse({ cost, estimated, requests, tokens }: BudgetSlice): BudgetSliceResponse {
  return { cost_micros: cost.toNumber(), estimated_micros: estimated.toNumber(), requests, tokens };
}

function namedSliceResponse(slice: NamedSlice): NamedBudgetSliceResponse {
  return { name: slice.name, ...sliceResponse(slice) };
}

function operationResponse(entry: SpendEntry): BudgetOperationResponse {
  return {
    id: entry.id,
    timestamp: entry.at.toISOString(),
    user_id: entry.userId,
    service_type: entry.service,
    provider: entry.provider,
    model: entry.model,
    operation: entry.operation,
    cost_micros: entry.cost.toNumber(),
    is_estimate: entry.isEstimate,
    tokens_used: entry.tokens,
    source: entry.source,
  };
}

const HISTORY_CAUSES = ['reset', 'cadence', 'rollover'] as const;

export class PastBudgetPeriodResponse {
  @JSONSchema({ description: 'What ended it: a reset, another `budget_period`, or its own end.' })
  @IsIn(HISTORY_CAUSES)
  cause!: (typeof HISTORY_CAUSES)[number];
  @IsInstant() period_start!: string;
  @IsInstant() period_end!: string;
  @JSONSchema({ description: 'Null after a period that came to its own end: nobody was there to write it down.' })
  @IsOptional()
  @IsInt()
  total_budget_micros!: number | null;
  @IsInt() used_budget_micros!: number;
  @JSONSchema({ description: 'Who ended it. Null, like the next one, where nobody did.' })
  @IsOptional()
  @IsString()
  actor!: string | null;
  @IsOptional() @IsString() reason!: string | null;
  @IsInstant() ended_at!: string;
  @JSONSchema({ description: 'The period that a reset began.' })
  @IsOptional()
  @IsInstant()
  new_period_start!: string | null;
  @IsOptional() @IsInstant() new_period_end!: string | null;
}

export function pastBudgetPeriodResponse(past: PastBudgetPeriod): PastBudgetPeriodResponse {
  return {
    cause: past.cause,
    period_start: past.period.start.toISOString(),
    period_end: past.period.end.toISOString(),
    total_budget_micros: past.limit?.toNumber() ?? null,
    used_budget_micros: past.used.toNumber(),
    actor: past.actor,
    reason: past.reason,
    ended_at: past.at.toISOString(),
    new_period_start: past.next?.start.toISOString() ?? null,
    new_period_end: past.next?.end.toISOString() ?? null,
  };
}

export class BudgetHistoryResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PastBudgetPeriodResponse)
  data!: PastBudgetPeriodResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export class BudgetRecommendationResponse {
  @IsIn(RECOMMENDATION_TYPES) type!: BudgetRecommendation['type'];
  @IsString() title!: string;
  @IsString() description!: string;
  @IsString() action!: string;
  @JSONSchema({ description: 'The figures that it rests on.' }) @IsObject() evidence!: Facts;
  @JSONSchema({
    description:
      'What the usage of this period so far would have cost less, by the prices in force. Null: there is no figure for it.',
  })
  @IsOptional()
  @IsInt()
  estimated_savings_micros!: number | null;
}

export class BudgetRecommendationListResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BudgetRecommendationResponse)
  data!: BudgetRecommendationResponse[];
}

export function budgetRecommendationsResponse(
  recommendations: readonly BudgetRecommendation[],
): BudgetRecommendationListResponse {
  return {
    data: recommendations.map(({ savings, type, title, description, action, evidence }) => ({
      type,
      title,
      description,
      action,
      evidence,
      estimated_savings_micros: savings?.toNumber() ?? null,
    })),
  };
}
