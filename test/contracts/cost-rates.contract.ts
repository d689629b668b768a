import { GetCostEstimate } from '#application/budgets/get-cost-estimate';
import type { CostEstimate, CostQuestion, CostRates, ServiceRate } from '#domain/budgets/cost-rates';
import { FixedModelCatalog } from '#test/support/fakes/fixed-model-catalog';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { DEFAULT_RATES, HISTORICAL_RATES } from '#test/support/builders/service-rates';

/** The rates as they are delivered, and a way to add one. */
export interface CostRatesWorld {
  readonly rates: CostRates;
  add(rate: ServiceRate, until: Date | null): Promise<void>;
}

const WHILE_ALL_WERE_SOLD = new Date('2025-11-30T12:00:00.000Z');
const NOW = new Date('2026-03-10T12:00:00.000Z');
const WITHDRAWN = new Date('2025-12-10T00:00:00.000Z');

export const NOTHING = { inputTokens: 0, outputTokens: 0, minutes: 0, characters: 0 };

const llm = (provider: string, model: string, inputTokens: number, outputTokens: number): CostQuestion => ({
  ...NOTHING,
  ...{ provider, model, service: 'llm', inputTokens, outputTokens },
});
const stt = (provider: string, minutes: number, model = 'stt'): CostQuestion => ({
  ...{ ...NOTHING, provider, model, service: 'stt', minutes },
});
const tts = (provider: string, characters: number): CostQuestion => ({
  ...{ ...NOTHING, provider, model: 'tts', service: 'tts', characters },
});

export function costRatesContract(world: () => CostRatesWorld): void {
  const asked = (question: CostQuestion, at = WHILE_ALL_WERE_SOLD): Promise<CostEstimate> =>
    new GetCostEstimate(new FixedModelCatalog(), world().rates, new ManualClock(at)).execute(question);

  describe('What work is taken to cost', () => {
    it.each([
      ['1 000 + 500 tokens of claude-3-haiku', llm('anthropic', 'claude-3-haiku', 1000, 500), 875n, 0.9, 'rate'],
      ['no tokens of claude-3-haiku', llm('anthropic', 'claude-3-haiku', 0, 0), 0n, 0.5, 'rate'],
      ['5.5 minutes of Watson', stt('ibm_watson', 5.5), 110_000n, 0.85, 'rate'],
      ['no minutes of Watson', stt('ibm_watson', 0), 0n, 0.5, 'rate'],
      ['5 000 characters of Watson', tts('ibm_watson', 5000), 100_000n, 0.85, 'rate'],
      ['minutes of a model that is sold by tokens', stt('anthropic', 5, 'claude-3-haiku'), 0n, 0.5, 'rate'],
      ['1 000 + 500 tokens of nobody knows whom', llm('nobody', 'model', 1000, 500), 3000n, 0.5, 'fallback'],
      ['an unknown model of a known provider', llm('anthropic', 'claude-9', 1000, 500), 3000n, 0.5, 'fallback'],
      ['no tokens of nobody knows whom', llm('nobody', 'model', 0, 0), 0n, 0.5, 'fallback'],
      ['5 minutes of nobody knows whom', stt('nobody', 5), 125_000n, 0.5, 'fallback'],
      ['3 000 characters of nobody knows whom', tts('nobody', 3000), 75_000n, 0.5, 'fallback'],
      ['work of an unknown kind', { ...llm('nobody', 'm', 1, 1), service: 'video' }, 10_000n, 0.5, 'fallback'],
      [
        'work of an unknown kind by a known model',
        { ...llm('anthropic', 'claude-3-haiku', 1, 1), service: 'video' },
        0n,
        0.5,
        'rate',
      ],
    ] as const)('%s', async (_, question, micros, confidence, basis) => {
      const { cost, ...estimate } = await asked(question);
      expect([cost.micros, estimate.confidence, estimate.basis]).toEqual([micros, confidence, basis]);
    });

    it('has the historical table as its first rows: four providers, eleven models', async () => {
      const models = new Map(
        HISTORICAL_RATES.map(({ provider, model }) => [`${provider} ${model}`, { provider, model }]),
      );
      expect(models.size).toBe(11);
      expect(new Set(HISTORICAL_RATES.map(({ provider }) => provider)).size).toBe(4);
      for (const { provider, model } of models.values()) {
        const { rates, defaults } = await world().rates.inForce(provider!, model!, WHILE_ALL_WERE_SOLD);
        const known = HISTORICAL_RATES.filter((rate) => rate.provider === provider && rate.model === model);
        expect(prices(rates)).toEqual(prices(known));
        expect(prices(defaults)).toEqual(prices(DEFAULT_RATES));
      }
    });

    it.each([
      ['qwen', 'qwen-turbo'],
      ['qwen', 'qwen-plus'],
      ['qwen', 'qwen-max'],
      ['ibm_watson', 'stt'],
      ['ibm_watson', 'tts'],
    ])('no longer knows %s %s from the moment it was withdrawn on', async (provider, model) => {
      const at = async (when: Date): Promise<number> =>
        (await world().rates.inForce(provider, model, when)).rates.length;
      expect(await at(new Date(WITHDRAWN.getTime() - 1))).toBeGreaterThan(0);
      expect(await at(WITHDRAWN)).toBe(0);
      expect(await at(NOW)).toBe(0);
    });

    it('takes what was withdrawn to cost what its service does', async () => {
      expect(await asked(stt('ibm_watson', 5.5), NOW)).toMatchObject({ cost: { micros: 137_500n }, confidence: 0.5 });
      expect(await asked(llm('anthropic', 'claude-3-haiku', 1000, 500), NOW)).toMatchObject({ cost: { micros: 875n } });
    });

    it('is told with where its price was read, and since when it holds', async () => {
      const { rate } = await asked(llm('anthropic', 'claude-3-haiku', 1000, 500));
      expect(rate).toEqual({ source: expect.any(String), effectiveFrom: new Date('2025-01-01T00:00:00.000Z') });
    });

    it('is a cent at a tenth of the confidence when nothing at all is in force', async () => {
      const before = new Date('2024-12-31T23:59:59.999Z');
      const nothing = { cost: { micros: 10_000n }, confidence: 0.1, basis: 'minimal', rate: null };
      expect(await asked(llm('anthropic', 'claude-3-haiku', 1000, 500), before)).toMatchObject(nothing);
    });

    it('goes by the newest rate in force, and by none when that one ended', async () => {
      const [provider, model] = ['changing', crypto.randomUUID()];
      const from = (effectiveFrom: string, microsPerMillion: bigint): ServiceRate => ({
        ...{ provider, model, service: 'llm', unit: 'input_token', microsPerMillion, source: 'a test' },
        effectiveFrom: new Date(effectiveFrom),
      });
      await world().add(from('2026-01-01T00:00:00Z', 1_000_000n), null);
      await world().add(from('2026-02-01T00:00:00Z', 2_000_000n), null);
      await world().add(from('2026-03-01T00:00:00Z', 9_000_000n), new Date('2026-03-01T00:00:00Z'));
      const at = async (when: string): Promise<bigint> =>
        (await asked(llm(provider, model, 1000, 0), new Date(when))).cost.micros;
      expect(await at('2026-01-31T23:59:59.999Z')).toBe(1000n);
      expect(await at('2026-02-01T00:00:00Z')).toBe(2000n);
      expect(await at('2026-02-28T23:59:59.999Z')).toBe(2000n);
      // The default of its service: 0.002 USD for a thousand tokens.
      expect((await asked(llm(provider, model, 1000, 0), new Date('2026-03-01T00:00:00Z'))).basis).toBe('fallback');
    });
  });
}

function prices(rates: readonly ServiceRate[]): readonly string[] {
  return rates.map(({ service, unit, microsPerMillion }) => `${service} ${unit} ${microsPerMillion}`).sort();
}
