import type { AiUsage } from '#domain/providers/ai-usage';

/** The shape that a caller speaks: OpenAI's or Anthropic's. */
export type Dialect = 'openai' | 'anthropic';

export type AiTask = 'chat' | 'image' | 'transcription';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A recording to be transcribed. */
export interface AudioFile {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** Measured by us. */
  readonly seconds: number;
}

/** One request to one provider. The body is what the caller sent, in the caller's dialect, with nothing taken out. */
export interface ProviderRequest {
  readonly task: AiTask;
  readonly dialect: Dialect;
  /** The provider's own name of the model. */
  readonly model: string;
  /** Of a transcription: the fields of the form beside the file. */
  readonly body: JsonObject;
  readonly audio: AudioFile | null;
  /** How long an answer of this model can be, in tokens; null when its price does not say. */
  readonly maxOutputTokens: number | null;
  /** Whether the answer is to come in pieces. */
  readonly stream: boolean;
  /** Ours, for the provider's logs. */
  readonly requestId: string;
  /** Ends the exchange with the provider at once, whatever state it is in. */
  readonly signal: AbortSignal;
}

/** A whole answer in the caller's dialect. */
export interface PlainAnswer {
  readonly kind: 'plain';
  readonly contentType: string;
  readonly body: Uint8Array | string;
  readonly usage: AiUsage;
}

/**
 * An answer in pieces: server-sent events in the caller's dialect. The first piece has been received already. Iterating
 * ends after the dialect's last event, and throws ProviderFault when the provider stopped before it.
 */
export interface StreamedAnswer {
  readonly kind: 'stream';
  readonly pieces: AsyncIterable<Uint8Array | string>;
  /** What the pieces taken so far used: reported, or else estimated from what they say. */
  usage(): AiUsage;
  /**
   * Whether the last content was among the pieces taken so far, and only its accounting may follow: worth reading on for, even
   * for nobody. False again when more content comes after all.
   */
  isFinishing(): boolean;
}

export type ProviderAnswer = PlainAnswer | StreamedAnswer;

/** An outside service that answers AI requests. One call of `send` is one request: failing over is not its affair. */
export abstract class AiProvider {
  /** As it stands in prices and routes: `openai`. */
  abstract readonly name: string;
  /** Makes answers up, and says so. */
  abstract readonly simulated: boolean;

  abstract serves(task: AiTask, dialect: Dialect): boolean;

  /**
   * Resolves with the whole answer, or with a stream whose first piece has arrived. Throws ProviderFault when the provider
   * failed, ProviderRefusal when the request was refused for what it says, and the signal's reason once that is aborted.
   */
  abstract send(request: ProviderRequest): Promise<ProviderAnswer>;
}

export abstract class AiProviders {
  abstract readonly all: readonly AiProvider[];
  /** Null when it is not configured. */
  abstract find(name: string): AiProvider | null;
}

/** How a provider failed: its own fault, so that another may be asked. */
export type FaultKind =
  | 'unauthorized'
  | 'payment_required'
  | 'forbidden'
  | 'model_not_found'
  | 'timeout'
  | 'rate_limited'
  | 'overloaded'
  | 'server_error'
  | 'unreachable'
  | 'invalid_answer';

/** A provider failed. The message is for logs and operators: it may quote the provider, and never reaches a caller. */
export class ProviderFault extends Error {
  constructor(
    readonly kind: FaultKind,
    message: string,
    /** The provider's own status; null when there was none. */
    readonly status: number | null,
    /** How long it asked not to be asked. */
    readonly retryAfterMs: number | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ProviderFault';
  }
}

/** The provider refused the request for what it says: 400, 413 or 422. Another provider would, too; nothing is charged. */
export class ProviderRefusal extends Error {
  constructor(
    readonly status: 400 | 413 | 422,
    /** The provider's words about the caller's request, free of anything of ours. */
    message: string,
    /** `context_length_exceeded` and the like; null when it named none. */
    readonly code: string | null,
    readonly param: string | null,
  ) {
    super(message);
    this.name = 'ProviderRefusal';
  }
}
