import { costRatesContract } from '#test/contracts/cost-rates.contract';
import { DEFAULT_RATES, HISTORICAL_RATES } from '#test/support/builders/service-rates';
import { InMemoryCostRates } from '#test/support/fakes/in-memory-cost-rates';

const WITHDRAWN = new Date('2025-12-10T00:00:00.000Z');

describe('In memory', () => {
  const rates = new InMemoryCostRates(
    [...HISTORICAL_RATES, ...DEFAULT_RATES].map((rate) => ({
      rate,
      until: rate.provider === 'qwen' || rate.provider === 'ibm_watson' ? WITHDRAWN : null,
    })),
  );
  costRatesContract(() => ({
    rates,
    add: async (rate, until) => {
      rates.rates = [...rates.rates, { rate, until }];
    },
  }));
});
