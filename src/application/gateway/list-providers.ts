import type { CircuitState } from '#domain/providers/circuit';
import { UseCase } from '../use-case.js';
import { type AiProvider, AiProviders } from './ai-provider.js';
import { Circuits } from './circuits.js';
import { type Latency, ProviderLatencies } from './provider-latencies.js';

export interface ProviderStanding {
  readonly provider: string;
  readonly isSandbox: boolean;
  /** `operational`, `recovering` while probes find out, `down` while it is not asked. */
  readonly status: 'operational' | 'recovering' | 'down';
  readonly circuit: CircuitState;
  /** Null while closed. */
  readonly openUntil: Date | null;
  readonly failuresInARow: number;
  /** Its own names of models that it does not know at present. */
  readonly refusedModels: readonly string[];
  readonly latency: Latency | null;
}

const STATUS = { closed: 'operational', half_open: 'recovering', open: 'down' } as const;

/** The providers that are configured here, and how they do. */
@UseCase()
export class ListProviders {
  constructor(
    private readonly providers: AiProviders,
    private readonly circuits: Circuits,
    private readonly latencies: ProviderLatencies,
  ) {}

  async execute(): Promise<readonly ProviderStanding[]> {
    const circuits = await this.circuits.snapshot();
    return this.providers.all.map(({ name, simulated }: AiProvider) => {
      const circuit = circuits.get(name) ?? { state: 'closed' as const, openUntil: null, failuresInARow: 0 };
      const models = [...circuits].filter(([key, { state }]) => key.startsWith(`${name}/`) && state !== 'closed');
      return {
        provider: name,
        isSandbox: simulated,
        status: STATUS[circuit.state],
        circuit: circuit.state,
        openUntil: circuit.openUntil,
        failuresInARow: circuit.failuresInARow,
        refusedModels: models.map(([key]) => key.slice(name.length + 1)),
        latency: this.latencies.of(name),
      };
    });
  }
}
