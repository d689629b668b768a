import { injectable } from 'inversify';
import type { CircuitStore } from '#application/gateway/circuit-store';
import { Circuit } from '#domain/providers/circuit';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** One row for each circuit that is not closed. Each method is one statement, so it is whole without a transaction. */
@injectable()
export class SqlCircuitStore implements CircuitStore {
  constructor(private readonly database: TypeOrmTransaction) {}

  async load(): Promise<ReadonlyMap<string, Circuit>> {
    const { rows } = await this.database.prepared<Row>(LOAD, []);
    return new Map(
      rows.map(({ key, circuit: { successes, tripped }, open_until }) => [
        key,
        new Circuit(0, [], open_until, successes, tripped),
      ]),
    );
  }

  async save(key: string, circuit: Circuit, now: Date): Promise<void> {
    const { openUntil, successes, tripped } = circuit;
    if (openUntil === null) {
      await this.database.prepared(CLOSE, [key, now]);
      return;
    }
    await this.database.prepared(KEEP, [key, JSON.stringify({ successes, tripped }), openUntil, now]);
  }

  async claimProbe(key: string, now: Date, until: Date): Promise<boolean> {
    const { rowCount } = await this.database.prepared(CLAIM_PROBE, [key, now, until]);
    return rowCount === 1;
  }
}

/** Counts of failures are each process's own, and not kept. */
interface Row {
  readonly key: string;
  readonly circuit: Pick<Circuit, 'successes' | 'tripped'>;
  readonly open_until: Date;
}

const LOAD: PreparedStatement = {
  name: 'load_circuits',
  text: `select key, circuit, open_until from provider_circuits`,
};

const KEEP: PreparedStatement = {
  name: 'keep_circuit',
  text: `
    insert into provider_circuits as kept (key, circuit, open_until, updated_at) values ($1, $2, $3, $4)
    on conflict (key) do update
      set circuit = case when (excluded.open_until, excluded.circuit -> 'successes') >= (kept.open_until, kept.circuit -> 'successes')
                         then excluded.circuit else kept.circuit end,
          open_until = greatest(kept.open_until, excluded.open_until),
          probe_until = null,
          updated_at = excluded.updated_at`,
};

// Another process may have opened it again meanwhile.
const CLOSE: PreparedStatement = {
  name: 'close_circuit',
  text: `delete from provider_circuits where key = $1 and open_until <= $2`,
};

const CLAIM_PROBE: PreparedStatement = {
  name: 'claim_circuit_probe',
  text: `
    update provider_circuits
       set probe_until = $3, updated_at = $2
     where key = $1 and open_until <= $2 and (probe_until is null or probe_until <= $2)`,
};
