import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { UsageSummary } from '#application/usage/get-usage-summary';
import { TRANSCRIPTION_TYPES, type TranscriptionType } from '#domain/usage/transcription-type';
import {
  type Grouping,
  GROUPINGS,
  type LifetimeTotals,
  type PeriodTotals,
  type UsageBucket,
  type UsageShare,
} from '#domain/usage/usage-totals';
import { IsInstant } from '../shared/shapes.js';
import { CurrentUsageResponse, currentUsageResponse } from './current-usage.response.js';

export class UsageShareResponse {
  @JSONSchema({ description: 'Entries of the log, failed ones and free retries included.' }) @IsInt() count!: number;
  @IsInt() failed!: number;
  @JSONSchema({ description: 'What they count against the plan.' }) @IsInt() seconds!: number;
  @IsInt() minutes!: number;
  @IsInt() cost_micros!: number;
}

export class TypeShareResponse extends UsageShareResponse {
  @IsIn(TRANSCRIPTION_TYPES) transcription_type!: TranscriptionType;
}

export class ProviderShareResponse extends UsageShareResponse {
  @IsString() provider!: string;
}

export class LifetimeTotalsResponse {
  @IsInt() sessions!: number;
  @IsInt() transcriptions!: number;
  @IsInt() seconds!: number;
  @IsInt() minutes!: number;
  @IsInt() cost_micros!: number;
}

export class UsageSummaryResponse {
  @ValidateNested() @Type(() => CurrentUsageResponse) current!: CurrentUsageResponse;
  @IsOptional() @IsInstant() resets_at!: string | null;
  @JSONSchema({ description: 'Everything logged in the current period.' })
  @ValidateNested()
  @Type(() => UsageShareResponse)
  period_totals!: UsageShareResponse;
  @IsArray() @ValidateNested({ each: true }) @Type(() => TypeShareResponse) by_transcription_type!: TypeShareResponse[];
  @IsArray() @ValidateNested({ each: true }) @Type(() => ProviderShareResponse) by_provider!: ProviderShareResponse[];
  @JSONSchema({ description: 'Everything since registration.' })
  @ValidateNested()
  @Type(() => LifetimeTotalsResponse)
  totals!: LifetimeTotalsResponse;
}

export function usageSummaryResponse({ current, totals, lifetime }: UsageSummary): UsageSummaryResponse {
  return {
    current: currentUsageResponse(current),
    resets_at: current.period.end?.toISOString() ?? null,
    period_totals: shareResponse(totals.all),
    ...sharesResponse(totals),
    totals: lifetimeResponse(lifetime),
  };
}

export class UsagePeriodResponse {
  @IsOptional() @IsInstant() period_start!: string | null;
  @JSONSchema({ description: 'When the next period began or will begin; a reset may have cut this one short.' })
  @IsOptional()
  @IsInstant()
  period_end!: string | null;
  @IsBoolean() is_current!: boolean;
  @IsInt() sessions!: number;
  @IsInt() transcriptions!: number;
  @IsInt() seconds!: number;
  @IsInt() minutes!: number;
  @IsInt() failed!: number;
  @IsInt() cost_micros!: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => TypeShareResponse) by_transcription_type!: TypeShareResponse[];
  @IsArray() @ValidateNested({ each: true }) @Type(() => ProviderShareResponse) by_provider!: ProviderShareResponse[];
}

export class UsageHistoryResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => UsagePeriodResponse) data!: UsagePeriodResponse[];
}

/** Newest first: the first one goes on. */
export function usageHistoryResponse(periods: readonly PeriodTotals[]): UsageHistoryResponse {
  return {
    data: periods.map((totals, index) => ({
      period_start: totals.period.start?.toISOString() ?? null,
      period_end: totals.period.end?.toISOString() ?? null,
      is_current: index === 0,
      sessions: totals.sessions,
      transcriptions: totals.transcriptions,
      seconds: totals.used.seconds,
      minutes: totals.used.minutes,
      failed: totals.all.failed,
      cost_micros: totals.all.cost.toNumber(),
      ...sharesResponse(totals),
    })),
  };
}

export class UsageBucketResponse {
  @IsInstant() start!: string;
  @IsInt() sessions!: number;
  @IsInt() seconds!: number;
  @IsInt() minutes!: number;
  @JSONSchema({ description: 'Those that count against the plan.' }) @IsInt() transcriptions!: number;
  @IsInt() completed!: number;
  @IsInt() failed!: number;
  @JSONSchema({ description: 'Completed ones, in percent of all that ran; null when nothing ran.' })
  @IsOptional()
  @IsNumber()
  success_rate!: number | null;
  @IsInt() cost_micros!: number;
}

export class UsageTrendsResponse {
  @IsIn(GROUPINGS) group_by!: Grouping;
  @IsArray() @ValidateNested({ each: true }) @Type(() => UsageBucketResponse) data!: UsageBucketResponse[];
}

export function usageTrendsResponse(by: Grouping, buckets: readonly UsageBucket[]): UsageTrendsResponse {
  return {
    group_by: by,
    data: buckets.map(({ start, sessions, counted, transcriptions, completed, failed, cost }) => ({
      start: start.toISOString(),
      sessions,
      seconds: counted.seconds,
      minutes: counted.minutes,
      transcriptions,
      completed,
      failed,
      success_rate: successRate(completed, failed),
      cost_micros: cost.toNumber(),
    })),
  };
}

/** One decimal, rounded down: a failure must not read as 100 %. */
function successRate(completed: number, failed: number): number | null {
  const runs = completed + failed;
  return runs === 0 ? null : Math.floor((completed * 1000) / runs) / 10;
}

function sharesResponse({
  byType,
  byProvider,
}: PeriodTotals): Pick<UsagePeriodResponse, 'by_transcription_type' | 'by_provider'> {
  return {
    by_transcription_type: byType.map((share) => ({ transcription_type: share.type, ...shareResponse(share) })),
    by_provider: byProvider.map((share) => ({ provider: share.provider, ...shareResponse(share) })),
  };
}

function shareResponse({ runs, failed, counted, cost }: UsageShare): UsageShareResponse {
  return { count: runs, failed, seconds: counted.seconds, minutes: counted.minutes, cost_micros: cost.toNumber() };
}

function lifetimeResponse({ sessions, used, transcriptions, cost }: LifetimeTotals): LifetimeTotalsResponse {
  return { sessions, transcriptions, seconds: used.seconds, minutes: used.minutes, cost_micros: cost.toNumber() };
}
