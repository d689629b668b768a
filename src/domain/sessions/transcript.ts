import { InvalidValue } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import { plainText } from './plain-text.js';
import { LONGEST_RECORDING_SECONDS } from './recording.js';
import type { SessionId } from './session.js';

export const SPEAKER_ROLES = ['coach', 'client', 'unknown'] as const;
export type SpeakerRole = (typeof SPEAKER_ROLES)[number];

/** One stretch of speech as a provider heard it, before anything is known about the conversation. */
export interface SpokenSegment {
  /** The provider's own speaker label (`A`, `speaker_0`), or null when it does not tell speakers apart. */
  readonly speaker: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** 0 to 1, or null when the provider does not say. */
  readonly confidence: number | null;
}

export type SegmentId = Id<'Segment'>;

export interface TranscriptSegment {
  readonly id: SegmentId;
  /** 0 for the first. */
  readonly position: number;
  /** 1 for whoever speaks first, 2 for the next new voice. */
  readonly speaker: number;
  readonly startMs: number;
  /** Always after startMs: WebVTT (section 4.1) asks it of every cue. */
  readonly endMs: number;
  /** Never empty when it arrives; an edit may empty it. */
  readonly text: string;
  readonly confidence: number | null;
  /** The role of this segment alone; null when it follows its speaker. */
  readonly role: SpeakerRole | null;
}

/** What was said in one attempt of a session, in order, and who said it. */
export class Transcript {
  constructor(
    readonly sessionId: SessionId,
    readonly attempt: number,
    /** BCP 47. */
    readonly language: string,
    readonly segments: readonly TranscriptSegment[],
    /** By speaker number; every speaker has an entry. */
    readonly speakerRoles: Readonly<Record<string, SpeakerRole>>,
  ) {}

  /**
   * What a provider heard, put in order: sorted by start, speakers numbered as they first speak, empty texts dropped,
   * impossible times moved to the nearest possible ones. Of two speakers, the one who speaks at least 60 % of the time
   * is taken for the client; in any other company nobody's role is guessed.
   */
  static ofSpeech(
    speech: {
      readonly sessionId: SessionId;
      readonly attempt: number;
      readonly language: string;
      readonly segments: readonly SpokenSegment[];
    },
    nextId: () => SegmentId,
  ): Transcript {
    const heard = speech.segments
      .map(possible)
      .filter((segment) => segment.text !== '')
      .sort((one, other) => one.startMs - other.startMs);
    const voices = [...new Set(heard.map((segment) => segment.speaker))];
    const segments = heard.map((segment, position) => ({
      ...segment,
      id: nextId(),
      position,
      speaker: voices.indexOf(segment.speaker) + 1,
      role: null,
    }));
    return new Transcript(speech.sessionId, speech.attempt, speech.language, segments, guessedRoles(segments));
  }

  /** 1, 2, … in the order of first speech. */
  get speakers(): readonly number[] {
    return Object.keys(this.speakerRoles)
      .map(Number)
      .sort((one, other) => one - other);
  }

  roleOf(segment: TranscriptSegment): SpeakerRole {
    return segment.role ?? this.speakerRoles[segment.speaker] ?? 'unknown';
  }

  /**
   * `roles` by speaker number; speakers not named keep theirs, segments with a role of their own keep it.
   * Throws InvalidValue for an empty map, a speaker who does not occur, or a role that does not exist.
   */
  withSpeakerRoles(roles: Readonly<Record<string, unknown>>): Transcript {
    const changes = changesIn(roles).map(([speaker, role]) => [speaker, speakerRole(role)] as const);
    const unknown = changes.map(([speaker]) => speaker).filter((speaker) => !Object.hasOwn(this.speakerRoles, speaker));
    if (unknown.length > 0) {
      throw new InvalidValue('unknown_speaker', 'This transcript has no such speaker.', {
        unknown: unknown.slice(0, MOST_NAMED),
        speakers: this.speakers.map(String),
      });
    }
    return this.with({ speakerRoles: { ...this.speakerRoles, ...Object.fromEntries(changes) } });
  }

  /**
   * `roles` by segment id; null makes the segment follow its speaker again.
   * Throws InvalidValue for an empty map, a foreign segment, or a role that does not exist.
   */
  withSegmentRoles(roles: Readonly<Record<string, unknown>>): Transcript {
    return this.withSegments(roles, (role) => ({ role: role === null ? null : speakerRole(role) }));
  }

  /** `texts` by segment id; a text may be empty. Throws InvalidValue for an empty map, a foreign segment, or no text. */
  withSegmentTexts(texts: Readonly<Record<string, unknown>>): Transcript {
    return this.withSegments(texts, (text) => ({ text: segmentText(text) }));
  }

  private withSegments(
    values: Readonly<Record<string, unknown>>,
    change: (value: unknown) => Partial<TranscriptSegment>,
  ): Transcript {
    const changes = new Map(changesIn(values).map(([id, value]) => [id.toLowerCase(), change(value)]));
    const known = new Set<string>(this.segments.map((segment) => segment.id));
    const unknown = [...changes.keys()].filter((id) => !known.has(id));
    if (unknown.length > 0) {
      throw new InvalidValue('unknown_segment', 'This transcript has no such segment.', {
        unknown: unknown.slice(0, MOST_NAMED),
      });
    }
    return this.with({ segments: this.segments.map((segment) => ({ ...segment, ...changes.get(segment.id) })) });
  }

  private with(changes: Partial<Transcript>): Transcript {
    return Object.assign(Object.create(Transcript.prototype), this, changes) as Transcript;
  }
}

/** How many strangers a refusal lists. */
const MOST_NAMED = 20;

const LATEST_MS = LONGEST_RECORDING_SECONDS * 1000;

function possible(segment: SpokenSegment): SpokenSegment {
  const startMs = between(0, segment.startMs, LATEST_MS - 1);
  return {
    speaker: segment.speaker,
    startMs,
    endMs: between(startMs + 1, segment.endMs, LATEST_MS),
    text: plainText(segment.text).trim(),
    confidence: segment.confidence === null || Number.isNaN(segment.confidence) ? null : clamped(segment.confidence),
  };
}

function between(least: number, value: number, most: number): number {
  return Number.isNaN(value) ? least : Math.round(Math.min(Math.max(value, least), most));
}

function clamped(confidence: number): number {
  return Math.min(Math.max(confidence, 0), 1);
}

function guessedRoles(segments: readonly TranscriptSegment[]): Record<string, SpeakerRole> {
  const spokenMs = new Map<number, number>();
  for (const { speaker, startMs, endMs } of segments) {
    spokenMs.set(speaker, (spokenMs.get(speaker) ?? 0) + endMs - startMs);
  }
  const [first = 0, second = 0] = [spokenMs.get(1), spokenMs.get(2)];
  const talker = spokenMs.size !== 2 ? null : isMostOf(first, second) ? 1 : isMostOf(second, first) ? 2 : null;
  return Object.fromEntries(
    [...spokenMs.keys()].map((speaker) => [
      speaker,
      talker === null ? 'unknown' : speaker === talker ? 'client' : 'coach',
    ]),
  );
}

/** At least 60 % of both, in whole numbers. */
function isMostOf(one: number, other: number): boolean {
  return one * 10 >= (one + other) * 6;
}

function changesIn(values: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const changes = Object.entries(values);
  if (changes.length === 0) throw new InvalidValue('nothing_to_change', 'Name at least one thing to change.');
  return changes;
}

function speakerRole(text: unknown): SpeakerRole {
  const wanted = typeof text === 'string' ? text.trim().toLowerCase() : null;
  const role = SPEAKER_ROLES.find((known) => known === wanted);
  if (role) return role;
  throw new InvalidValue('unknown_speaker_role', `The roles are ${SPEAKER_ROLES.join(', ')}.`, {
    role: typeof text === 'string' ? text.slice(0, 40) : null,
    supported: SPEAKER_ROLES,
  });
}

function segmentText(text: unknown): string {
  if (typeof text === 'string') return plainText(text);
  throw new InvalidValue('invalid_segment_text', 'The text of a segment is a string; it may be empty.', {
    text: text === undefined ? null : typeof text,
  });
}
