import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { OpenAiCompatibleProvider } from '#infrastructure/gateway/openai-compatible-provider';
import { SandboxProvider } from '#infrastructure/gateway/sandbox-provider';
import { SystemClock } from '#infrastructure/system/system-clock';
import { answers, COMPLETION, OpenAiDouble } from '#test/support/ai/openai-double';
import type { TestUser } from '#test/support/app';
import { GatewayWorld } from './gateway-world.js';

interface Model {
  readonly id: string;
  readonly modality: string;
  readonly availability: string;
  readonly sandbox: boolean;
  readonly price: { readonly micros_per_million: Readonly<Record<string, string>> };
  readonly providers: readonly {
    readonly provider: string;
    readonly configured: boolean;
    readonly reachable: boolean;
  }[];
}
interface ModelPage {
  readonly data: readonly Model[];
  readonly total: number;
  readonly has_more: boolean;
}

/** A model that one provider serves, priced as nobody's affair. */
async function add(world: GatewayWorld, name: string, provider: string, model: string): Promise<void> {
  await world.app.rows(
    `insert into model_prices (id, provider, model, modality, rates, traits, effective_from, source)
     values (gen_random_uuid(), $1, $2, 'chat', '{"input_token": "1", "output_token": "1"}', '{}', '2025-02-01', 'test')`,
    [provider, model],
  );
  await world.app.rows(
    `insert into model_routes (model, effective_from, targets, source) values ($1, '2025-02-01', $2, 'test')`,
    [name, JSON.stringify([{ provider, model }])],
  );
}

describe('Models as the official clients list them', () => {
  let world: GatewayWorld;
  let user: TestUser;
  let openai: OpenAI;
  let anthropic: Anthropic;
  beforeAll(async () => {
    world = await GatewayWorld.start();
    await add(world, 'acme/talker', 'sandbox', 'acme-talker');
    await add(world, 'acme/absent', 'acme', 'absent');
    // Without credit: who has none may look.
    user = await world.userWith(0);
    openai = new OpenAI({ apiKey: user.key, baseURL: `${world.app.url}/v1` });
    anthropic = new Anthropic({ apiKey: user.key, baseURL: world.app.url });
  });
  afterAll(() => world.stop());

  it('are those that somebody here serves, the same in both', async () => {
    const listed: OpenAI.Model[] = [];
    for await (const model of openai.models.list()) listed.push(model);
    const ids = listed.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['gpt-4o-mini', 'sandbox-chat', 'whisper-1', 'acme/talker']));
    expect(ids).not.toContain('acme/absent');
    expect(listed.find(({ id }) => id === 'gpt-4o-mini')).toMatchObject({
      object: 'model',
      owned_by: 'openai',
      created: Date.UTC(2025, 0, 1) / 1000,
    });
    const other: Anthropic.ModelInfo[] = [];
    for await (const model of anthropic.models.list()) other.push(model);
    expect(other.map(({ id }) => id)).toEqual(ids);
    expect(other[0]).toMatchObject({
      type: 'model',
      created_at: '2025-02-01T00:00:00.000Z',
      display_name: 'acme/talker',
    });
  });

  it.each(['sandbox-chat', 'acme/talker'])('one is shown by its name: %s', async (name) => {
    expect(await openai.models.retrieve(name)).toMatchObject({ id: name, object: 'model' });
    expect(await anthropic.models.retrieve(name)).toMatchObject({ id: name, type: 'model' });
    // With the slash as it is, too: the clients escape it.
    expect((await world.app.call('GET', `/v1/models/${name}`, { as: user })).body).toMatchObject({ id: name });
  });

  it.each(['no-such-model', 'acme/absent', 'acme/no/such', 'acme'])(
    'one that is not served is 404: %s',
    async (name) => {
      await expect(openai.models.retrieve(name)).rejects.toMatchObject({
        constructor: OpenAI.NotFoundError,
        code: 'model_not_found',
      });
      await expect(anthropic.models.retrieve(name)).rejects.toMatchObject({
        constructor: Anthropic.NotFoundError,
        type: 'not_found_error',
      });
    },
  );

  it('want a key, which the catalogue does not', async () => {
    const nobody = { apiKey: 'mb_test_nobody' };
    const [one, other] = [
      new OpenAI({ ...nobody, baseURL: `${world.app.url}/v1` }),
      new Anthropic({ ...nobody, baseURL: world.app.url }),
    ];
    await expect(one.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(other.models.list()).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    expect((await world.app.call('GET', '/v1/models')).status).toBe(401);
    expect((await world.app.call('GET', '/catalog/models')).status).toBe(200);
    expect((await world.app.call('GET', '/catalog/providers')).status).toBe(200);
  });
});

describe('The public catalogue', () => {
  let world: GatewayWorld;
  let openai: OpenAiDouble;
  let openrouter: OpenAiDouble;
  let providers: readonly OpenAiCompatibleProvider[];
  beforeEach(async () => {
    [openai, openrouter] = [await OpenAiDouble.start(), await OpenAiDouble.start()];
    providers = [providerAt('openai', openai), providerAt('openrouter', openrouter)];
    const aiSettings = new GatewaySettings(0, 60_000, 5_000, 1_000_000, 1_000);
    const sandbox = new SandboxProvider(new SystemClock());
    world = await GatewayWorld.start({ aiProviders: [...providers, sandbox], aiSettings });
    await add(world, 'acme/absent', 'acme', 'absent');
  });
  afterEach(async () => {
    for (const provider of providers) await provider.close();
    await world.stop();
    await openai.close();
    await openrouter.close();
  });

  const models = async (query = ''): Promise<ModelPage> => {
    const answer = await world.app.call('GET', `/catalog/models${query}`);
    expect(answer.status).toBe(200);
    return answer.body as ModelPage;
  };
  const idsOf = ({ data }: ModelPage): readonly string[] => data.map(({ id }) => id);

  it('can be read page by page, and misses nothing', async () => {
    const all = await models('?limit=100');
    expect(all).toMatchObject({ has_more: false, total: all.data.length });
    expect(idsOf(all)).toEqual([...idsOf(all)].sort());
    const read: string[] = [];
    for (let more = true; more;) {
      const page = await models(`?limit=7&offset=${read.length}`);
      expect(page.total).toBe(all.total);
      read.push(...idsOf(page));
      more = page.has_more;
    }
    expect(read).toEqual(idsOf(all));
    expect(await models('?offset=1000')).toEqual({ data: [], total: all.total, has_more: false });
  });

  it('is filtered by provider, modality and availability', async () => {
    const all = (await models('?limit=100')).data;
    const expectFiltered = async (query: string, fits: (model: Model) => boolean): Promise<void> => {
      const wanted = all.filter(fits).map(({ id }) => id);
      expect(wanted.length).toBeGreaterThan(0);
      expect(wanted.length).toBeLessThan(all.length);
      const found = await models(`?limit=100&${query}`);
      expect([idsOf(found), found.total]).toEqual([wanted, wanted.length]);
    };
    const isBy = (name: string) => (model: Model) => model.providers.some(({ provider }) => provider === name);
    await expectFiltered('provider=anthropic', isBy('anthropic'));
    await expectFiltered('modality=image', ({ modality }) => modality === 'image');
    await expectFiltered('availability=available', ({ availability }) => availability === 'available');
    await expectFiltered('availability=unconfigured', ({ availability }) => availability === 'unconfigured');
    await expectFiltered('provider=openrouter&modality=chat', isBy('openrouter'));
    expect(await models('?provider=nobody')).toEqual({ data: [], total: 0, has_more: false });
  });

  it.each(['modality=video', 'availability=perhaps', 'limit=0', 'limit=101', 'offset=-1', 'colour=red'])(
    'refuses what it cannot be filtered by: %s',
    async (query) => {
      expect((await world.app.call('GET', `/catalog/models?${query}`)).status).toBe(422);
    },
  );

  it('prices models exactly, and says who serves them', async () => {
    const { data } = await models('?limit=100');
    expect(data.find(({ id }) => id === 'gpt-4o-mini')).toMatchObject({
      modality: 'chat',
      context_tokens: 128_000,
      max_output_tokens: 16_384,
      price: { micros_per_million: { input_token: '150000', cached_token: '75000', output_token: '600000' } },
      providers: [
        { provider: 'openai', configured: true, reachable: true },
        { provider: 'openrouter', configured: true, reachable: true },
      ],
      availability: 'available',
      sandbox: false,
    });
  });

  it.each(['/catalog/models?limit=3', '/catalog/providers'])('is not sent again to who has it: %s', async (path) => {
    const first = await world.app.call('GET', path);
    const tag = first.headers.get('etag')!;
    expect(tag).toMatch(/^"[\w-]+"$/);
    const ask = (known: string) => world.app.call('GET', path, { headers: { 'If-None-Match': known } });
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      expect(await ask(known)).toMatchObject({ status: 304, body: '' });
    }
    const changed = await ask('"other"');
    expect([changed.status, changed.body, changed.headers.get('etag')]).toEqual([200, first.body, tag]);
  });

  it('tells who is down, what that means for each model, and gets another tag by it', async () => {
    const user = await world.userWith(100);
    const tagOf = async (path: string) => (await world.app.call('GET', path)).headers.get('etag');
    const before = [await tagOf('/catalog/models'), await tagOf('/catalog/providers')];
    openai.does((response) => void response.writeHead(500).end('{}'));
    openrouter.does(answers(COMPLETION));
    const ask = (model: string) =>
      world.app.call('POST', '/v1/chat/completions', {
        as: user,
        body: { model, messages: [{ role: 'user', content: 'Hello' }] },
      });
    for (let failures = 0; failures < 5; failures += 1) {
      const answer = await ask('gpt-4o-mini');
      expect([answer.status, answer.headers.get('x-provider')]).toEqual([200, 'openrouter']);
    }
    const asked = openai.requests.length;
    expect((await ask('gpt-4o-mini')).headers.get('x-provider')).toBe('openrouter');
    expect(openai.requests).toHaveLength(asked);

    const { body } = await world.app.call('GET', '/catalog/providers');
    const { data } = body as { data: readonly Record<string, unknown>[] };
    expect(data).toEqual([
      {
        id: 'openai',
        sandbox: false,
        status: 'down',
        circuit: 'open',
        open_until: expect.any(String) as string,
        failures_in_a_row: 5,
        refused_models: [],
        latency: null,
      },
      expect.objectContaining({
        id: 'openrouter',
        status: 'operational',
        circuit: 'closed',
        open_until: null,
        failures_in_a_row: 0,
        latency: expect.objectContaining({ requests: 6 }) as object,
      }),
      expect.objectContaining({ id: 'sandbox', sandbox: true, status: 'operational' }),
    ]);
    const openFor = Date.parse(data[0]!['open_until'] as string) - Date.now();
    expect(openFor).toBeGreaterThan(50_000);
    expect(openFor).toBeLessThanOrEqual(60_000);

    const degraded = await models('?limit=100&availability=degraded');
    expect(idsOf(degraded)).toContain('gpt-4o-mini');
    expect(degraded.data[0]!.providers).toMatchObject([
      { provider: 'openai', reachable: false },
      { provider: 'openrouter', reachable: true },
    ]);
    expect(idsOf(await models('?limit=100&availability=unavailable'))).toContain('whisper-1');
    expect(idsOf(await models('?limit=100&availability=available'))).toContain('deepseek-chat');
    const after = [await tagOf('/catalog/models'), await tagOf('/catalog/providers')];
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });
});

function providerAt(name: string, double: OpenAiDouble): OpenAiCompatibleProvider {
  return new OpenAiCompatibleProvider({
    name,
    baseUrl: double.baseUrl,
    apiKey: 'sk-double-0123456789',
    tasks: ['chat', 'image', 'transcription'],
    connectMs: 5_000,
    firstByteMs: 60_000,
    idleMs: 60_000,
    connections: 4,
    extraHeaders: {},
  });
}
