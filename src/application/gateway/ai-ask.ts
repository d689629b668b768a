import type { AiDemand } from '#domain/providers/ai-usage';
import type { AiTask, AudioFile, Dialect, JsonObject } from './ai-provider.js';

/** One request to the gateway, checked for its shape. */
export interface AiAsk {
  /** The answer's X-Request-Id. */
  readonly traceId: string;
  readonly endpoint: string;
  readonly task: AiTask;
  readonly dialect: Dialect;
  /** As callers name it. */
  readonly model: string;
  readonly body: JsonObject;
  readonly audio: AudioFile | null;
  readonly stream: boolean;
  readonly demand: AiDemand;
  /** The caller's own key of this request: it is held for and charged once, for ever. */
  readonly idempotencyKey: string | null;
  /** Tells two requests with one key apart; empty without a key. */
  readonly fingerprint: string;
  /** The caller's W3C trace header. */
  readonly traceparent: string | null;
}

/** The caller left before its answer was complete. */
export class ClientGone extends Error {}

/** Tells that the caller left: an AbortSignal, or what can be asked and listened to like one. */
export interface Departure {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options: { readonly once: true }): void;
}

/** A request that would not end. */
export class TookTooLong extends Error {}
