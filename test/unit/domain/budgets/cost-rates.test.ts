import fc from 'fast-check';
import { type CostEstimate, costEstimate, type CostQuestion, type KnownPrices } from '#domain/budgets/cost-rates';
import { InvalidValue } from '#domain/shared/domain-exception';
import { aModelPrice } from '#test/support/builders/model-prices';
import { aServiceRate, DEFAULT_RATES } from '#test/support/builders/service-rates';

const PLAIN: CostQuestion = {
  ...{ provider: 'openai', model: 'gpt-4o-mini', service: 'llm' },
  ...{ inputTokens: 0, outputTokens: 0, minutes: 0, characters: 0 },
};
const NOTHING_KNOWN: KnownPrices = { price: null, rates: [], defaults: [] };

const asked = (of: Partial<CostQuestion>, known: Partial<KnownPrices> = {}): CostEstimate =>
  costEstimate({ ...PLAIN, ...of }, { ...NOTHING_KNOWN, ...known });

const WHISPER = aModelPrice({ modality: 'transcription', rates: { audio_second: 100_000_000n } });
const DALL_E = aModelPrice({ modality: 'image', rates: { image: 40_000_000_000n, 'image/hd': 80_000_000_000n } });

describe('An estimate', () => {
  it("goes by the gateway's own price before anything else", () => {
    const rates = [aServiceRate({ provider: 'openai', model: 'gpt-4o-mini', microsPerMillion: 999n })];
    const estimate = asked(
      { inputTokens: 1000, outputTokens: 500 },
      { price: aModelPrice(), rates, defaults: DEFAULT_RATES },
    );
    expect(estimate).toMatchObject({ cost: { micros: 450n }, confidence: 0.9, basis: 'model_price', tokens: 1500 });
    expect(estimate.rate).toEqual({ source: 'a test', effectiveFrom: new Date('2025-01-01T00:00:00.000Z') });
  });

  it('prices audio by the started second where the gateway does', () => {
    const minutes = { service: 'stt', minutes: 5.5 };
    expect(asked(minutes, { price: WHISPER })).toMatchObject({
      cost: { micros: 33_000n },
      confidence: 0.85,
      tokens: 0,
    });
    expect(asked({ service: 'stt' }, { price: WHISPER })).toMatchObject({ cost: { micros: 0n }, confidence: 0.5 });
  });

  it('takes an image to be one, of the dearest kind it may be', () => {
    const estimate = asked({ service: 'image' }, { price: DALL_E });
    expect(estimate).toMatchObject({ cost: { micros: 80_000n }, confidence: 0.5, basis: 'model_price' });
  });

  it('takes an image of an unknown model to cost what one operation does', () => {
    const estimate = asked({ service: 'image' }, { defaults: DEFAULT_RATES });
    expect(estimate).toMatchObject({ cost: { micros: 10_000n }, confidence: 0.5, basis: 'fallback' });
  });

  it('is nothing, at half the confidence, for a service that a known model does not do', () => {
    const known = { price: aModelPrice(), defaults: DEFAULT_RATES };
    for (const service of ['stt', 'tts', 'image', 'video']) {
      const estimate = asked({ service, minutes: 5, characters: 5, inputTokens: 5 }, known);
      expect(estimate).toMatchObject({ cost: { micros: 0n }, confidence: 0.5, basis: 'model_price', tokens: 0 });
    }
  });

  it('is sure of a model that is for nothing', () => {
    const free = aModelPrice({ rates: { input_token: 0n, output_token: 0n } });
    const estimate = asked({ inputTokens: 1000 }, { price: free, defaults: DEFAULT_RATES });
    expect(estimate).toMatchObject({ cost: { micros: 0n }, confidence: 0.9 });
  });

  it('goes on to the next price where the gateway has none for a part of the question', () => {
    const readOnly = aModelPrice({ rates: { input_token: 150_000n } });
    const question = { inputTokens: 1000, outputTokens: 500 };
    expect(asked(question, { price: readOnly, defaults: DEFAULT_RATES })).toMatchObject({ basis: 'fallback' });
    expect(asked(question, { price: readOnly })).toMatchObject({ basis: 'minimal', cost: { micros: 10_000n } });
  });

  it('is a cent of a tenth of the confidence where no default of its service is in force', () => {
    const other = DEFAULT_RATES.filter(({ service }) => service === 'other');
    const expected = { cost: { micros: 10_000n }, confidence: 0.1, basis: 'minimal', rate: null };
    expect(asked({ inputTokens: 5_000_000 }, { defaults: other })).toMatchObject(expected);
  });

  it('is rounded once, half up, over tokens in and out together', () => {
    const rates = [
      aServiceRate({ unit: 'input_token', microsPerMillion: 250_000n }),
      aServiceRate({ unit: 'output_token', microsPerMillion: 250_000n }),
    ];
    expect(asked({ inputTokens: 1, outputTokens: 1 }, { rates }).cost.micros).toBe(1n);
    expect(asked({ inputTokens: 1, outputTokens: 0 }, { rates }).cost.micros).toBe(0n);
  });

  it('counts minutes to the millisecond, exactly', () => {
    const minute = aServiceRate({ service: 'stt', unit: 'minute', microsPerMillion: 20_000_000_000n });
    expect(asked({ service: 'stt', minutes: 5.1 }, { rates: [minute] }).cost.micros).toBe(102_000n);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => {
        const { micros } = asked({ service: 'stt', minutes: ms / 60_000 }, { rates: [minute] }).cost;
        expect(micros).toBe((2n * 20_000n * BigInt(ms) + 60_000n) / 120_000n);
      }),
    );
  });

  it.each([
    { inputTokens: -1 },
    { outputTokens: 0.5 },
    { minutes: Number.NaN },
    { minutes: Number.POSITIVE_INFINITY },
    { minutes: -0.1 },
    { characters: 1_000_000_000_001 },
  ])('is refused for %o', (of) => {
    expect(() => asked(of, { defaults: DEFAULT_RATES })).toThrow(InvalidValue);
  });
});
