import { aiUsageLogContract } from '#test/contracts/ai-usage-log.contract';
import { Given, NOW } from '#test/contracts/given';
import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';
import { BROKEN_INVARIANTS } from '#test/integration/credits/invariants';
import { anAiUsageLog } from '#test/support/builders/ai-usage-logs';
import { micros } from '#test/support/builders/credits';

describe('PostgreSQL keeps the contract of the log of AI requests', () => {
  let world: PostgresWorld;
  const whole = new Set<string>();
  beforeAll(async () => (world = await postgresWorld()));
  afterAll(() => world.close());
  // Every book that a test wrote adds up, entry by entry and hash by hash.
  afterEach(async () => {
    const users: { user_id: string }[] = await world.database.query('select user_id from credit_accounts');
    for (const { user_id } of users.filter((user) => !whole.has(user.user_id))) {
      expect(await world.database.query(BROKEN_INVARIANTS, [user_id])).toEqual([]);
      whole.add(user_id);
    }
  });

  aiUsageLogContract(() => world, { runs: 250 });

  it('keeps every field of an entry', async () => {
    const { id: userId } = await new Given(() => world).user();
    const entry = anAiUsageLog(userId, 'ai:1', {
      streamed: true,
      modality: 'image',
      usage: { quantities: { image: 2 }, source: 'estimate', image: { quality: 'high', size: '1024x1024' } },
      outcome: 'cut_short',
      held: micros(9_007_199_254_740_993n),
      cost: micros(9_007_199_254_740_992n),
      providerCost: micros(7),
      markup: 250,
      startedAt: NOW,
    });
    await world.transaction.run(() => world.aiLogs.append(entry));
    const [row] = await world.database.query<[object]>('select * from ai_usage_logs where user_id = $1', [userId]);
    expect(row).toEqual({
      id: entry.id,
      user_id: userId,
      request_id: 'ai:1',
      trace_id: entry.traceId,
      endpoint: entry.endpoint,
      modality: 'image',
      streamed: true,
      requested_model: entry.requestedModel,
      provider: entry.provider,
      model: entry.model,
      quantities: { image: 2 },
      usage_source: 'estimate',
      image: { quality: 'high', size: '1024x1024' },
      outcome: 'cut_short',
      attempts: entry.attempts,
      held_micros: '9007199254740993',
      cost_micros: '9007199254740992',
      provider_cost_micros: '7',
      price_id: entry.priceId,
      served_price_id: entry.servedPriceId,
      markup_bp: 250,
      started_at: NOW,
      first_byte_ms: entry.firstByteMs,
      total_ms: entry.totalMs,
    });
  });
});
