import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { RetranscriptionEstimate } from '#application/sessions/get-retranscription-estimate';
import { IsLimit } from '../shared/shapes.js';
import { SessionResponse } from './session.response.js';

export class RetranscriptionEstimateResponse {
  @IsUUID() session_id!: string;
  @IsString() stt_provider!: string;
  @IsString() model!: string;
  @IsInt() duration_seconds!: number;
  @JSONSchema({ description: 'The same in started minutes.' }) @IsInt() duration_minutes!: number;
  @IsInt() cost_micros!: number;
  @IsIn(['usd']) currency!: 'usd';
  @IsInt() price_micros_per_minute!: number;
  @JSONSchema({ description: 'How sure the estimate is, from 0 to 1: the provider may measure another length.' })
  @IsNumber()
  confidence!: number;
  @JSONSchema({ description: 'Seconds of this period that are neither used nor held.' })
  @IsLimit()
  remaining_seconds!: number | 'unlimited';
  @JSONSchema({ description: 'Whether the recording fits into them.' }) @IsBoolean() fits_plan!: boolean;
  @JSONSchema({ description: 'Always true: the run starts with `confirm_cost: true` alone.' })
  @IsBoolean()
  requires_confirmation!: boolean;
}

export function retranscriptionEstimateResponse(estimate: RetranscriptionEstimate): RetranscriptionEstimateResponse {
  const { sessionId, duration, cost, price, confidence, remaining, fits } = estimate;
  return {
    session_id: sessionId,
    stt_provider: price.provider,
    model: price.model,
    duration_seconds: duration.seconds,
    duration_minutes: duration.minutes,
    cost_micros: cost.toNumber(),
    currency: 'usd',
    price_micros_per_minute: Number(price.microsPerMinute),
    confidence,
    remaining_seconds: remaining,
    fits_plan: fits,
    requires_confirmation: true,
  };
}

/** Either an estimate to be confirmed, or the session that is being transcribed. */
export class RetranscriptionResponse {
  @IsBoolean() requires_confirmation!: boolean;
  @IsOptional()
  @ValidateNested()
  @Type(() => RetranscriptionEstimateResponse)
  estimate!: RetranscriptionEstimateResponse | null;
  @IsOptional() @ValidateNested() @Type(() => SessionResponse) session!: SessionResponse | null;
}
