import { everyContract } from '#test/contracts/every-contract';
import { inMemoryWorld } from '#test/contracts/in-memory-world';

describe('the fakes keep every contract', () => {
  const world = inMemoryWorld();
  everyContract(() => world, { runs: 150 });
});
