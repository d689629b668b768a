import { Circuit, type CircuitState } from '#domain/providers/circuit';
import { Clock } from '../ports/clock.js';
import { Log } from '../ports/log.js';
import { Telemetry } from '../ports/telemetry.js';
import { UseCase } from '../use-case.js';
import { CircuitStore } from './circuit-store.js';

/** What other processes found is known here after about so long. */
const LAG_MS = 1_000;
/** What is older than this, because nothing was asked for so long, is not judged by. */
const STALE_MS = 5_000;
/** A probe that has not come back after so long does not keep others from probing. */
const PROBE_MS = 30_000;

export interface CircuitView {
  readonly state: CircuitState;
  /** Null while closed. */
  readonly openUntil: Date | null;
  /** As this process counted them. */
  readonly failuresInARow: number;
}

/** A probe that is under way somewhere. */
interface Probe {
  readonly ours: boolean;
  readonly since: Date;
  readonly until: Date;
}

/**
 * The circuits as this process knows them: one of these a process. Questions are answered from memory, and the store is
 * asked behind them, so that what one process finds out stops the others within a second or two. Failures are counted by
 * each process for itself. No method rejects because of the store: it is logged, and memory goes on alone.
 */
@UseCase()
export class Circuits {
  private readonly circuits = new Map<string, Circuit>();
  private readonly reported = new Map<string, CircuitState>();
  private readonly probes = new Map<string, Probe>();
  /** Changed here, and not kept in the store yet. */
  private readonly unsaved = new Set<string>();
  /** Changed here since the running load began: what it brings of them may be older. */
  private changedSinceLoad = new Set<string>();
  private triedAt = -Infinity;
  private loadedAt = -Infinity;
  private running: Promise<void> | null = null;

  constructor(
    private readonly store: CircuitStore,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly log: Log,
  ) {}

  async stateOf(key: string): Promise<CircuitState> {
    await this.freshen();
    return this.look(key, this.clock.now());
  }

  /** Milliseconds until something may be asked again: 0 when it may now, and a moment while a probe is under way. */
  waitFor(key: string): number {
    const now = this.clock.now();
    const circuit = this.get(key);
    const state = circuit.stateAt(now);
    if (state === 'closed' || circuit.openUntil === null) return 0;
    if (state === 'open') return circuit.openUntil.getTime() - now.getTime();
    return this.probeAt(key, now) ? LAG_MS : 0;
  }

  /** Whether anything was counted under `key`. */
  knows(key: string): boolean {
    return this.circuits.has(key);
  }

  /**
   * Whether a request that concerns all of `keys` may be sent now. Where a circuit is half open, a yes is its probe, among
   * all processes: it ends with `failed`, `succeeded` or `released`, and by itself after half a minute.
   */
  async admit(keys: readonly string[]): Promise<boolean> {
    await this.freshen();
    const now = this.clock.now();
    const states = keys.map((key) => this.look(key, now));
    if (states.includes('open')) return false;
    const halfOpen = keys.filter((_, index) => states[index] === 'half_open');
    for (const [index, key] of halfOpen.entries()) {
      if (await this.claim(key, now)) continue;
      for (const claimed of halfOpen.slice(0, index)) await this.released(claimed, now);
      return false;
    }
    return true;
  }

  /** Counts a failure of what was asked at `askedAt`. `retryAfterMs` is how long the provider asked not to be asked. */
  async failed(key: string, retryAfterMs: number | null, askedAt: Date): Promise<void> {
    const now = this.clock.now();
    const before = this.get(key);
    const after = before.failed(now, retryAfterMs, askedAt);
    if (after.stateAt(now) === 'open' && before.stateAt(now) !== 'open') {
      const { openUntil, failuresInARow } = after;
      this.log.warn({ circuit: key, open_until: openUntil, failures_in_a_row: failuresInARow }, 'A circuit opened.');
    }
    await this.change(key, after, now);
  }

  /** Counts an answer to what was asked at `askedAt`. */
  async succeeded(key: string, askedAt: Date): Promise<void> {
    const now = this.clock.now();
    const before = this.get(key);
    const after = before.succeeded(now, askedAt);
    if (before.openUntil !== null && after.openUntil === null) this.log.info({ circuit: key }, 'A circuit closed.');
    await this.change(key, after, now);
  }

  /** What was asked at `askedAt` says nothing about the provider: if it was the probe, the next may be sent. */
  async released(key: string, askedAt: Date): Promise<void> {
    const probe = this.probes.get(key);
    if (!probe?.ours || askedAt < probe.since) return;
    this.probes.delete(key);
    await this.save(key);
  }

  /** Every circuit that something is known of, by its key, for showing. */
  async snapshot(): Promise<ReadonlyMap<string, CircuitView>> {
    await this.freshen();
    const now = this.clock.now();
    const views = [...this.circuits].map(([key, { openUntil, failuresInARow }]): [string, CircuitView] => {
      const state = this.look(key, now);
      return [key, { state, openUntil: state === 'closed' ? null : openUntil, failuresInARow }];
    });
    return new Map(views);
  }

  private get(key: string): Circuit {
    return this.circuits.get(key) ?? Circuit.closed;
  }

  /** Half opening is nobody's deed, so it is noticed when somebody looks. */
  private look(key: string, now: Date): CircuitState {
    const state = this.get(key).stateAt(now);
    if (state !== (this.reported.get(key) ?? 'closed')) {
      this.reported.set(key, state);
      this.telemetry.circuitChanged(key, state);
    }
    return state;
  }

  private async change(key: string, after: Circuit, now: Date): Promise<void> {
    const before = this.get(key);
    this.circuits.set(key, after);
    this.look(key, now);
    if (after.looksLike(before)) return;
    this.probes.delete(key);
    await this.save(key);
  }

  private async save(key: string): Promise<void> {
    this.unsaved.add(key);
    this.changedSinceLoad.add(key);
    const circuit = this.get(key);
    try {
      await this.store.save(key, circuit, this.clock.now());
      if (circuit.looksLike(this.get(key))) this.unsaved.delete(key);
    } catch (error) {
      this.log.error(error, { circuit: key }, 'A circuit could not be shared with other processes.');
    }
  }

  private probeAt(key: string, now: Date): Probe | null {
    const probe = this.probes.get(key);
    return probe && now < probe.until ? probe : null;
  }

  private async claim(key: string, now: Date): Promise<boolean> {
    if (this.probeAt(key, now)) return false;
    const until = later(now, PROBE_MS);
    this.probes.set(key, { ours: true, since: now, until });
    try {
      if (!(await this.store.claimProbe(key, now, until))) {
        // Somebody else's, or closed by somebody else: in either case the next load tells more.
        this.probes.set(key, { ours: false, since: now, until: later(now, LAG_MS) });
        return false;
      }
    } catch (error) {
      this.log.error(error, { circuit: key }, 'Whether another process probes could not be asked.');
      return true;
    }
    // A success that another process had with its probe counts for ours, too.
    await this.synchronise();
    return true;
  }

  private async freshen(): Promise<void> {
    const now = this.clock.now().getTime();
    if (now - this.triedAt > LAG_MS) void this.synchronise();
    // Not for longer than the lag: a store that does not answer must not hold up everybody who asks.
    if (this.running && now - this.loadedAt > STALE_MS && now - this.triedAt <= LAG_MS) await this.running;
  }

  /** Joins the one that is running. Never rejects. */
  private synchronise(): Promise<void> {
    this.running ??= this.load().finally(() => (this.running = null));
    return this.running;
  }

  private async load(): Promise<void> {
    const begin = this.clock.now().getTime();
    this.triedAt = begin;
    for (const key of [...this.unsaved]) await this.save(key);
    this.changedSinceLoad = new Set(this.unsaved);
    try {
      const stored = await this.store.load();
      this.loadedAt = begin;
      this.learn(stored);
    } catch (error) {
      this.log.error(error, {}, 'The circuits of other processes could not be read.');
    }
  }

  private learn(stored: ReadonlyMap<string, Circuit>): void {
    const now = this.clock.now();
    for (const key of new Set([...this.circuits.keys(), ...stored.keys()])) {
      if (this.changedSinceLoad.has(key)) continue;
      const ours = this.get(key);
      const theirs = stored.get(key);
      // What the store no longer has, another process closed.
      const circuit = theirs ? ours.learning(theirs) : ours.openUntil === null ? ours : Circuit.closed;
      if (circuit === ours) continue;
      this.circuits.set(key, circuit);
      this.look(key, now);
    }
  }
}

const later = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);
