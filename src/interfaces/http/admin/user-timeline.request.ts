import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import {
  InvalidTimelinePlace,
  TIMELINE_KINDS,
  type TimelineFilter,
  type TimelineKind,
  TimelineKindUnknown,
  type TimelinePlace,
} from '#application/operations/user-timeline';

export class UserTimelineQuery {
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 50;

  @IsOptional()
  @IsString()
  @Length(1, 500)
  @JSONSchema({ description: 'Only what is older: next_before of the last answer, as it is.' })
  before?: string;

  @IsOptional()
  @IsString()
  @Length(1, 500)
  @Matches(/^[a-z_,]+$/, { message: 'kind must be a list of kinds with commas between them' })
  @JSONSchema({
    description: `Only these, with commas between them: ${TIMELINE_KINDS.join(', ')}.`,
    examples: ['credit,payment'],
  })
  kind?: string;
}

/** Throws TimelineKindUnknown and InvalidTimelinePlace. */
export function timelineFilter({ limit, before, kind }: UserTimelineQuery): TimelineFilter {
  return { limit, before: before === undefined ? null : placeOf(before), kinds: kind?.split(',').map(kindOf) ?? null };
}

/** Opaque to callers: what is in it may change. */
export function cursorOf({ at, kind, id }: TimelinePlace): string {
  return Buffer.from(JSON.stringify([at, kind, id])).toString('base64url');
}

function placeOf(cursor: string): TimelinePlace {
  const [at, kind, id] = listIn(cursor);
  // Until the year 2286, and from 1653.
  const isInstant = typeof at === 'string' && /^-?\d{1,16}$/.test(at);
  if (!isInstant || !isKind(kind) || typeof id !== 'string' || !/^[0-9a-z-]{1,64}$/.test(id)) {
    throw new InvalidTimelinePlace();
  }
  return { at, kind, id };
}

function listIn(cursor: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(list) && list.length === 3 ? list : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function kindOf(kind: string): TimelineKind {
  if (!isKind(kind)) throw new TimelineKindUnknown(kind);
  return kind;
}

function isKind(kind: unknown): kind is TimelineKind {
  return TIMELINE_KINDS.some((known) => known === kind);
}
