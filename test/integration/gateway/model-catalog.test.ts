import { setImmediate as turn } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { ModelNotFound, type ModelOffer, ModelUnpriced } from '#domain/providers/model-catalog';
import type { ModelPriceId } from '#domain/providers/model-price';
import { ModelPrices1764547200005 } from '#migrations/1764547200005-model-prices';
import { SqlModelCatalog } from '#infrastructure/gateway/sql-model-catalog';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { DatabaseGone } from '#test/support/failing';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { createTestDatabase, type TestDatabase } from '#test/support/test-database';

let testDatabase: TestDatabase;
let database: DataSource;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await dataSource({ url: testDatabase.url, poolSize: 4 }).initialize();
});
afterAll(async () => {
  await database.destroy();
  await testDatabase.drop();
});

/** Counts the statements, and lets them fail. */
class WatchedTransaction extends TypeOrmTransaction {
  statements = 0;
  gone = false;

  override get reader(): EntityManager {
    this.statements++;
    if (this.gone) throw new DatabaseGone();
    return super.reader;
  }
}

function aCatalog(now = '2026-03-10T12:00:00.000Z'): {
  catalog: SqlModelCatalog;
  clock: ManualClock;
  log: RecordingLog;
  watched: WatchedTransaction;
  offered: (model: string) => Promise<string[]>;
} {
  const [clock, log, watched] = [new ManualClock(now), new RecordingLog(), new WatchedTransaction(database)];
  const catalog = new SqlModelCatalog(watched, clock, log);
  return { catalog, clock, log, watched, offered: async (model) => named(await catalog.offer(model, clock.now())) };
}

const named = ({ targets }: ModelOffer): string[] => targets.map(({ provider, model }) => `${provider} ${model}`);

let last = 0;
async function givenPrice(provider: string, model: string, from: string, rates: unknown): Promise<ModelPriceId> {
  const id = `00000000-0000-7000-a000-${String(++last).padStart(12, '0')}`;
  await database.query(
    `insert into model_prices (id, provider, model, modality, rates, traits, effective_from, source)
     values ($1, $2, $3, 'chat', $4, '{}', $5, 'a test')`,
    [id, provider, model, typeof rates === 'string' ? rates : JSON.stringify(rates), from],
  );
  return id as ModelPriceId;
}

async function givenRoute(model: string, from: string, ...targets: readonly string[]): Promise<void> {
  const named = targets.map((target) => {
    const [provider, name] = target.split(' ');
    return { provider, model: name };
  });
  await database.query(
    `insert into model_routes (model, effective_from, targets, source) values ($1, $2, $3, 'a test')`,
    [model, from, JSON.stringify(named)],
  );
}

/** A model of its own, with one price and one route. */
async function givenModel(model: string, from = '2026-01-01'): Promise<ModelPriceId> {
  await givenRoute(model, from, `openai ${model}`);
  return givenPrice('openai', model, from, { input_token: '1', output_token: '2' });
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turns = 0; turns < 100_000; turns++) {
    if (await holds()) return;
    await turn();
  }
  throw new Error('It did not come to hold.');
}

describe('The catalogue as it is delivered', () => {
  it('offers each model from its providers in order, the sandbox last', async () => {
    const { offered } = aCatalog();
    expect(await offered('gpt-4o-mini')).toEqual([
      'openai gpt-4o-mini',
      'openrouter openai/gpt-4o-mini',
      'sandbox gpt-4o-mini',
    ]);
    expect(await offered('claude-haiku-4-5')).toEqual([
      'anthropic claude-haiku-4-5',
      'openrouter anthropic/claude-haiku-4.5',
      'sandbox claude-haiku-4-5',
    ]);
    expect(await offered('whisper-1')).toEqual(['openai whisper-1', 'sandbox whisper-1']);
    expect(await offered('sandbox-chat-silent')).toEqual(['sandbox sandbox-chat-silent']);
  });

  it('prices by the page that each was read from, and says so of those that are made up', async () => {
    const { catalog, clock } = aCatalog();
    const [sonnet] = (await catalog.offer('claude-sonnet-4', clock.now())).targets;
    expect(sonnet).toMatchObject({
      provider: 'anthropic',
      rates: {
        input_token: 3_000_000n,
        cached_token: 300_000n,
        cache_write_token: 3_750_000n,
        output_token: 15_000_000n,
      },
      longContext: { aboveTokens: 200_000, rates: { input_token: 6_000_000n, output_token: 22_500_000n } },
      traits: { contextTokens: 200_000, maxOutputTokens: 64_000, features: ['tools', 'vision', 'reasoning'] },
    });
    expect(sonnet!.source).toMatch(/^https:/);
    const [, sandbox] = (await catalog.offer('dall-e-3', clock.now())).targets;
    expect([sandbox!.source, sandbox!.rates['image']]).toEqual(['made up: priced like dall-e-3', 40_000_000_000n]);
  });

  it('can reserve the most that any model of it can cost', async () => {
    const { catalog, clock } = aCatalog();
    const offers = await catalog.list(clock.now());
    const demand = {
      inputTokens: 1000,
      cacheWrites: true,
      outputTokens: null,
      choices: 1,
      audioSeconds: 60,
      images: 1,
      image: null,
    };
    expect(offers.length).toBe(24);
    const free = offers.flatMap(({ targets }) => targets).filter((price) => !price.mostOf(demand, 0).isPositive);
    expect(free).toEqual([]);
    expect(offers.every(({ targets }) => targets.at(-1)!.provider === 'sandbox')).toBe(true);
  });
});

describe('The catalogue', () => {
  it('answers by the newest price and route in force at the instant that is asked for, whatever comes or came', async () => {
    await givenRoute('dated', '2026-02-01', 'openai dated');
    await givenRoute('dated', '2026-03-10T12:00:02Z', 'openrouter dated', 'openai dated');
    await givenPrice('openai', 'dated', '2026-02-01', { input_token: '10' });
    await givenPrice('openai', 'dated', '2026-03-10T12:00:02Z', { input_token: '20' });
    await givenPrice('openrouter', 'dated', '2026-01-01', { input_token: '5' });
    const { catalog, watched } = aCatalog();
    const charged = async (at: string): Promise<unknown[]> =>
      (await catalog.offer('dated', new Date(at))).targets.map(({ provider, rates }) => [
        provider,
        rates['input_token'],
      ]);
    expect(await charged('2026-03-10T12:00:00Z')).toEqual([['openai', 10n]]);
    expect(await charged('2026-03-10T12:00:01.999Z')).toEqual([['openai', 10n]]);
    const before = watched.statements;
    expect(await charged('2026-03-10T12:00:02Z')).toEqual([
      ['openrouter', 5n],
      ['openai', 20n],
    ]);
    expect(watched.statements).toBe(before);
    // Long ago is read for the purpose; the present is still in memory.
    expect(await charged('2026-02-01T00:00:00Z')).toEqual([['openai', 10n]]);
    await expect(charged('2026-01-31T23:59:59Z')).rejects.toThrow(ModelNotFound);
    expect(watched.statements).toBe(before + 4);
  });

  it('keeps a price that was just replaced, for requests that began before', async () => {
    await givenModel('replaced');
    await givenPrice('openai', 'replaced', '2026-03-10T12:00:00Z', { input_token: '9' });
    const { catalog, watched } = aCatalog('2026-03-10T12:00:01.000Z');
    const offer = await catalog.offer('replaced', new Date('2026-03-10T11:59:59.000Z'));
    expect(offer.targets[0]!.rates).toEqual({ input_token: 1n, output_token: 2n });
    expect(watched.statements).toBe(2);
  });

  it('reads rates exactly, numbers and strings alike', async () => {
    await givenRoute('exact', '2026-01-01', 'openai exact');
    await givenPrice(
      'openai',
      'exact',
      '2026-01-01',
      '{"input_token": 9007199254740993, "output_token": "9007199254740995"}',
    );
    const { catalog, clock } = aCatalog();
    const [price] = (await catalog.offer('exact', clock.now())).targets;
    expect(price!.rates).toEqual({ input_token: 9_007_199_254_740_993n, output_token: 9_007_199_254_740_995n });
  });

  it('takes provider/model for one target, by the name of its route or by its own', async () => {
    const { offered } = aCatalog();
    expect(await offered('openai/gpt-4o-mini')).toEqual(['openai gpt-4o-mini']);
    expect(await offered('openrouter/gpt-4o-mini')).toEqual(['openrouter openai/gpt-4o-mini']);
    expect(await offered('openrouter/openai/gpt-4o-mini')).toEqual(['openrouter openai/gpt-4o-mini']);
    expect(await offered('anthropic/claude-sonnet-4')).toEqual(['anthropic claude-sonnet-4-20250514']);
    expect(await offered('anthropic/claude-sonnet-4-20250514')).toEqual(['anthropic claude-sonnet-4-20250514']);
    for (const name of ['openai/claude-haiku-4-5', 'nobody/gpt-4o-mini', '/gpt-4o-mini', 'openai/', 'constructor']) {
      await expect(offered(name)).rejects.toThrow(ModelNotFound);
    }
  });

  it('serves no model whose route has no target, and none that has no price', async () => {
    await givenModel('gone');
    await givenRoute('gone', '2026-03-01');
    await givenRoute('unpriced', '2026-01-01', 'openai unpriced');
    const { offered, catalog, clock } = aCatalog();
    await expect(offered('gone')).rejects.toThrow(ModelNotFound);
    await expect(offered('openai/gone')).rejects.toThrow(ModelNotFound);
    await expect(offered('unpriced')).rejects.toThrow(ModelUnpriced);
    await expect(offered('never-heard-of')).rejects.toThrow(ModelNotFound);
    const listed = (await catalog.list(clock.now())).map(({ model }) => model);
    expect(listed).not.toContain('gone');
    expect(listed).not.toContain('unpriced');
    expect(listed).toEqual([...listed].sort());
  });

  it('finds a price by its id, though it is no longer in force, and fails for one that never was', async () => {
    const old = await givenModel('by-id');
    await givenPrice('openai', 'by-id', '2026-02-01', { input_token: '3' });
    const { catalog, clock } = aCatalog();
    const [current] = (await catalog.offer('by-id', clock.now())).targets;
    expect((await catalog.price(current!.id)).rates).toEqual({ input_token: 3n });
    expect((await catalog.price(old)).rates).toEqual({ input_token: 1n, output_token: 2n });
    const never = '00000000-0000-7000-a000-999999999999' as ModelPriceId;
    await expect(catalog.price(never)).rejects.toThrow(never);
  });
});

describe('The snapshot of the catalogue', () => {
  it('costs no round trip while it is fresh, however many ask, the first time together', async () => {
    const { offered, watched, clock } = aCatalog();
    await Promise.all(Array.from({ length: 20 }, () => offered('gpt-5')));
    expect(watched.statements).toBe(2);
    clock.advance(5);
    await offered('gpt-5');
    expect(watched.statements).toBe(2);
  });

  it('is used while it is renewed once behind the request, after five seconds', async () => {
    const { offered, watched, clock } = aCatalog();
    await offered('gpt-5');
    await givenModel('added-behind');
    clock.advance(6);
    await expect(offered('added-behind')).rejects.toThrow(ModelNotFound);
    await Promise.all([offered('gpt-5'), offered('gpt-5')]);
    await eventually(async () => (await offered('added-behind').catch(() => [])).length === 1);
    expect(watched.statements).toBe(4);
  });

  it('is waited for when it is older than a minute', async () => {
    const { offered, watched, clock } = aCatalog();
    await offered('gpt-5');
    await givenModel('added-while-idle');
    clock.advance(61);
    expect(await offered('added-while-idle')).toHaveLength(1);
    expect(watched.statements).toBe(4);
  });

  it('is used although it cannot be renewed, which is logged, tried again, and over after a minute', async () => {
    const { offered, watched, clock, log } = aCatalog();
    await offered('gpt-5');
    watched.gone = true;
    clock.advance(30);
    expect(await offered('gpt-5')).toHaveLength(3);
    await eventually(() => log.lines.length === 1);
    expect(log.lines[0]).toMatchObject({ level: 'error', error: new DatabaseGone(), fields: { age_ms: 30_000 } });
    expect(await offered('gpt-5')).toHaveLength(3);
    await eventually(() => log.lines.length === 2);
    clock.advance(31);
    await expect(offered('gpt-5')).rejects.toThrow(DatabaseGone);
    watched.gone = false;
    expect(await offered('gpt-5')).toHaveLength(3);
  });

  it('is read outside the transaction of the request that needs it, which may be undone', async () => {
    const { offered, watched } = aCatalog();
    const undone = watched.run(async () => {
      await watched.writer.query(
        `insert into model_routes (model, effective_from, targets, source)
         values ('undone', '2026-01-01', '[{"provider": "openai", "model": "gpt-5"}]', 'a test')`,
      );
      await offered('gpt-5');
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await expect(offered('undone')).rejects.toThrow(ModelNotFound);
  });
});

describe('The migration of the delivered prices', () => {
  it('can be undone and done again', async () => {
    const counted = (): Promise<unknown> =>
      database.query(`select count(*)::int as n from model_prices where source <> 'a test'`);
    const [before] = [await counted()];
    const runner = database.createQueryRunner();
    await new ModelPrices1764547200005().down(runner);
    expect(await counted()).toEqual([{ n: 0 }]);
    await new ModelPrices1764547200005().up(runner);
    await runner.release();
    expect(await counted()).toEqual(before);
    await expect(database.query(`delete from model_prices`)).rejects.toThrow();
  });
});
