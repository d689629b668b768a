import type { CircuitStore } from '#application/gateway/circuit-store';
import { Circuit } from '#domain/providers/circuit';

interface Row {
  readonly circuit: Circuit;
  readonly openUntil: Date;
  readonly probeUntil: Date | null;
}

/** Shared by as many `Circuits` as a test has processes. While `error` is set, every method throws it. */
export class InMemoryCircuitStore implements CircuitStore {
  private readonly rows = new Map<string, Row>();
  error: Error | null = null;
  /** How often it was loaded from. */
  loads = 0;
  /** Keys in the order in which they were saved. */
  readonly saved: string[] = [];

  async load(): Promise<ReadonlyMap<string, Circuit>> {
    this.loads++;
    this.mustWork();
    return new Map([...this.rows].map(([key, { circuit }]) => [key, circuit]));
  }

  async save(key: string, circuit: Circuit, now: Date): Promise<void> {
    this.mustWork();
    this.saved.push(key);
    const { openUntil, successes, tripped } = circuit;
    const kept = this.rows.get(key);
    if (openUntil === null) {
      if (kept && kept.openUntil <= now) this.rows.delete(key);
      return;
    }
    const wins =
      !kept ||
      openUntil > kept.openUntil ||
      (openUntil.getTime() === kept.openUntil.getTime() && successes >= kept.circuit.successes);
    const row = wins ? { circuit: new Circuit(0, [], openUntil, successes, tripped), openUntil } : kept;
    this.rows.set(key, { ...row, probeUntil: null });
  }

  async claimProbe(key: string, now: Date, until: Date): Promise<boolean> {
    this.mustWork();
    const row = this.rows.get(key);
    if (!row || now < row.openUntil || (row.probeUntil && now < row.probeUntil)) return false;
    this.rows.set(key, { ...row, probeUntil: until });
    return true;
  }

  private mustWork(): void {
    if (this.error) throw this.error;
  }
}
