import { PriceImport, type PriceImportOrder, type PriceImportResult } from '#application/gateway/price-import';
import { chosenPrices } from '#application/gateway/price-selection';
import type { PriceCandidate } from '#application/gateway/price-table';
import { rateInUsd } from '#application/gateway/rate-in-usd';
import type { ModelPrice, Rates } from '#domain/providers/model-price';
import { InMemoryPriceBook } from '#test/support/fakes/in-memory-price-book';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { RecordingAuditLog } from '#test/support/fakes/recording-audit-log';
import { SequentialIds } from '#test/support/fakes/sequential-ids';
import { refusalOf } from '#test/support/refusals';

const NOW = '2026-03-10T12:00:00.000Z';
const CHAT: Rates = { input_token: 1_000_000n, output_token: 4_000_000n };

let transaction: InMemoryTransaction;
let book: InMemoryPriceBook;
let audit: RecordingAuditLog;
let clock: ManualClock;

beforeEach(() => {
  transaction = new InMemoryTransaction(true);
  book = new InMemoryPriceBook(transaction);
  audit = new RecordingAuditLog(transaction);
  clock = new ManualClock(NOW);
});

function aCandidate(of: Partial<PriceCandidate> = {}): PriceCandidate {
  return {
    provider: 'openai',
    model: 'a-model',
    modality: 'chat',
    rates: CHAT,
    longContext: null,
    traits: { contextTokens: 1000, maxOutputTokens: 100, features: ['tools'] },
    source: 'a table',
    rounded: [],
    ...of,
  };
}

function imported(
  candidates: readonly PriceCandidate[],
  order: Partial<PriceImportOrder> = {},
): Promise<PriceImportResult> {
  const deed = new PriceImport(book, audit, transaction, new SequentialIds(), clock);
  return deed.execute({
    candidates,
    addRoutes: false,
    effectiveFrom: null,
    acceptChanges: false,
    operator: { actor: 'cli:tester', reason: 'case 812' },
    dryRun: false,
    ...order,
  });
}

/** Puts the price into the book a day ago. */
async function given(candidate: PriceCandidate): Promise<ModelPrice> {
  clock.set('2026-03-09T12:00:00.000Z');
  const { additions } = await imported([candidate]);
  clock.set(NOW);
  return additions[0]!.price;
}

const withRates = (rates: Rates): PriceCandidate => aCandidate({ rates });
const steps = ({ additions }: PriceImportResult): unknown[] =>
  additions.flatMap(({ differences }) =>
    differences.map(({ name, before, after, flagged }) => [name, before, after, flagged ? 'flagged' : 'small']),
  );

describe('Importing prices', () => {
  it('adds a row with its date and its source, and one audit entry that says why', async () => {
    const result = await imported([aCandidate(), aCandidate({ provider: 'openrouter', model: 'x/a-model' })]);
    expect(book.all.prices).toEqual(result.additions.map(({ price }) => price));
    expect(book.all.prices[0]).toMatchObject({
      provider: 'openai',
      model: 'a-model',
      rates: CHAT,
      effectiveFrom: new Date(NOW),
      source: 'a table',
    });
    expect(audit.entries).toHaveLength(1);
    expect(audit.entries[0]).toMatchObject({
      actor: 'cli:tester',
      action: 'prices.add',
      reason: 'case 812',
      before: { prices: [] },
      after: {
        effective_from: NOW,
        prices: [
          { model: 'a-model', rates: { input_token: '1000000', output_token: '4000000' } },
          { model: 'x/a-model' },
        ],
        routes: [],
      },
    });
    expect(book.all.routes).toEqual([]);
  });

  it('adds nothing for what is in force as it is, and leaves no audit entry of that', async () => {
    await given(aCandidate());
    const result = await imported([aCandidate({ source: 'another table' })]);
    expect([result.additions, result.unchanged]).toEqual([[], 1]);
    expect([book.all.prices.length, audit.entries.length]).toEqual([1, 1]);
  });

  it('adds a new row for what changed, beside the old one', async () => {
    const before = await given(aCandidate());
    const result = await imported([withRates({ input_token: 1_000_000n, output_token: 5_000_000n })]);
    expect(steps(result)).toEqual([['output_token', 4_000_000n, 5_000_000n, 'small']]);
    expect(result.additions[0]!.before).toBe(before);
    expect(book.all.prices.map(({ rates }) => rates['output_token'])).toEqual([4_000_000n, 5_000_000n]);
    expect(audit.entries[1]!.before).toMatchObject({ prices: [{ id: before.id, rates: { output_token: '4000000' } }] });
  });

  it('changes nothing in a dry run, and shows what would be flagged', async () => {
    await given(aCandidate());
    const result = await imported(
      [withRates({ input_token: 0n, output_token: 4_000_000n }), aCandidate({ model: 'b' })],
      {
        dryRun: true,
        addRoutes: true,
      },
    );
    expect(steps(result)[0]).toEqual(['input_token', 1_000_000n, 0n, 'flagged']);
    expect(result.routes).toHaveLength(2);
    expect([book.all.prices.length, book.all.routes.length, audit.entries.length]).toEqual([1, 0, 1]);
  });

  it('keeps what is known of a model where the table says nothing, and replaces what it says', async () => {
    await given(aCandidate());
    const silent = { contextTokens: null, maxOutputTokens: null, features: [] };
    expect((await imported([aCandidate({ traits: silent })])).additions).toEqual([]);
    const { additions } = await imported([aCandidate({ traits: { ...silent, contextTokens: 2000 } })]);
    expect(additions.map(({ price, differences }) => [price.traits, differences])).toEqual([
      [{ contextTokens: 2000, maxOutputTokens: 100, features: ['tools'] }, []],
    ]);
  });
});

describe('A step of a price', () => {
  it.each([
    ['half as much again', 1_500_000n, 'small'],
    ['more than half as much again', 1_500_001n, 'flagged'],
    ['half', 500_000n, 'small'],
    ['less than half', 499_999n, 'flagged'],
    ['zero', 0n, 'flagged'],
  ])('to %s is %p: %s', async (_, input_token, size) => {
    await given(aCandidate());
    const result = await imported([withRates({ ...CHAT, input_token })], { acceptChanges: true });
    expect(steps(result)).toEqual([['input_token', 1_000_000n, input_token, size]]);
  });

  it('from zero is flagged, and zero that stays zero is none', async () => {
    await given(withRates({ input_token: 0n, output_token: 0n }));
    expect((await imported([withRates({ input_token: 0n, output_token: 0n })])).additions).toEqual([]);
    const result = await imported([withRates({ input_token: 0n, output_token: 100n })], { dryRun: true });
    expect(steps(result)).toEqual([['output_token', 0n, 100n, 'flagged']]);
  });

  it('that is flagged is refused unless it is accepted, and nothing is imported then', async () => {
    await given(aCandidate());
    const candidates = [aCandidate({ model: 'fine' }), withRates({ ...CHAT, output_token: 9_000_000n })];
    const refusal = await refusalOf(imported(candidates));
    expect(refusal).toMatchObject({ code: 'price_changes_not_accepted', refusal: 'forbidden' });
    expect(refusal.facts['prices']).toEqual([
      'openai/a-model: output_token 4 USD a million tokens → 9 USD a million tokens',
    ]);
    expect(book.all.prices).toHaveLength(1);
    await imported(candidates, { acceptChanges: true });
    expect(book.all.prices).toHaveLength(3);
  });

  it('is measured by what the unit was charged like when it had no rate of its own', async () => {
    await given(aCandidate());
    const result = await imported([withRates({ ...CHAT, audio_token: 9_000_000n, reasoning_token: 4_000_000n })], {
      dryRun: true,
    });
    expect(steps(result)).toEqual([['audio_token', 1_000_000n, 9_000_000n, 'flagged']]);
  });

  it('is flagged when a price vanishes, and is none when there was no price', async () => {
    const images = (rates: Rates): PriceCandidate => aCandidate({ modality: 'image', rates });
    await given(images({ 'image/low/1024x1024': 9_000_000_000n, 'image/hd': 1_000_000_000n }));
    const result = await imported([images({ 'image/hd': 1_000_000_000n, 'image/1024x1536': 2_000_000_000n })], {
      dryRun: true,
    });
    expect(steps(result)).toEqual([
      ['image/low/1024x1024', 9_000_000_000n, null, 'flagged'],
      ['image/1024x1536', null, 2_000_000_000n, 'small'],
    ]);
  });

  it('is seen in the rates of a long context too', async () => {
    const long = (input_token: bigint): PriceCandidate =>
      aCandidate({ longContext: { aboveTokens: 200_000, rates: { input_token } } });
    await given(long(2_000_000n));
    expect((await imported([long(2_000_000n)])).additions).toEqual([]);
    expect(steps(await imported([long(9_000_000n)], { dryRun: true }))).toEqual([
      ['input_token above 200000 tokens', 2_000_000n, 9_000_000n, 'flagged'],
    ]);
    expect(steps(await imported([aCandidate()], { dryRun: true }))).toEqual([
      ['input_token above 200000 tokens', 2_000_000n, 1_000_000n, 'small'],
    ]);
  });
});

describe('A slip of the unit', () => {
  const image = (rate: bigint): PriceCandidate => aCandidate({ modality: 'image', rates: { image: rate } });
  const audio = (rate: bigint): PriceCandidate =>
    aCandidate({ modality: 'transcription', rates: { audio_second: rate } });

  it.each([
    ['a token', withRates({ ...CHAT, input_token: 1_000_000_001n }), 'above 1000 USD a million tokens'],
    ['a token', withRates({ ...CHAT, input_token: 99n }), 'below 0.0001 USD a million tokens'],
    ['a second', audio(100_000_000_001n), 'above 0.1 USD a second'],
    ['a second', audio(999_999n), 'below 0.000001 USD a second'],
    ['an image', image(10_000_000_000_001n), 'above 10 USD an image'],
    ['an image', image(99_999_999n), 'below 0.0001 USD an image'],
    [
      'a long context',
      aCandidate({ longContext: { aboveTokens: 1, rates: { input_token: 10n } } }),
      'would be 0.00001 USD a million tokens, below',
    ],
  ])(
    'of %s is refused with its value and the bound, whatever is accepted, and nothing is imported',
    async (_, slip, bound) => {
      for (const order of [{}, { acceptChanges: true }, { dryRun: true }]) {
        const refusal = await refusalOf(imported([aCandidate({ model: 'fine' }), slip], order));
        expect(refusal).toMatchObject({ code: 'prices_implausible', refusal: 'invalid' });
        expect(refusal.message).toContain(bound);
        expect(refusal.message).toContain('openai a-model');
      }
      expect(book.all.prices).toEqual([]);
    },
  );

  it('is none at the bounds, and none at exactly zero', async () => {
    const bounds = [
      withRates({ input_token: 100n, output_token: 1_000_000_000n, cached_token: 0n }),
      ...[1_000_000n, 100_000_000_000n, 0n].map((rate, index) => ({ ...audio(rate), model: `audio-${index}` })),
      ...[100_000_000n, 10_000_000_000_000n, 0n].map((rate, index) => ({ ...image(rate), model: `image-${index}` })),
    ];
    expect((await imported(bounds)).additions).toHaveLength(7);
  });
});

describe('The date of a price', () => {
  it('may be to come, and is compared with what is in force then', async () => {
    await given(aCandidate());
    await imported([withRates({ ...CHAT, input_token: 1_400_000n })], { effectiveFrom: new Date('2026-04-01') });
    const later = await imported([withRates({ ...CHAT, input_token: 1_900_000n })], {
      effectiveFrom: new Date('2026-05-01'),
    });
    expect(steps(later)).toEqual([['input_token', 1_400_000n, 1_900_000n, 'small']]);
    const between = await imported([withRates({ ...CHAT, input_token: 1_100_000n })], {
      effectiveFrom: new Date('2026-03-20'),
    });
    expect(between.additions[0]!.until).toEqual(new Date('2026-04-01'));
  });

  it('is refused when it is over, since charges name the old price, unless the model has none yet', async () => {
    await given(aCandidate());
    const past = { effectiveFrom: new Date('2026-03-01') };
    const changed = withRates({ ...CHAT, input_token: 1_100_000n });
    const refusal = await refusalOf(imported([changed, aCandidate({ model: 'new' })], past));
    expect(refusal).toMatchObject({
      code: 'price_date_over',
      refusal: 'forbidden',
      facts: { effective_from: '2026-03-01T00:00:00.000Z', now: NOW, models: ['openai/a-model'] },
    });
    expect(book.all.prices).toHaveLength(1);
    const { additions, unchanged } = await imported([aCandidate(), aCandidate({ model: 'new' })], past);
    expect([additions.map(({ price }) => price.effectiveFrom), unchanged]).toEqual([[past.effectiveFrom], 1]);
  });

  it('is taken once', async () => {
    const from = { effectiveFrom: new Date('2026-04-01') };
    await imported([aCandidate()], from);
    expect((await imported([aCandidate()], from)).unchanged).toBe(1);
    const refusal = await refusalOf(imported([withRates({ ...CHAT, input_token: 1_100_000n })], from));
    expect(refusal).toMatchObject({ code: 'price_date_taken', refusal: 'conflict' });
  });
});

describe('Routes of an import', () => {
  it('are added to models that have none, to all who have a price of it, and to nobody else', async () => {
    const both = [aCandidate(), aCandidate({ provider: 'mistral' })];
    const { routes } = await imported(both, { addRoutes: true });
    expect(routes).toEqual([
      {
        model: 'a-model',
        effectiveFrom: new Date(NOW),
        targets: [
          { provider: 'openai', model: 'a-model' },
          { provider: 'mistral', model: 'a-model' },
        ],
        source: 'prices import by cli:tester',
      },
    ]);
    expect(book.all.routes).toEqual(routes);
    clock.advance(60);
    expect((await imported([...both, aCandidate({ provider: 'together' })], { addRoutes: true })).routes).toEqual([]);
  });

  it('are added to models whose price is in force already', async () => {
    await given(aCandidate());
    const { additions, routes } = await imported([aCandidate()], { addRoutes: true });
    expect([additions.length, routes.length, audit.entries.length]).toEqual([0, 1, 2]);
  });

  it('do not reopen a model that is no longer served', async () => {
    await transaction.run(() =>
      book.addRoute({ model: 'a-model', effectiveFrom: new Date('2026-01-01'), targets: [], source: 'a test' }),
    );
    expect((await imported([aCandidate()], { addRoutes: true })).routes).toEqual([]);
  });

  it('have the provider in their name where its own would read as that of another', async () => {
    const { routes } = await imported([aCandidate({ provider: 'openrouter', model: 'openai/a-model' })], {
      addRoutes: true,
    });
    expect(routes.map(({ model }) => model)).toEqual(['openrouter/openai/a-model']);
  });
});

describe('Choosing prices from a table', () => {
  const candidates = [aCandidate(), aCandidate({ provider: 'openrouter' }), aCandidate({ model: 'b' })];
  const leftOut = [
    { entry: 'x', provider: 'openai', model: 'x', reason: 'a reason' },
    { entry: 'y', provider: null, model: 'y', reason: 'its provider is not served' },
  ];
  const chosen = (providers: readonly string[], models: readonly string[]): unknown[] => {
    const choice = chosenPrices({ candidates, leftOut }, { providers, models });
    return [
      choice.candidates.map(({ provider, model }) => `${provider}/${model}`),
      choice.leftOut.length,
      choice.ofOthers,
    ];
  };

  it('is by provider and by model, and by both', () => {
    expect(chosen([], [])).toEqual([['openai/a-model', 'openrouter/a-model', 'openai/b'], 1, 1]);
    expect(chosen(['openai'], [])).toEqual([['openai/a-model', 'openai/b'], 1, 1]);
    expect(chosen([], ['a-model'])).toEqual([['openai/a-model', 'openrouter/a-model'], 0, 1]);
    expect(chosen([], ['openrouter/a-model'])).toEqual([['openrouter/a-model'], 0, 1]);
  });

  it('refuses what is not there, and says why when the table has it', () => {
    expect(() => chosen(['nobody'], [])).toThrow(/no price that can be used of nobody/);
    expect(() => chosen([], ['b', 'x'])).toThrow(/of x, so nothing was imported\. x was left out: a reason\./);
  });
});

describe('A rate in USD', () => {
  it.each([
    ['input_token', 150_000n, '0.15 USD a million tokens'],
    ['input_token', 1n, '0.000001 USD a million tokens'],
    ['output_token', 10_000_000n, '10 USD a million tokens'],
    ['audio_second', 100_000_000n, '0.0001 USD a second'],
    ['image/low/1024x1024', 34_000_000_000n, '0.034 USD an image'],
    ['image', 0n, '0 USD an image'],
    ['cached_token', -150_000n, '-0.15 USD a million tokens'],
  ])('of %s, %p, is %s', (unit, rate, text) => {
    expect(rateInUsd(unit, rate)).toBe(text);
  });
});
