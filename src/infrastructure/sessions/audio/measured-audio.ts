import { RecordingRefused } from '#domain/sessions/recording';

/** What the bytes of a recording hold, whatever its headers declare. */
export interface MeasuredAudio {
  /** Not rounded; 0 when there is no sample. */
  readonly seconds: number;
  readonly hasPictures: boolean;
}

/** Encoders fill up their first and last frames; nobody recorded that. No encoder we know adds more than a fifth of a second. */
const MOST_PADDING_SECONDS = 0.25;

/**
 * The declared length, where it differs from the measured one by no more than an encoder's padding; the measured one
 * otherwise. So three seconds of speech are not 4 s for being an MP3, and a lie gains a quarter of a second at most.
 */
export function withoutPadding(measured: number, declared: number | null): number {
  return declared !== null && declared < measured && declared >= measured - MOST_PADDING_SECONDS ? declared : measured;
}

/**
 * Throws RecordingRefused unless `bytes` of coded sound can last `seconds`. Less than 16 bytes a second is below any
 * codec's silence; more than 1.5 MB is above eight channels of 192 kHz in 8 bit, far above what lossy codecs write.
 */
export function insistOnPlausibleRate(seconds: number, bytes: number): void {
  if (seconds * 16 > bytes + 16 || bytes > (seconds + 1) * 1_500_000) {
    throw unmeasurable('The length that the file declares cannot be true for so many bytes.', {
      declared_seconds: Math.round(seconds),
      audio_bytes: bytes,
    });
  }
}

export function unmeasurable(message: string, facts: Readonly<Record<string, string | number>> = {}): RecordingRefused {
  return new RecordingRefused('unmeasurable_audio', message, facts);
}
