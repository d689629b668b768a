import type { SessionId } from '#domain/sessions/session';
import { Transcript, type SegmentId, type SpokenSegment } from '#domain/sessions/transcript';

export const sessionId = '00000000-0000-4000-8000-00000000abcd' as SessionId;

/** The id of the n-th segment of `aTranscript`, counted from 1 in the order of speech. */
export const segmentId = (n: number): SegmentId =>
  `00000000-0000-4000-8000-00000000e${n.toString(16).padStart(3, '0')}` as SegmentId;

export const spoken = (of: Partial<SpokenSegment> = {}): SpokenSegment => ({
  speaker: 'A',
  startMs: 0,
  endMs: 1000,
  text: 'Hello.',
  confidence: null,
  ...of,
});

export function aTranscript(...segments: SpokenSegment[]): Transcript {
  let made = 0;
  return Transcript.ofSpeech({ sessionId, attempt: 1, language: 'en-US', segments }, () => segmentId(++made));
}
