/** What is counted and priced. Nothing is counted under two units: input is what was neither cached nor written to a cache. */
export type AiUnit =
  | 'input_token'
  | 'cached_token'
  | 'cache_write_token'
  | 'cache_write_1h_token'
  | 'audio_token'
  | 'output_token'
  | 'reasoning_token'
  | 'audio_second'
  | 'image'
  /** Of estimates alone: how long an answer was awaited before its first word. Without a price: `chargeable` makes it tokens. */
  | 'silent_second';

export type AiQuantities = Readonly<Partial<Record<AiUnit, number>>>;

/** Reported by the provider; or estimated by us, because the answer ended before it was reported. */
export type UsageSource = 'provider' | 'estimate';

/** Which of a model's images: its price hangs on both. Null is what the provider decides. */
export interface ImageVariant {
  readonly quality: string | null;
  readonly size: string | null;
}

/** What one request used, in whole units. */
export interface AiUsage {
  readonly quantities: AiQuantities;
  readonly source: UsageSource;
  /** Of images alone. */
  readonly image: ImageVariant | null;
}

/** The most that one request can use: what is reserved before it is sent. */
export interface AiDemand {
  /** Estimated high: every token that goes in. */
  readonly inputTokens: number;
  /** The request asks for parts of it to be cached, which can cost more than reading them. */
  readonly cacheWrites: boolean;
  /** The caller's own bound, for all choices together; null when it set none, and the model's own bound counts. */
  readonly outputTokens: number | null;
  /** How many answers are asked for: the model's own bound holds for each. */
  readonly choices: number;
  readonly audioSeconds: number;
  readonly images: number;
  readonly image: ImageVariant | null;
}

export const NO_USAGE: AiUsage = { quantities: {}, source: 'provider', image: null };

/** All tokens that went in, read from a cache or not. */
export function inputTokensOf({ quantities: q }: AiUsage): number {
  return (
    (q.input_token ?? 0) +
    (q.cached_token ?? 0) +
    (q.cache_write_token ?? 0) +
    (q.cache_write_1h_token ?? 0) +
    (q.audio_token ?? 0)
  );
}

/** All tokens that came out, reasoning among them. */
export function outputTokensOf({ quantities: q }: AiUsage): number {
  return (q.output_token ?? 0) + (q.reasoning_token ?? 0);
}
