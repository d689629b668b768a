import type { SpokenSegment } from '#domain/sessions/transcript';
import type { Readable } from 'node:stream';

/** One piece of paid outside work. `attemptKey` is the same for every delivery of the same attempt. */
export interface TranscriptionOrder {
  readonly attemptKey: string;
  readonly model: string;
  /** BCP 47, or 'auto'. */
  readonly language: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: number;
  /** As measured by us at confirmation. */
  readonly seconds: number;
  /** The recording from its first byte. Rejects when it is gone; no adapter takes that for an answer of the provider. */
  readonly open: () => Promise<Readable>;
}

/** The domain's own shape: what is reported here becomes a Transcript without translation. */
export type TranscribedSegment = SpokenSegment;

export type TranscriptionReport =
  | {
      readonly state: 'done';
      /** As the provider bills it, unchecked; null when it does not say. */
      readonly reportedSeconds: number | null;
      readonly language: string | null;
      readonly segments: readonly TranscribedSegment[];
      readonly metadata: Readonly<Record<string, unknown>>;
    }
  | { readonly state: 'running'; readonly externalId: string; readonly askAgainInSeconds: number }
  | {
      readonly state: 'failed';
      /** For people and logs: what the provider said, without secrets. */
      readonly reason: string;
      readonly metadata: Readonly<Record<string, unknown>>;
    };

/** A report that nothing follows. */
export type FinalReport = Exclude<TranscriptionReport, { readonly state: 'running' }>;

/** The provider could not be asked just now (time-out, 429, 5xx): the same attempt is delivered again later. */
export class TranscriberUnavailable extends Error {
  constructor(
    message: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.name = 'TranscriberUnavailable';
  }
}

/** A speech-to-text provider. */
export abstract class Transcriber {
  /** As it stands in rate cards, logs and `stt_provider`. */
  abstract readonly provider: string;
  abstract readonly model: string;
  /** Makes its transcripts up: never in the place of one that does not. */
  abstract readonly simulated: boolean;

  /**
   * Hands the order over, once: a paid job is never submitted again in here, only by the next delivery of the attempt.
   * Throws TranscriberUnavailable when asking again later may help; what `order.open` throws passes through.
   */
  abstract submit(order: TranscriptionOrder): Promise<TranscriptionReport>;

  /** Asks after an order that answered `running`. Throws TranscriberUnavailable. */
  abstract poll(externalId: string, order: TranscriptionOrder): Promise<TranscriptionReport>;
}
