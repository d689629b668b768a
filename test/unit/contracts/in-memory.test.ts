import { circuitStoreContract } from '#test/contracts/circuit-store.contract';
import { everyContract } from '#test/contracts/every-contract';
import { inMemoryWorld } from '#test/contracts/in-memory-world';
import { InMemoryCircuitStore } from '#test/support/fakes/in-memory-circuit-store';

describe('the fakes keep every contract', () => {
  const world = inMemoryWorld();
  everyContract(() => world, { runs: 150 });
  const circuits = new InMemoryCircuitStore();
  circuitStoreContract(() => circuits);
});
