import { IsIn, IsInt, IsNumber, IsOptional, IsPositive, IsString, Length, Matches, Max, Min } from 'class-validator';
import { LANGUAGES, SESSION_STATUSES, type SessionStatus } from '#domain/sessions/session';

export class CreateSessionRequest {
  @IsString()
  @Length(1, 255)
  @Matches(/^(?=.*\S)[^\p{Cc}\p{Cs}]*$/u, { message: 'title must say something, without control characters' })
  title!: string;

  @IsIn(LANGUAGES)
  language: string = 'auto';

  /** `auto`, or one of `GET /api/v1/sessions/providers`. */
  @IsString()
  @Length(1, 50)
  stt_provider: string = 'auto';
}

export class ChangeSessionRequest {
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @Matches(/^(?=.*\S)[^\p{Cc}\p{Cs}]*$/u, { message: 'title must say something, without control characters' })
  title?: string;

  /** The only status that can be asked for; every other one is the outcome of a deed of its own. */
  @IsOptional()
  @IsIn(['cancelled'])
  status?: 'cancelled';
}

export class UploadUrlRequest {
  @IsString()
  @Length(1, 255)
  @Matches(/^[^/\\\p{Cc}]+\.[A-Za-z0-9]+$/u, { message: 'filename must be a plain file name with an extension' })
  filename!: string;

  @IsNumber()
  @IsPositive()
  file_size_mb!: number;
}

export class ListSessionsQuery {
  @IsOptional()
  @IsIn(SESSION_STATUSES)
  status?: SessionStatus;

  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  offset: number = 0;
}
