import { UseCase } from '../use-case.js';

/** Enough for a picture of the last minutes. */
const KEPT = 200;

export interface Latency {
  readonly requests: number;
  /** To the first byte, in milliseconds. */
  readonly p50: number;
  readonly p95: number;
}

/** How long providers take to begin to answer: the last of each, as this process saw them. */
@UseCase()
export class ProviderLatencies {
  private readonly byProvider = new Map<string, number[]>();

  observe(provider: string, ms: number): void {
    const kept = this.byProvider.get(provider) ?? [];
    if (kept.length === KEPT) kept.shift();
    kept.push(ms);
    this.byProvider.set(provider, kept);
  }

  /** Null before the first answer. */
  of(provider: string): Latency | null {
    const kept = this.byProvider.get(provider);
    if (!kept) return null;
    const ordered = [...kept].sort((one, other) => one - other);
    const at = (share: number): number => ordered[Math.ceil(ordered.length * share) - 1]!;
    return { requests: ordered.length, p50: at(0.5), p95: at(0.95) };
  }
}
