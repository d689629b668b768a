import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { ProjectedUse, UsagePredictions } from '#application/usage/get-usage-predictions';
import type { Facts } from '#domain/shared/domain-exception';
import type { Limit } from '#domain/shared/limit';
import { LimitUse } from '#domain/usage/limit-use';
import { INSIGHT_ACTIONS, INSIGHT_TYPES, type UsageInsight } from '#domain/usage/usage-insight';
import { type Confidence, CONFIDENCES, INSUFFICIENCIES } from '#domain/usage/usage-projection';
import { IsInstant, IsLimit } from '../shared/shapes.js';

export class UsageInsightResponse {
  @IsIn(INSIGHT_TYPES) type!: UsageInsight['type'];
  @IsString() title!: string;
  @IsString() message!: string;
  @JSONSchema({ description: 'The numbers that show it.' }) @IsObject() evidence!: Facts;
  @IsOptional() @IsIn(INSIGHT_ACTIONS) action!: UsageInsight['action'];
}

export class UsageInsightsResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => UsageInsightResponse) data!: UsageInsightResponse[];
}

export function usageInsightsResponse(insights: readonly UsageInsight[]): UsageInsightsResponse {
  return {
    data: insights.map(({ type, title, message, evidence, action }) => ({ type, title, message, evidence, action })),
  };
}

const STATUSES = ['projected', 'insufficient_data'] as const;

export class UsagePredictionResponse {
  @IsIn(STATUSES) status!: (typeof STATUSES)[number];
  @JSONSchema({ description: 'Why there is too little to tell; null when there is enough.' })
  @IsOptional()
  @IsIn(INSUFFICIENCIES)
  reason!: (typeof INSUFFICIENCIES)[number] | null;
  @IsInt() used!: number;
  @IsInt() held!: number;
  @IsLimit() limit!: Limit;
  @JSONSchema({ description: 'Used at the end of the period, if it goes on at the pace so far.' })
  @IsOptional()
  @IsInt()
  projected!: number | null;
  @IsOptional() @IsNumber() projected_percentage!: number | null;
  @JSONSchema({
    description: 'When that pace meets the limit; null when it does not within this period, or has already.',
  })
  @IsOptional()
  @IsInstant()
  estimated_limit_date!: string | null;
  @IsOptional() @IsIn(CONFIDENCES) confidence!: Confidence | null;
}

export class UsagePredictionsResponse {
  @IsOptional() @IsInstant() period_start!: string | null;
  @IsOptional() @IsInstant() period_end!: string | null;
  @ValidateNested() @Type(() => UsagePredictionResponse) sessions!: UsagePredictionResponse;
  @ValidateNested() @Type(() => UsagePredictionResponse) minutes!: UsagePredictionResponse;
  @ValidateNested() @Type(() => UsagePredictionResponse) transcriptions!: UsagePredictionResponse;
}

export function usagePredictionsResponse(predictions: UsagePredictions): UsagePredictionsResponse {
  const { period, sessions, seconds, transcriptions } = predictions;
  return {
    period_start: period.start?.toISOString() ?? null,
    period_end: period.end?.toISOString() ?? null,
    sessions: predictionResponse(sessions, 1),
    minutes: predictionResponse(seconds, 60),
    transcriptions: predictionResponse(transcriptions, 1),
  };
}

/** `unit` is how many of what is counted make one of what is shown: 60 seconds a minute. */
function predictionResponse({ use, projection }: ProjectedUse, unit: number): UsagePredictionResponse {
  const known = {
    used: Math.ceil(use.used / unit),
    held: Math.ceil(use.held / unit),
    limit: use.limit === 'unlimited' ? use.limit : use.limit / unit,
  };
  if (projection.status === 'insufficient_data') {
    const { status, reason } = projection;
    const unknown = { projected: null, projected_percentage: null, estimated_limit_date: null, confidence: null };
    return { status, reason, ...known, ...unknown };
  }
  const { status, projected, limitDate, confidence } = projection;
  return {
    status,
    reason: null,
    ...known,
    projected: Math.ceil(projected / unit),
    projected_percentage: new LimitUse(projected, 0, use.limit).percentage,
    estimated_limit_date: limitDate?.toISOString() ?? null,
    confidence,
  };
}
