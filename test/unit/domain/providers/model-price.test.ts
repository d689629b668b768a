import fc from 'fast-check';
import type { AiDemand, AiQuantities, AiUsage, ImageVariant } from '#domain/providers/ai-usage';
import { type Rates, UnitNotPriced } from '#domain/providers/model-price';
import { aModelPrice } from '#test/support/builders/model-prices';

const MILLION = 1_000_000;

const usage = (quantities: AiQuantities, image: ImageVariant | null = null): AiUsage => ({
  quantities,
  source: 'provider',
  image,
});
const aDemand = (of: Partial<AiDemand> = {}): AiDemand => ({
  inputTokens: 0,
  cacheWrites: false,
  outputTokens: 0,
  choices: 1,
  audioSeconds: 0,
  images: 0,
  image: null,
  ...of,
});
const costOf = (rates: Rates, quantities: AiQuantities, markup = 0): bigint =>
  aModelPrice({ rates }).costOf(usage(quantities), markup).micros;

describe('the price of what was used', () => {
  it('is that of a million tokens for a million tokens', () => {
    const price = aModelPrice();
    expect(price.costOf(usage({ input_token: MILLION }), 0).micros).toBe(150_000n);
    expect(price.costOf(usage({ output_token: MILLION }), 0).micros).toBe(600_000n);
    expect(price.costOf(usage({}), 0).isZero).toBe(true);
  });

  it('is exact for an hour of speech', () => {
    const whisper = aModelPrice({ modality: 'transcription', rates: { audio_second: 100_000_000n } });
    expect(whisper.costOf(usage({ audio_second: 3600 }), 0).micros).toBe(360_000n);
    expect(whisper.mostOf(aDemand({ audioSeconds: 3600 }), 0).micros).toBe(360_000n);
  });

  it('is rounded half up once, over the sum of all units', () => {
    const rates = { input_token: 500_000n, output_token: 400_000n };
    expect(costOf(rates, { input_token: 1 })).toBe(1n);
    expect(costOf(rates, { output_token: 1 })).toBe(0n);
    expect(costOf(rates, { input_token: 1, output_token: 1 })).toBe(1n);
    expect(costOf(rates, { input_token: 1, output_token: 2 })).toBe(1n);
    expect(costOf(rates, { input_token: 3, output_token: 0 })).toBe(2n);
  });

  it('has the markup put on the sum, before it is rounded', () => {
    const rates = { input_token: 1_000_000n, output_token: 400_000n };
    expect(costOf(rates, { input_token: 100 }, 2500)).toBe(125n);
    expect(costOf(rates, { input_token: 100 }, 1)).toBe(100n);
    expect(costOf(rates, { input_token: 10_000 }, 1)).toBe(10_001n);
    // 0.4 and a quarter is half a micro-dollar; 0.4 rounded first would be nothing.
    expect(costOf(rates, { output_token: 1 }, 2500)).toBe(1n);
  });

  it('is exact where a double is not', () => {
    expect(costOf({ input_token: 9_007_199_254_740_993n }, { input_token: MILLION })).toBe(9_007_199_254_740_993n);
  });

  it.each<[keyof AiQuantities, Rates]>([
    ['cached_token', { input_token: 7_000_000n }],
    ['cache_write_token', { input_token: 7_000_000n }],
    ['cache_write_1h_token', { input_token: 7_000_000n }],
    ['cache_write_1h_token', { input_token: 1n, cache_write_token: 7_000_000n }],
    ['audio_token', { input_token: 7_000_000n }],
    ['reasoning_token', { output_token: 7_000_000n }],
  ])('of a %s without a rate of its own is that of its like', (unit, rates) => {
    expect(costOf(rates, { [unit]: 2 })).toBe(14n);
    expect(costOf({ ...rates, [unit]: 3_000_000n }, { [unit]: 2 })).toBe(6n);
  });

  it('may be zero, which is not the same as none', () => {
    expect(costOf({ input_token: 0n, output_token: 0n }, { input_token: 5, reasoning_token: 5 })).toBe(0n);
    expect(costOf({ input_token: 5_000_000n, cached_token: 0n }, { cached_token: 5 })).toBe(0n);
    expect(() => costOf({ input_token: 1n }, { output_token: 5 })).toThrow(UnitNotPriced);
    expect(() => costOf({ output_token: 1n }, { cached_token: 5 })).toThrow(
      /openai gpt-4o-mini has no price for cached_token/,
    );
    expect(costOf({ input_token: 1n }, { output_token: 0 })).toBe(0n);
  });
});

describe('the rates of a long context', () => {
  const price = aModelPrice({
    rates: { input_token: 1_000_000n, cached_token: 100_000n, output_token: 2_000_000n },
    longContext: { aboveTokens: 200_000, rates: { input_token: 3_000_000n, output_token: 5_000_000n } },
  });
  const cost = (quantities: AiQuantities) => price.costOf(usage(quantities), 0).micros;

  it('hold for the whole request above the bound, and not at it', () => {
    expect(cost({ input_token: 200_000, output_token: 10 })).toBe(200_020n);
    expect(cost({ input_token: 200_001, output_token: 10 })).toBe(600_053n);
  });

  it('count all that went in, however it was read', () => {
    expect(cost({ input_token: 100_000, cached_token: 100_000 })).toBe(110_000n);
    expect(cost({ input_token: 100_001, cached_token: 100_000 })).toBe(310_003n);
  });

  it('are reserved for what may be above the bound', () => {
    expect(price.mostOf(aDemand({ inputTokens: 200_000 }), 0).micros).toBe(200_000n);
    expect(price.mostOf(aDemand({ inputTokens: 200_001 }), 0).micros).toBe(600_003n);
  });

  it('are not what is reserved when those below the bound are dearer', () => {
    const odd = aModelPrice({
      rates: { input_token: 3_000_000n, output_token: 3_000_000n },
      longContext: { aboveTokens: 100, rates: { input_token: 1_000_000n } },
    });
    expect(odd.mostOf(aDemand({ inputTokens: 101 }), 0).micros).toBe(300n);
    expect(odd.mostOf(aDemand({ inputTokens: 1000 }), 0).micros).toBe(1000n);
  });
});

describe('the price of images', () => {
  const rates = {
    image: 40_000_000_000n,
    'image/1024x1792': 80_000_000_000n,
    'image/hd': 90_000_000_000n,
    'image/hd/1024x1792': 120_000_000_000n,
    'image/low/256x256': 10_000_000_000n,
  };
  const price = aModelPrice({ modality: 'image', rates });
  const cost = (quality: string | null, size: string | null) =>
    price.costOf(usage({ image: 1 }, { quality, size }), 0).micros;
  const most = (quality: string | null, size: string | null, images = 1) =>
    price.mostOf(aDemand({ images, image: { quality, size } }), 0).micros;

  it('is the most exact that fits: by quality and size, by size, by quality, for any', () => {
    expect(cost('hd', '1024x1792')).toBe(120_000n);
    expect(cost('standard', '1024x1792')).toBe(80_000n);
    expect(cost('hd', '1024x1024')).toBe(90_000n);
    expect(cost('standard', '1024x1024')).toBe(40_000n);
    expect(cost(null, '1024x1792')).toBe(80_000n);
    expect(cost('hd', null)).toBe(90_000n);
    expect(price.costOf(usage({ image: 3 }), 0).micros).toBe(120_000n);
  });

  it('is reserved exactly when the variant is known, though others are dearer', () => {
    expect(most('low', '256x256', 2)).toBe(20_000n);
    expect(most('standard', '1024x1024')).toBe(40_000n);
    expect(most('hd', '1024x1024')).toBe(90_000n);
  });

  it('is reserved as the dearest that the provider may choose', () => {
    expect(most(null, null, 3)).toBe(360_000n);
    expect(price.mostOf(aDemand({ images: 1 }), 0).micros).toBe(120_000n);
    expect(most('hd', null)).toBe(120_000n);
    expect(most('standard', null)).toBe(80_000n);
    expect(most(null, '1024x1792')).toBe(120_000n);
    expect(most(null, '256x256')).toBe(90_000n);
  });

  it('is the same for auto as for nothing said', () => {
    expect(most('auto', 'auto')).toBe(most(null, null));
    expect(most('auto', '256x256')).toBe(most(null, '256x256'));
    expect(most('hd', 'auto')).toBe(most('hd', null));
    expect(cost('auto', 'auto')).toBe(cost(null, null));
    expect(cost('hd', 'auto')).toBe(cost('hd', null));
  });

  it('is none for a variant without a rate', () => {
    const strict = aModelPrice({ modality: 'image', rates: { 'image/high/1024x1024': 1n } });
    const image = { quality: 'low', size: '1024x1024' };
    expect(() => strict.mostOf(aDemand({ images: 1, image }), 0)).toThrow(UnitNotPriced);
    expect(() => strict.costOf(usage({ image: 1 }, image), 0)).toThrow(/no price for image \(low, 1024x1024\)/);
    expect(() => strict.costOf(usage({ image: 1 }, null), 0)).toThrow(UnitNotPriced);
  });

  it('is never below what any choice of the provider costs', () => {
    const qualities = [null, 'low', 'high'];
    const sizes = [null, '1x1', '2x2'];
    const names = qualities.flatMap((quality) =>
      sizes.map((size) => ['image', quality, size].filter((part) => part !== null).join('/')),
    );
    const cards = fc.dictionary(fc.constantFrom(...names), fc.bigInt({ min: 0n, max: 10n ** 12n }), { minKeys: 1 });
    const asked = fc.record({
      quality: fc.constantFrom(...qualities, 'auto'),
      size: fc.constantFrom(...sizes, 'auto'),
    });
    const answered = fc.record({
      quality: fc.constantFrom('low', 'high', 'x'),
      size: fc.constantFrom('1x1', '2x2', '3x3'),
    });
    fc.assert(
      fc.property(cards, asked, answered, (card, wanted, chosen) => {
        const any = aModelPrice({ modality: 'image', rates: card });
        const decided = (given: string | null, choice: string) => (given === null || given === 'auto' ? choice : given);
        const image = { quality: decided(wanted.quality, chosen.quality), size: decided(wanted.size, chosen.size) };
        try {
          const cost = any.costOf(usage({ image: 1 }, image), 0);
          return !any.mostOf(aDemand({ images: 1, image: wanted }), 0).isLessThan(cost);
        } catch (error) {
          return error instanceof UnitNotPriced;
        }
      }),
    );
  });
});

describe('the most that a chat can cost', () => {
  it('is all of its input and all of its output, each at its dearest', () => {
    const price = aModelPrice({
      rates: {
        input_token: 2_000_000n,
        cached_token: 1_000_000n,
        cache_write_token: 3_000_000n,
        cache_write_1h_token: 4_000_000n,
        output_token: 5_000_000n,
        reasoning_token: 6_000_000n,
      },
    });
    const demand = aDemand({ inputTokens: 100, outputTokens: 10 });
    expect(price.mostOf(demand, 0).micros).toBe(260n);
    expect(price.mostOf({ ...demand, cacheWrites: true }, 0).micros).toBe(460n);
    expect(price.mostOf(demand, 5000).micros).toBe(390n);
  });

  it('is that of as long an answer as the model can give, for each choice, when the caller sets no bound', () => {
    const most = (of: Partial<AiDemand>, traits = aModelPrice().traits) =>
      aModelPrice({ rates: { input_token: 0n, output_token: 1_000_000n }, traits }).mostOf(aDemand(of), 0).micros;
    expect(most({ outputTokens: null })).toBe(16_384n);
    expect(most({ outputTokens: null, choices: 3 })).toBe(49_152n);
    expect(most({ outputTokens: 50, choices: 3 })).toBe(50n);
    const unknown = { contextTokens: null, maxOutputTokens: null, features: [] };
    expect(most({ outputTokens: null, choices: 2 }, unknown)).toBe(32_768n);
    expect(most({ outputTokens: null }, { ...unknown, maxOutputTokens: 4096 })).toBe(4096n);
  });

  it('is none when any of it has no price', () => {
    const half = aModelPrice({ rates: { input_token: 1n } });
    expect(() => half.mostOf(aDemand({ inputTokens: 1, outputTokens: 1 }), 0)).toThrow(UnitNotPriced);
    const cachedOnly = aModelPrice({ rates: { cached_token: 1n, output_token: 1n } });
    expect(() => cachedOnly.mostOf(aDemand({ inputTokens: 1, outputTokens: 1 }), 0)).toThrow(/input_token/);
  });

  it('is never below the price of any usage within the demand', () => {
    const rate = fc.bigInt({ min: 0n, max: 10n ** 9n });
    const rates = (keys: readonly string[]) =>
      fc.record(Object.fromEntries(keys.map((key) => [key, rate])), { requiredKeys: ['input_token', 'output_token'] });
    const units = ['input_token', 'cached_token', 'cache_write_token', 'cache_write_1h_token', 'audio_token'];
    const card = rates([...units, 'output_token', 'reasoning_token']) as fc.Arbitrary<Rates>;
    const tokens = fc.nat(300_000);
    const long = fc.option(fc.record({ aboveTokens: tokens, rates: card }));
    const parts = fc.array(fc.nat(1000), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.record({ card, long, input: tokens, output: tokens, parts, written: fc.boolean(), markup: fc.nat(20_000) }),
        fc.nat(1000),
        ({ card: base, long: longContext, input, output, parts: shares, written, markup }, reasoning) => {
          const price = aModelPrice({ rates: base, longContext });
          const demand = aDemand({ inputTokens: input, outputTokens: output, cacheWrites: written });
          // The last share is what was not used of it.
          const used = shares.map((share, part) => (written || part < 2 || part > 3 ? share : 0));
          const whole = Math.max(
            1,
            used.reduce((sum, share) => sum + share, 0),
          );
          const [plain, cached, write, hour, audio] = used.map((share) => Math.floor((input * share) / whole));
          const thought = Math.floor((output * reasoning) / 1000);
          const cost = price.costOf(
            usage({
              input_token: plain,
              cached_token: cached,
              cache_write_token: write,
              cache_write_1h_token: hour,
              audio_token: audio,
              output_token: output - thought,
              reasoning_token: thought,
            }),
            markup,
          );
          return !price.mostOf(demand, markup).isLessThan(cost);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the most that a transcription can cost', () => {
  it('is that of its seconds, also of a model that has prices for tokens', () => {
    const price = aModelPrice({
      modality: 'transcription',
      rates: {
        audio_second: 100_000_000n,
        audio_token: 6_000_000n,
        input_token: 2_500_000n,
        output_token: 10_000_000n,
      },
    });
    expect(price.mostOf(aDemand({ audioSeconds: 60 }), 0).micros).toBe(6000n);
    expect(price.mostOf(aDemand({ audioSeconds: 60 }), 1000).micros).toBe(6600n);
    expect(price.costOf(usage({ audio_token: 600, output_token: 100 }), 0).micros).toBe(4600n);
  });

  it('is none without a price for seconds', () => {
    const price = aModelPrice({ modality: 'transcription', rates: { input_token: 1n, output_token: 1n } });
    expect(() => price.mostOf(aDemand({ audioSeconds: 60 }), 0)).toThrow(UnitNotPriced);
  });
});

describe('what a price can charge', () => {
  it('is what was used, when all of it has a price', () => {
    const used = usage({ input_token: 5, reasoning_token: 5, audio_second: 0 });
    expect(aModelPrice().chargeable(used, aDemand())).toBe(used);
  });

  it('is the seconds that were measured, when tokens were reported that have none', () => {
    const whisper = aModelPrice({ modality: 'transcription', rates: { audio_second: 1n } });
    const charged = whisper.chargeable(usage({ audio_token: 600, output_token: 100 }), aDemand({ audioSeconds: 61 }));
    expect(charged).toEqual({ quantities: { audio_second: 61 }, source: 'estimate', image: null });
  });

  it('is the dearest image that fits what was asked for, as many as were made', () => {
    const rates = { 'image/low/1x1': 1n, 'image/high/1x1': 2n, 'image/high/2x2': 3n };
    const price = aModelPrice({ modality: 'image', rates });
    const image = { quality: null, size: '1x1' };
    const charged = price.chargeable(
      usage({ image: 2 }, { quality: 'odd', size: '1x1' }),
      aDemand({ images: 3, image }),
    );
    const dearest = { quality: 'high', size: '1x1' };
    expect(charged).toEqual({ quantities: { image: 2 }, source: 'estimate', image: dearest });
  });

  it('is never nothing instead of tokens without a price', () => {
    const half = aModelPrice({ rates: { input_token: 1n } });
    const used = usage({ output_token: 5 });
    expect(half.chargeable(used, aDemand())).toBe(used);
    expect(() => half.costOf(half.chargeable(used, aDemand()), 0)).toThrow(UnitNotPriced);
  });
});
