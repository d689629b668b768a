/**
 * Why a transcription ran, which decides who pays for it. Derived from the log of the recording, never passed by a
 * caller: the first run is `original`; after a failure comes `retry_failed`, free and outside every quota; after a
 * completion, however often it failed since, comes `retry_success`, paid like the first.
 */
export const TRANSCRIPTION_TYPES = ['original', 'retry_failed', 'retry_success'] as const;
export type TranscriptionType = (typeof TRANSCRIPTION_TYPES)[number];

export const OUTCOMES = ['completed', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * `past` are the outcomes of the runs of this very recording: a new upload begins a new history. What was completed once is
 * never free again: else a re-transcription that is made to fail would open the way to a free one.
 */
export function transcriptionTypeAfter(past: readonly Outcome[]): TranscriptionType {
  if (past.length === 0) return 'original';
  return past.includes('completed') ? 'retry_success' : 'retry_failed';
}

export function isBillable(type: TranscriptionType): boolean {
  return type !== 'retry_failed';
}
