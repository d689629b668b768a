import type { RateLimited, RequestRates } from '#application/gateway/request-rates';

/** Admits everybody, unless it is told otherwise. */
export class ScriptedRequestRates implements RequestRates {
  refusal: RateLimited | null = null;
  /** Admitted, and not gone yet. */
  inside = 0;

  async admit(): Promise<() => void> {
    if (this.refusal) throw this.refusal;
    this.inside++;
    return () => void this.inside--;
  }
}
