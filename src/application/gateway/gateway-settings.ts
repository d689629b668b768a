import type { BasisPoints } from '#domain/providers/model-price';

/** What the operator decides about the gateway. */
export class GatewaySettings {
  constructor(
    /** On top of the provider's price. */
    readonly markup: BasisPoints,
    /** After that a request is given up, whatever it is doing. */
    readonly longestMs: number,
    /** How long a caller who left is waited for: a whole answer, or the account of a stream that was said to its end. Any other stream is cut off at once. */
    readonly drainMs: number,
    /** Requests of one user, in one process. */
    readonly requestsPerMinute: number,
    readonly requestsAtOnce: number,
  ) {}

  /** A hold outlives its request by this, for the settlement. */
  get holdMs(): number {
    return this.longestMs + 5 * 60_000;
  }
}
