import type { CostRates, KnownPrices, ServiceRate } from '#domain/budgets/cost-rates';

/** Rates that hold until the one that is given beside them, if any. */
export interface EndingRate {
  readonly rate: ServiceRate;
  readonly until: Date | null;
}

export class InMemoryCostRates implements CostRates {
  constructor(public rates: readonly EndingRate[] = []) {}

  async inForce(provider: string, model: string, at: Date): Promise<Omit<KnownPrices, 'price'>> {
    const newest = new Map<string, EndingRate>();
    for (const one of [...this.rates].sort((a, b) => a.rate.effectiveFrom.getTime() - b.rate.effectiveFrom.getTime())) {
      const { rate } = one;
      if (rate.effectiveFrom <= at) newest.set([rate.provider, rate.model, rate.service, rate.unit].join(' '), one);
    }
    const found = [...newest.values()].filter(({ until }) => until === null || until > at).map(({ rate }) => rate);
    return {
      rates: found.filter((rate) => rate.provider === provider && rate.model === model),
      defaults: found.filter((rate) => rate.provider === null),
    };
  }
}
