import { ProviderFault } from '#application/gateway/ai-provider';
import { ListModels, type ModelFilter } from '#application/gateway/list-models';
import { ListProviders } from '#application/gateway/list-providers';
import { aModelPrice } from '#test/support/builders/model-prices';
import { ScriptedAiProvider, ScriptedAiProviders } from '#test/support/fakes/scripted-ai-provider';
import { GatewayDesk } from '#test/support/gateway-desk';

const openai = aModelPrice();
const groq = aModelPrice({ provider: 'groq', model: 'llama' });
const sandbox = aModelPrice({ provider: 'sandbox', model: 'parrot' });
const whisper = aModelPrice({ model: 'whisper-1', modality: 'transcription', rates: { audio_second: 1n } });
const EVERYTHING: ModelFilter = { provider: null, modality: null, availability: null };
const ALL = { limit: 100, offset: 0 };

async function aCatalogue(...configured: readonly ScriptedAiProvider[]) {
  const desk = await GatewayDesk.open([openai, groq], configured);
  const offers = [
    { model: 'both', targets: [openai, groq] },
    { model: 'made-up', targets: [sandbox] },
    { model: 'mixed', targets: [openai, sandbox] },
    { model: 'speech', targets: [whisper] },
  ];
  desk.catalog.offers = offers;
  const providers = new ScriptedAiProviders(configured);
  const list = new ListModels(desk.catalog, providers, desk.circuits, desk.clock);
  const states = async (filter: Partial<ModelFilter> = {}) => {
    const { items } = await list.execute({ ...EVERYTHING, ...filter }, ALL);
    return Object.fromEntries(items.map(({ model, availability }) => [model, availability]));
  };
  const open = async (target = openai, kind: ProviderFault['kind'] = 'server_error'): Promise<void> => {
    const fault = new ProviderFault(kind, 'Down.', 500, null);
    for (let time = 0; time < 5; time++) await desk.failover.markFailed(target, fault);
  };
  const standings = new ListProviders(providers, desk.circuits, desk.latencies);
  return { desk, list, states, open, standings };
}

const real = () => ['openai', 'groq'].map((name) => new ScriptedAiProvider(name));
const madeUp = () => new ScriptedAiProvider('sandbox', true);

describe('the catalogue of models', () => {
  it('says of each model whether it would be served now', async () => {
    const { states } = await aCatalogue(new ScriptedAiProvider('openai'));
    expect(await states()).toEqual({
      both: 'available',
      'made-up': 'unconfigured',
      mixed: 'available',
      speech: 'available',
    });
  });

  it('calls a model degraded while some that serve it fail, and unavailable while all do', async () => {
    const { states, open, desk } = await aCatalogue(...real());
    await open(openai);
    expect(await states()).toMatchObject({ both: 'degraded', mixed: 'unavailable', speech: 'unavailable' });
    await open(groq);
    expect(await states()).toMatchObject({ both: 'unavailable' });
    desk.clock.advance(61);
    expect(await states()).toMatchObject({ both: 'available', mixed: 'available' });
  });

  it('counts a model that its provider does not know as failing, and no other of it', async () => {
    const { states, open } = await aCatalogue(...real());
    await open(openai, 'model_not_found');
    expect(await states()).toMatchObject({ both: 'degraded', mixed: 'unavailable', speech: 'available' });
  });

  it('tells who is configured, and whose price counts', async () => {
    const { list } = await aCatalogue(new ScriptedAiProvider('groq'));
    const [both] = (await list.execute(EVERYTHING, ALL)).items;
    expect(both).toMatchObject({
      price: openai,
      targets: [
        { price: openai, isConfigured: false },
        { price: groq, isConfigured: true },
      ],
    });
  });

  it('offers the sandbox only where nobody real is configured', async () => {
    const { list } = await aCatalogue(...real(), madeUp());
    const named = async (name: string) =>
      (await list.execute(EVERYTHING, ALL)).items.find(({ model }) => model === name)!;
    expect((await named('mixed')).targets.map(({ price: { provider } }) => provider)).toEqual(['openai']);
    expect(await named('mixed')).toMatchObject({ isSandbox: false });
    expect(await named('made-up')).toMatchObject({ isSandbox: true, availability: 'available' });
    const alone = await aCatalogue(madeUp());
    expect((await alone.list.execute(EVERYTHING, ALL)).items.find(({ model }) => model === 'mixed')).toMatchObject({
      isSandbox: true,
      availability: 'available',
    });
  });

  it('does not call a model available because its sandbox would answer', async () => {
    const { states, open } = await aCatalogue(...real(), madeUp());
    await open(openai);
    expect(await states()).toMatchObject({ mixed: 'unavailable', 'made-up': 'available' });
  });

  it('is filtered by provider, modality and availability, and counts before it is cut into pages', async () => {
    const { states, list } = await aCatalogue(new ScriptedAiProvider('openai'));
    expect(Object.keys(await states({ provider: 'groq' }))).toEqual(['both']);
    expect(Object.keys(await states({ modality: 'transcription' }))).toEqual(['speech']);
    expect(Object.keys(await states({ availability: 'unconfigured' }))).toEqual(['made-up']);
    const page = await list.execute(EVERYTHING, { limit: 2, offset: 1 });
    expect([page.total, page.items.map(({ model }) => model)]).toEqual([4, ['made-up', 'mixed']]);
  });

  it('serves those that somebody is configured for, working or not', async () => {
    const { list, open } = await aCatalogue(new ScriptedAiProvider('openai'));
    await open(openai);
    expect((await list.served()).map(({ model }) => model)).toEqual(['both', 'mixed', 'speech']);
  });
});

describe('the list of providers', () => {
  it('tells how each does, and how long it takes to begin', async () => {
    const { desk, standings, open } = await aCatalogue(...real(), madeUp());
    for (const ms of [40, 10, 20, 30]) desk.latencies.observe('openai', ms);
    await open(groq);
    await open(openai, 'model_not_found');
    expect(await standings.execute()).toEqual([
      expect.objectContaining({
        provider: 'openai',
        isSandbox: false,
        status: 'operational',
        openUntil: null,
        refusedModels: ['gpt-4o-mini'],
        latency: { requests: 4, p50: 20, p95: 40 },
      }),
      expect.objectContaining({
        provider: 'groq',
        status: 'down',
        circuit: 'open',
        openUntil: new Date(desk.clock.now().getTime() + 60_000),
        failuresInARow: 5,
        refusedModels: [],
        latency: null,
      }),
      expect.objectContaining({ provider: 'sandbox', isSandbox: true, status: 'operational' }),
    ]);
    desk.clock.advance(60);
    expect((await standings.execute())[1]).toMatchObject({ status: 'recovering', circuit: 'half_open' });
  });
});

describe('the latencies of a provider', () => {
  it('are those of its last 200 answers', async () => {
    const { desk } = await aCatalogue();
    for (let ms = 1; ms <= 300; ms++) desk.latencies.observe('openai', ms);
    expect(desk.latencies.of('openai')).toEqual({ requests: 200, p50: 200, p95: 290 });
    expect(desk.latencies.of('groq')).toBeNull();
  });
});
