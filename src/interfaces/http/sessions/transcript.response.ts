import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { SPEAKER_ROLES, type SpeakerRole, type Transcript } from '#domain/sessions/transcript';
import { IsInstant } from '../shared/shapes.js';

export class TranscriptSegmentResponse {
  @IsUUID() id!: string;
  @JSONSchema({ description: '1 for whoever speaks first.' }) @IsInt() speaker_id!: number;
  @IsNumber() start_sec!: number;
  @IsNumber() end_sec!: number;
  @IsString() content!: string;
  @JSONSchema({ description: '0 to 1, as far as the provider says.' })
  @IsOptional()
  @IsNumber()
  confidence!: number | null;
  @JSONSchema({ description: 'Of this segment, or else of its speaker.' }) @IsIn(SPEAKER_ROLES) role!: SpeakerRole;
}

/** The export as json, written by the domain like the other formats: this is its description. */
export class TranscriptResponse {
  @IsUUID() session_id!: string;
  @IsString() title!: string;
  @IsOptional() @IsInt() duration_seconds!: number | null;
  @IsString() language!: string;
  @IsInstant() created_at!: string;
  @JSONSchema({ description: 'Roles by speaker number.' }) @IsObject() role_assignments!: Record<string, SpeakerRole>;
  @JSONSchema({ description: 'Roles by segment id, of segments that do not follow their speaker.' })
  @IsObject()
  segment_roles!: Record<string, SpeakerRole>;
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TranscriptSegmentResponse)
  segments!: TranscriptSegmentResponse[];
}

/** Who is who after a correction. What was said is not in it: answers are kept for ever, and transcripts are not. */
export class CorrectedTranscriptResponse {
  @IsUUID() session_id!: string;
  @IsInt() attempt_number!: number;
  @JSONSchema({ description: 'Roles by speaker number.' }) @IsObject() role_assignments!: Record<string, SpeakerRole>;
  @JSONSchema({ description: 'Roles by segment id, of segments that do not follow their speaker.' })
  @IsObject()
  segment_roles!: Record<string, SpeakerRole>;
}

export function correctedTranscriptResponse(transcript: Transcript): CorrectedTranscriptResponse {
  const own = transcript.segments.flatMap(({ id, role }) => (role === null ? [] : [[id, role] as const]));
  return {
    session_id: transcript.sessionId,
    attempt_number: transcript.attempt,
    role_assignments: { ...transcript.speakerRoles },
    segment_roles: Object.fromEntries(own),
  };
}
