import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { SessionBilling } from '#application/sessions/get-session-billing';
import { LimitUse } from '#domain/usage/limit-use';
import { OUTCOMES, TRANSCRIPTION_TYPES } from '#domain/usage/transcription-type';
import type { UsageLog } from '#domain/usage/usage-log';
import { IsInstant, IsLimit } from '../shared/shapes.js';

export class BillingSummaryResponse {
  @IsInt() total_cost_micros!: number;
  @IsIn(['usd']) currency!: 'usd';
  @IsInt() billable_attempts!: number;
  @IsInt() free_retries!: number;
  @JSONSchema({ description: 'Attempts that have ended. One that is still running is not in the log yet.' })
  @IsInt()
  total_attempts!: number;
}

export class BilledAttemptResponse {
  @IsUUID() usage_log_id!: string;
  @IsOptional() @IsUUID() parent_log_id!: string | null;
  @IsInt() attempt_number!: number;
  @IsIn(TRANSCRIPTION_TYPES) transcription_type!: string;
  @IsIn(OUTCOMES) outcome!: string;
  @IsBoolean() is_billable!: boolean;
  @IsString() billing_reason!: string;
  @IsInt() cost_micros!: number;
  @JSONSchema({ description: 'Length of the audio that was worked on.' }) @IsInt() duration_seconds!: number;
  @JSONSchema({ description: 'What of it counts against the plan.' }) @IsInt() counted_seconds!: number;
  @IsString() stt_provider!: string;
  @IsString() model!: string;
  @IsUUID() rate_card_id!: string;
  @JSONSchema({ description: 'The plan it was counted under.' }) @IsString() plan!: string;
  @IsInstant() started_at!: string;
  @IsInstant() completed_at!: string;
}

/** The plan as it is now, which need not be the one that past attempts were counted under. */
export class PlanContextResponse {
  @IsString() plan!: string;
  @IsOptional() @IsInstant() period_start!: string | null;
  @IsOptional() @IsInstant() resets_at!: string | null;
  @IsInt() minutes_used!: number;
  @IsInt() minutes_held!: number;
  @IsLimit() minutes_limit!: number | 'unlimited';
  @JSONSchema({ description: 'Whole minutes that are neither used nor held.' })
  @IsLimit()
  minutes_remaining!: number | 'unlimited';
}

export class SessionBillingResponse {
  @IsUUID() session_id!: string;
  @ValidateNested() @Type(() => BillingSummaryResponse) billing_summary!: BillingSummaryResponse;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BilledAttemptResponse)
  transcription_history!: BilledAttemptResponse[];
  @ValidateNested() @Type(() => PlanContextResponse) plan_context!: PlanContextResponse;
}

export function sessionBillingResponse(billing: SessionBilling): SessionBillingResponse {
  return {
    session_id: billing.sessionId,
    billing_summary: {
      total_cost_micros: billing.totalCost.toNumber(),
      currency: 'usd',
      billable_attempts: billing.billableAttempts,
      free_retries: billing.freeRetries,
      total_attempts: billing.history.length,
    },
    transcription_history: billing.history.map(billedAttemptResponse),
    plan_context: planContextResponse(billing),
  };
}

function billedAttemptResponse(log: UsageLog): BilledAttemptResponse {
  return {
    usage_log_id: log.id,
    parent_log_id: log.parentLogId,
    attempt_number: log.attempt,
    transcription_type: log.transcriptionType,
    outcome: log.outcome,
    is_billable: log.billable,
    billing_reason: log.billingReason,
    cost_micros: log.cost.toNumber(),
    duration_seconds: log.audioSeconds,
    counted_seconds: log.countedSeconds,
    stt_provider: log.provider,
    model: log.model,
    rate_card_id: log.rateCardId,
    plan: log.plan,
    started_at: log.startedAt.toISOString(),
    completed_at: log.completedAt.toISOString(),
  };
}

function planContextResponse({ limits, period, usage: { used, held } }: SessionBilling): PlanContextResponse {
  const { remaining } = new LimitUse(used.seconds, held.seconds, limits.seconds);
  return {
    plan: limits.plan,
    period_start: period.start?.toISOString() ?? null,
    resets_at: period.end?.toISOString() ?? null,
    minutes_used: used.minutes,
    minutes_held: held.minutes,
    minutes_limit: limits.minutes,
    // Rounded down, as the others are rounded up: nobody is promised a minute that is not there.
    minutes_remaining: remaining === 'unlimited' ? 'unlimited' : Math.floor(remaining / 60),
  };
}
