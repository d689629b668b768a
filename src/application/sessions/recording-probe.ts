import type { Recording } from '#domain/sessions/recording';

/** Measures a stored recording: what it is by its bytes, how large, how long. Trusts nothing the client said. */
export abstract class RecordingProbe {
  /** Throws RecordingRefused. `key` must exist in the upload storage. */
  abstract measure(key: string): Promise<Recording>;

  /** The same of a recording that is here already. Throws RecordingRefused. */
  abstract measureBytes(bytes: Uint8Array): Promise<Recording>;
}
