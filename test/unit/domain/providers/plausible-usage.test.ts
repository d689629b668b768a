import type { AiDemand, AiQuantities, AiUsage } from '#domain/providers/ai-usage';
import type { ModelTraits } from '#domain/providers/model-price';
import { aModelPrice } from '#test/support/builders/model-prices';

const reported = (quantities: AiQuantities): AiUsage => ({ quantities, source: 'provider', image: null });
const estimate = (quantities: AiQuantities): AiUsage => ({ quantities, source: 'estimate', image: null });
const aDemand = (of: Partial<AiDemand> = {}): AiDemand => ({
  inputTokens: 1_000,
  cacheWrites: false,
  outputTokens: 1_000,
  choices: 1,
  audioSeconds: 0,
  images: 0,
  image: null,
  ...of,
});
const traits = (of: Partial<ModelTraits> = {}): ModelTraits => ({
  contextTokens: 128_000,
  maxOutputTokens: 16_384,
  features: [],
  ...of,
});
const charged = (usage: AiUsage, demand: AiDemand = aDemand(), of: ModelTraits = traits()): AiUsage =>
  aModelPrice({ traits: of }).chargeable(usage, demand);

describe('What a chat can have used', () => {
  it('is what was reported, with a little more than was asked for', () => {
    const used = reported({ input_token: 3_000, cached_token: 4_000, output_token: 1_000, reasoning_token: 60 });
    expect(charged(used)).toBe(used);
  });

  it('is no more than was asked for, when more is reported: each kind of token in proportion', () => {
    const used = charged(reported({ input_token: 10, output_token: 1_000_000, reasoning_token: 3_000_000 }));
    expect(used).toEqual(estimate({ input_token: 10, output_token: 250, reasoning_token: 750 }));
  });

  it('is no more than the model can say, for each choice, when the request sets no bound', () => {
    const demand = aDemand({ outputTokens: null, choices: 2 });
    expect(charged(reported({ output_token: 40_000 }), demand)).toEqual(estimate({ output_token: 32_768 }));
    const unknown = traits({ maxOutputTokens: null, contextTokens: null });
    expect(charged(reported({ output_token: 999_999_999 }), demand, unknown)).toEqual(
      estimate({ output_token: 262_144 }),
    );
  });

  it('never reads more than the request has bytes, nor more than the context window', () => {
    const used = charged(reported({ input_token: 800_000, cached_token: 200_000, output_token: 5 }));
    expect(used).toEqual(estimate({ input_token: 5_676, cached_token: 1_419, output_token: 5 }));
    const long = aDemand({ inputTokens: 1_000_000 });
    expect(charged(reported({ input_token: 999_999_999 }), long)).toEqual(estimate({ input_token: 128_000 }));
    expect(charged(reported({ input_token: 128_000 }), long).source).toBe('provider');
  });
});

describe('What a stream that was left can have thought unseen', () => {
  const thinker = traits({ features: ['reasoning'] });

  it('is what a model that thinks writes in the time up to its first word', () => {
    expect(charged(estimate({ output_token: 3, reasoning_token: 0, silent_second: 4 }), aDemand(), thinker)).toEqual(
      estimate({ output_token: 3, reasoning_token: 400 }),
    );
  });

  it('is never more than its answer could have', () => {
    const used = estimate({ output_token: 300, reasoning_token: 0, silent_second: 600 });
    expect(charged(used, aDemand(), thinker)).toEqual(estimate({ output_token: 300, reasoning_token: 700 }));
  });

  it('is what it was seen to think, when that is more', () => {
    const used = estimate({ output_token: 3, reasoning_token: 500, silent_second: 4 });
    expect(charged(used, aDemand(), thinker)).toEqual(estimate({ output_token: 3, reasoning_token: 500 }));
  });

  it('is nothing for a model that does not think, however long it was silent', () => {
    expect(charged(estimate({ output_token: 3, silent_second: 60 }))).toEqual(estimate({ output_token: 3 }));
  });
});

describe('What a transcription can have used', () => {
  const whisper = aModelPrice({ modality: 'transcription', rates: { audio_second: 100n, audio_token: 1n } });
  const demand = aDemand({ audioSeconds: 60 });

  it('is what was reported, up to a minute more than was measured', () => {
    const used = reported({ audio_second: 120 });
    expect(whisper.chargeable(used, demand)).toBe(used);
  });

  it.each<[AiQuantities]>([
    [{ audio_second: 121 }],
    [{ audio_second: 31_000_000 }],
    [{ audio_token: 20_000 }],
    [{ audio_token: 600, output_token: 7_000 }],
  ])('is what was measured, when more is reported than there can be: %j', (quantities) => {
    expect(whisper.chargeable(reported(quantities), demand)).toEqual(estimate({ audio_second: 60 }));
  });
});

describe('What pictures can have cost', () => {
  const rates = { 'image/low/1024x1024': 1n, 'image/high/1024x1024': 9n };
  const price = aModelPrice({ modality: 'image', rates });
  const drawn = (image: number, quality: string): AiUsage => ({
    quantities: { image },
    source: 'provider',
    image: { quality, size: '1024x1024' },
  });

  it('is no more of them than were asked for', () => {
    const demand = aDemand({ images: 2, image: { quality: 'low', size: null } });
    expect(price.chargeable(drawn(100, 'low'), demand)).toMatchObject({ quantities: { image: 2 }, source: 'estimate' });
  });

  it('is no dearer variant than was asked for, and a cheaper one where that was answered', () => {
    const cheap = aDemand({ images: 1, image: { quality: 'low', size: '1024x1024' } });
    expect(price.chargeable(drawn(1, 'high'), cheap)).toMatchObject({ image: { quality: 'low' }, source: 'estimate' });
    const any = aDemand({ images: 1, image: { quality: null, size: null } });
    const used = drawn(1, 'low');
    expect(price.chargeable(used, any)).toBe(used);
  });
});
