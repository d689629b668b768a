import { DomainException } from '../shared/domain-exception.js';
import type { Duration } from '../shared/duration.js';

/** The containers a coach may upload, as file extensions. */
export const AUDIO_FORMATS = ['mp3', 'wav', 'flac', 'ogg', 'm4a', 'mp4', 'webm'] as const;
export type AudioFormat = (typeof AUDIO_FORMATS)[number];

export const LONGEST_RECORDING_SECONDS = 24 * 60 * 60;

/** An uploaded file as the server itself measured it; nothing here was claimed by the client. */
export interface Recording {
  readonly format: AudioFormat;
  readonly contentType: string;
  readonly bytes: number;
  readonly duration: Duration;
}

/** 422: not audio, empty, longer than a day, or too damaged to be measured. */
export class RecordingRefused extends DomainException {
  constructor(
    code: 'not_audio' | 'empty_audio' | 'audio_too_long' | 'unmeasurable_audio',
    message: string,
    facts: Readonly<Record<string, string | number>> = {},
  ) {
    super(code, message, facts, 'invalid');
  }
}
