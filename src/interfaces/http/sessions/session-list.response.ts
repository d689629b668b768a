import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { SessionState } from '#application/sessions/get-session-status';
import type { OfferedTranscriber } from '#application/sessions/list-transcribers';
import { type Session, SESSION_STATUSES, type SessionStatus } from '#domain/sessions/session';
import { IsInstant } from '../shared/shapes.js';
import { SessionResponse } from './session.response.js';

export class SessionListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => SessionResponse) data!: SessionResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export class DeletedSessionResponse {
  @IsUUID() id!: string;
  @IsInstant() deleted_at!: string;
  @JSONSchema({ description: 'Always true: what the session has used stays counted and logged.' })
  @IsBoolean()
  usage_kept!: boolean;
}

export function deletedSessionResponse({ id, updatedAt, deletedAt }: Session): DeletedSessionResponse {
  return { id, deleted_at: (deletedAt ?? updatedAt).toISOString(), usage_kept: true };
}

export class SessionStatusResponse {
  @IsUUID() session_id!: string;
  @IsIn(SESSION_STATUSES) status!: SessionStatus;
  @JSONSchema({
    description: 'Percent, estimated from elapsed time while processing; 100 when the transcript is there.',
  })
  @IsInt()
  progress!: number;
  @IsString() message!: string;
  @JSONSchema({ description: 'Length of the recording as measured by the server.' })
  @IsOptional()
  @IsInt()
  duration_seconds!: number | null;
  @JSONSchema({ description: 'Start of the latest transcription.' }) @IsOptional() @IsInstant() started_at!:
    string | null;
  @JSONSchema({ description: 'Null when nothing runs, and when it takes longer than expected.' })
  @IsOptional()
  @IsInstant()
  estimated_completion!: string | null;
}

export function sessionStatusResponse({ session, progress, startedAt }: SessionState): SessionStatusResponse {
  return {
    session_id: session.id,
    status: session.status,
    progress: progress.percent,
    message: progress.message,
    duration_seconds: session.durationSeconds,
    started_at: startedAt?.toISOString() ?? null,
    estimated_completion: progress.estimatedCompletion?.toISOString() ?? null,
  };
}

export class TranscriberResponse {
  @JSONSchema({ description: 'As `stt_provider` names it.' }) @IsString() name!: string;
  @IsString() model!: string;
  @JSONSchema({ description: 'What `auto` stands for.' }) @IsBoolean() is_default!: boolean;
  @JSONSchema({ description: 'False when the model has no price today: then it is not served.' })
  @IsBoolean()
  available!: boolean;
  @JSONSchema({ description: 'Micro-dollars for a minute of audio, charged by the second.' })
  @IsOptional()
  @IsInt()
  price_micros_per_minute!: number | null;
  @IsIn(['usd']) currency!: 'usd';
}

export class TranscriberListResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => TranscriberResponse) data!: TranscriberResponse[];
}

export function transcriberListResponse(offered: readonly OfferedTranscriber[]): TranscriberListResponse {
  return {
    data: offered.map(({ provider, model, isDefault, price }) => ({
      name: provider,
      model,
      is_default: isDefault,
      available: price !== null,
      price_micros_per_minute: price === null ? null : Number(price.microsPerMinute),
      currency: 'usd',
    })),
  };
}
