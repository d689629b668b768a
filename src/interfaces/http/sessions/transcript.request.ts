import { IsObject, IsString } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

export class TranscriptQuery {
  @JSONSchema({ description: 'json, txt, vtt, srt, docx, xlsx or pdf, in any case.' })
  @IsString()
  format: string = 'json';
}

export class SpeakerRolesRequest {
  @JSONSchema({
    description: 'coach, client or unknown by speaker number; speakers that are not named keep theirs.',
    example: { 1: 'coach', 2: 'client' },
  })
  @IsObject()
  speaker_roles!: Record<string, unknown>;
}

export class SegmentRolesRequest {
  @JSONSchema({ description: 'coach, client or unknown by segment id; null follows the speaker again.' })
  @IsObject()
  segment_roles!: Record<string, unknown>;
}

export class SegmentContentRequest {
  @JSONSchema({ description: 'Text by segment id; it may be empty.' })
  @IsObject()
  segment_content!: Record<string, unknown>;
}
