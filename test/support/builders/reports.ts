import type { FinalReport } from '#application/sessions/transcriber';
import type { SpokenSegment } from '#domain/sessions/transcript';

type Done = Extract<FinalReport, { state: 'done' }>;
type Failed = Extract<FinalReport, { state: 'failed' }>;

const SPOKEN: readonly SpokenSegment[] = [
  { speaker: 'A', startMs: 0, endMs: 2000, text: 'What brings you here?', confidence: 0.9 },
  { speaker: 'B', startMs: 2500, endMs: 9000, text: 'I say yes too often.', confidence: 0.8 },
];

/** A provider's success, which leaves the length of the audio to us unless told otherwise. */
export function aReport(of: Partial<Done> = {}): Done {
  return {
    state: 'done',
    reportedSeconds: null,
    language: 'en-US',
    segments: SPOKEN,
    metadata: { model: 'sandbox-1' },
    ...of,
  };
}

export function aFailure(of: Partial<Failed> = {}): Failed {
  return { state: 'failed', reason: 'The provider could not read it.', metadata: {}, ...of };
}
