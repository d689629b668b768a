import type { Circuit } from '#domain/providers/circuit';

/**
 * Circuits that all processes on one database share. Keys are a provider's name, or `provider/model` for what concerns one
 * model of it alone. Written when a circuit opens or closes, never for each request.
 */
export abstract class CircuitStore {
  /** Those that are not closed. */
  abstract load(): Promise<ReadonlyMap<string, Circuit>>;

  /** Keeps a circuit that opened, reopened, closed or counted a probe. Of two that are open the longer pause stays. */
  abstract save(key: string, circuit: Circuit, now: Date): Promise<void>;

  /** True for the one process that may send the next probe, until `until` or the next `save`. */
  abstract claimProbe(key: string, now: Date, until: Date): Promise<boolean>;
}
