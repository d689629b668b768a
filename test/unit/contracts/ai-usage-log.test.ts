import { aiUsageLogContract } from '#test/contracts/ai-usage-log.contract';
import { inMemoryWorld } from '#test/contracts/in-memory-world';

const world = inMemoryWorld();

aiUsageLogContract(() => world, { runs: 150 });
