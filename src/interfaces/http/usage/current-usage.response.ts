import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { CurrentUsage } from '#application/usage/get-current-usage';
import { EXPORT_FORMATS, type ExportFormat } from '#domain/plans/export-format';
import type { Limit } from '#domain/shared/limit';
import { LimitUse } from '#domain/usage/limit-use';
import { IsInstant, IsLimit } from '../shared/shapes.js';

export class LimitUseResponse {
  @IsInt() used!: number;
  @JSONSchema({ description: 'Reserved by work under way.' }) @IsInt() held!: number;
  @IsLimit() limit!: Limit;
  @IsLimit() remaining!: Limit;
  @JSONSchema({ description: 'Used, in percent of the limit; null when there is no limit.' })
  @IsOptional()
  @IsNumber()
  percentage!: number | null;
}

export class MinutesUseResponse extends LimitUseResponse {
  @JSONSchema({ description: 'What is counted and compared. Minutes are these seconds, rounded up once.' })
  @IsInt()
  used_seconds!: number;
  @IsInt() held_seconds!: number;
  @IsLimit() limit_seconds!: Limit;
  @IsLimit() remaining_seconds!: Limit;
}

export class ConcurrencyResponse {
  @IsInt() running!: number;
  @IsInt() limit!: number;
}

export class CurrentUsageResponse {
  @IsString() plan!: string;
  @IsString() plan_display_name!: string;
  @JSONSchema({ description: 'Null in the open period of an imported user.' })
  @IsOptional()
  @IsInstant()
  period_start!: string | null;
  @IsOptional() @IsInstant() period_end!: string | null;
  @IsOptional() @IsInt() days_until_reset!: number | null;
  @ValidateNested() @Type(() => LimitUseResponse) sessions!: LimitUseResponse;
  @ValidateNested() @Type(() => MinutesUseResponse) minutes!: MinutesUseResponse;
  @ValidateNested() @Type(() => LimitUseResponse) transcriptions!: LimitUseResponse;
  @ValidateNested() @Type(() => ConcurrencyResponse) concurrent_transcriptions!: ConcurrencyResponse;
  @IsInt() file_size_limit_mb!: number;
  @IsArray() @IsIn(EXPORT_FORMATS, { each: true }) export_formats!: readonly ExportFormat[];
  @IsLimit() retention_days!: Limit;
  @IsInt() device_limit!: number;
}

/** Built plainly: this is the answer that is asked for most often. */
export function currentUsageResponse({ plan, period, usage, now }: CurrentUsage): CurrentUsageResponse {
  const { limits } = plan;
  return {
    plan: plan.name,
    plan_display_name: plan.displayName,
    period_start: period.start?.toISOString() ?? null,
    period_end: period.end?.toISOString() ?? null,
    days_until_reset: period.daysLeftAt(now),
    sessions: limitUse(usage.sessions, 0, limits.sessions),
    minutes: minutesUse(usage.used.seconds, usage.held.seconds, limits.seconds),
    transcriptions: limitUse(usage.transcriptions, usage.heldTranscriptions, limits.transcriptions),
    concurrent_transcriptions: { running: usage.running, limit: limits.concurrentTranscriptions },
    file_size_limit_mb: limits.fileSizeMb,
    export_formats: limits.exportFormats,
    retention_days: limits.retentionDays,
    device_limit: limits.devices,
  };
}

function limitUse(used: number, held: number, limit: Limit): LimitUseResponse {
  const { remaining, percentage } = new LimitUse(used, held, limit);
  return { used, held, limit, remaining, percentage };
}

/** Used minutes are rounded up and remaining ones down: while nothing is held, together they are the limit. */
function minutesUse(usedSeconds: number, heldSeconds: number, limitSeconds: Limit): MinutesUseResponse {
  const { remaining, percentage } = new LimitUse(usedSeconds, heldSeconds, limitSeconds);
  return {
    used: Math.ceil(usedSeconds / 60),
    held: Math.ceil(heldSeconds / 60),
    limit: limitSeconds === 'unlimited' ? 'unlimited' : limitSeconds / 60,
    remaining: remaining === 'unlimited' ? 'unlimited' : Math.floor(remaining / 60),
    percentage,
    used_seconds: usedSeconds,
    held_seconds: heldSeconds,
    limit_seconds: limitSeconds,
    remaining_seconds: remaining,
  };
}
