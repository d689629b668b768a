/** https://martinfowler.com/bliki/CircuitBreaker.html; the figures are the product's contract. */
const TRIP_AFTER_IN_A_ROW = 5;
const WINDOW_MS = 60_000;
const LEAST_IN_WINDOW = 10;
const OPEN_MS = 60_000;
const CLOSE_AFTER = 2;
/** A provider that asks for a longer pause than this is asked again all the same. */
const LONGEST_PAUSE_MS = 10 * 60_000;

export type CircuitState = 'closed' | 'open' | 'half_open';

/** What happened of late, for the rate of failures: one slice of six seconds each. */
export interface Slice {
  readonly since: number;
  readonly successes: number;
  readonly failures: number;
}
const SLICE_MS = 6_000;

/**
 * Whether a provider is asked at all. A value without a clock, so that it can be kept in memory, in PostgreSQL or in a test.
 * Trips on five failures in a row, or when half of at least ten requests of a minute failed; stays open for a minute, or
 * as long as the provider asked for; then lets one probe at a time through, and two successes close it. A pause that the
 * provider asked for without having tripped it just ends.
 */
export class Circuit {
  constructor(
    readonly failuresInARow: number,
    readonly recent: readonly Slice[],
    /** Null while closed. Once it has passed, the circuit is half open if it tripped, and else closed. */
    readonly openUntil: Date | null,
    /** Of probes, since it opened. */
    readonly successes: number,
    /** Whether probes must succeed before it closes. */
    readonly tripped: boolean,
  ) {}

  static readonly closed = new Circuit(0, [], null, 0, false);

  stateAt(now: Date): CircuitState {
    if (this.openUntil === null) return 'closed';
    if (now < this.openUntil) return 'open';
    return this.tripped ? 'half_open' : 'closed';
  }

  /** `retryAfterMs` is how long the provider asked not to be asked; `askedAt` is when the request that failed was sent. */
  failed(now: Date, retryAfterMs: number | null, askedAt = now): Circuit {
    const asked = retryAfterMs === null ? null : new Date(now.getTime() + Math.min(retryAfterMs, LONGEST_PAUSE_MS));
    if (this.isNoNews(askedAt)) return this.pausedUntil(asked);
    const failuresInARow = this.failuresInARow + 1;
    const recent = counted(this.recent, now, { successes: 0, failures: 1 });
    const tripped = this.tripped || failuresInARow >= TRIP_AFTER_IN_A_ROW || mostlyFailed(recent);
    const minute = tripped ? new Date(now.getTime() + OPEN_MS) : null;
    return new Circuit(failuresInARow, recent, latest(minute, asked), 0, tripped);
  }

  /** `askedAt` is when the request that was answered was sent. */
  succeeded(now: Date, askedAt = now): Circuit {
    if (this.isNoNews(askedAt)) return this;
    if (!this.tripped) {
      return new Circuit(0, counted(this.recent, now, { successes: 1, failures: 0 }), null, 0, false);
    }
    const successes = this.successes + 1;
    return successes >= CLOSE_AFTER ? Circuit.closed : new Circuit(0, [], this.openUntil, successes, true);
  }

  /** With what another process found: the longer pause counts, and of one pause the further probing. Counts stay ours. */
  learning(other: Circuit): Circuit {
    const [ours, theirs] = [this, other].map(({ openUntil }) => openUntil?.getTime() ?? -Infinity) as [number, number];
    if (theirs < ours || (theirs === ours && other.successes <= this.successes)) return this;
    return new Circuit(this.failuresInARow, this.recent, other.openUntil, other.successes, other.tripped);
  }

  /** Whether another process would judge by it as by `other`: counts of failures are each process's own. */
  looksLike(other: Circuit): boolean {
    return this.openUntil?.getTime() === other.openUntil?.getTime() && this.successes === other.successes;
  }

  /** Nothing is asked while it is open, so what was asked before the end of the pause was asked before it opened. */
  private isNoNews(askedAt: Date): boolean {
    return this.openUntil !== null && askedAt < this.openUntil;
  }

  private pausedUntil(asked: Date | null): Circuit {
    if (asked === null || this.openUntil === null || asked <= this.openUntil) return this;
    return new Circuit(this.failuresInARow, this.recent, asked, this.successes, this.tripped);
  }
}

function counted(slices: readonly Slice[], now: Date, more: Omit<Slice, 'since'>): readonly Slice[] {
  const since = Math.floor(now.getTime() / SLICE_MS) * SLICE_MS;
  const kept = slices.filter((slice) => slice.since > now.getTime() - WINDOW_MS);
  const last = kept.at(-1);
  if (last?.since !== since) return [...kept, { since, ...more }];
  const { successes, failures } = last;
  return [...kept.slice(0, -1), { since, successes: successes + more.successes, failures: failures + more.failures }];
}

function mostlyFailed(slices: readonly Slice[]): boolean {
  const failures = slices.reduce((sum, slice) => sum + slice.failures, 0);
  const all = slices.reduce((sum, slice) => sum + slice.failures + slice.successes, 0);
  return all >= LEAST_IN_WINDOW && failures * 2 >= all;
}

function latest(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
