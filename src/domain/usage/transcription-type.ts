/**
 * Why a transcription ran, which decides who pays for it. Derived from the log of the recording, never passed by a
 * caller: the first run is `original`; after a failure comes `retry_failed`, free and outside every quota; after a
 * completion comes `retry_success`, paid like the first.
 */
export const TRANSCRIPTION_TYPES = ['original', 'retry_failed', 'retry_success'] as const;
export type TranscriptionType = (typeof TRANSCRIPTION_TYPES)[number];

export const OUTCOMES = ['completed', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** `past` are the outcomes of the runs of this very recording, oldest first: a new upload begins a new history. */
export function transcriptionTypeAfter(past: readonly Outcome[]): TranscriptionType {
  const last = past.at(-1);
  if (last === undefined) return 'original';
  return last === 'failed' ? 'retry_failed' : 'retry_success';
}

export function isBillable(type: TranscriptionType): boolean {
  return type !== 'retry_failed';
}
