import { IsDateString, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString, IsUUID } from 'class-validator';
import type { UploadTicket } from '#application/sessions/upload-storage';
import { type Session, SESSION_STATUSES, type SessionStatus } from '#domain/sessions/session';

export class SessionResponse {
  @IsUUID() id!: string;
  @IsString() title!: string;
  @IsIn(SESSION_STATUSES) status!: SessionStatus;
  @IsString() language!: string;
  @IsString() stt_provider!: string;
  @IsOptional() @IsString() audio_filename!: string | null;
  @IsOptional() @IsInt() file_size_bytes!: number | null;
  /** As measured by the server; null until a recording is confirmed. */
  @IsOptional() @IsInt() duration_seconds!: number | null;
  @IsInt() transcription_attempts!: number;
  @IsOptional() @IsString() error!: string | null;
  @IsDateString() created_at!: string;
  @IsDateString() updated_at!: string;
}

export function sessionResponse(session: Session): SessionResponse {
  return {
    id: session.id,
    title: session.title,
    status: session.status,
    language: session.language,
    stt_provider: session.sttProvider,
    audio_filename: session.filename,
    file_size_bytes: session.bytes,
    duration_seconds: session.durationSeconds,
    transcription_attempts: session.attempts,
    error: session.error,
    created_at: session.createdAt.toISOString(),
    updated_at: session.updatedAt.toISOString(),
  };
}

export class UploadUrlResponse {
  @IsString() upload_url!: string;
  @IsString() method!: string;
  @IsObject() headers!: Record<string, string>;
  @IsDateString() expires_at!: string;
  @IsInt() max_bytes!: number;
  @IsNumber() limit_mb!: number;
}

export function uploadUrlResponse(ticket: UploadTicket, maxBytes: number): UploadUrlResponse {
  return {
    upload_url: ticket.url,
    method: ticket.method,
    headers: { ...ticket.headers },
    expires_at: ticket.expiresAt.toISOString(),
    max_bytes: maxBytes,
    limit_mb: maxBytes / (1024 * 1024),
  };
}
