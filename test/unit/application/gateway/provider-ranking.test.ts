import { ProviderLatencies } from '#application/gateway/provider-latencies';
import { ProviderRanking } from '#application/gateway/provider-ranking';
import type { ModelPrice } from '#domain/providers/model-price';
import { aModelPrice } from '#test/support/builders/model-prices';
import { anAsk } from '#test/support/gateway-desk';

const at = (provider: string, rate: bigint): ModelPrice =>
  aModelPrice({ provider, rates: { input_token: rate, output_token: rate } });

/** The best first, as its operator routed it. */
const [best, good, cheap] = [at('best', 9_000_000n), at('good', 3_000_000n), at('cheap', 1_000_000n)];
const { demand } = anAsk();

function ranking(p50s: Readonly<Record<string, number>> = {}): ProviderRanking {
  const latencies = new ProviderLatencies();
  for (const [provider, ms] of Object.entries(p50s)) latencies.observe(provider, ms);
  return new ProviderRanking(latencies);
}

const names = (targets: readonly ModelPrice[]): readonly string[] => targets.map(({ provider }) => provider);

describe('the order in which providers are asked', () => {
  it('knows what each would cost us at most, without any markup', () => {
    expect(
      ranking()
        .priced([best, cheap], demand)
        .map(({ most }) => most.micros),
    ).toEqual([1350n, 150n]);
  });

  it.each([
    ['quality_first', ['best', 'good', 'cheap']],
    ['cheapest_first', ['cheap', 'good', 'best']],
    ['emergency_only', ['cheap']],
  ] as const)('is, by %s, %j', (strategy, order) => {
    const ranked = ranking();
    expect(names(ranked.ranked(ranked.priced([best, good, cheap], demand), strategy))).toEqual(order);
  });

  it('is balanced by the places in the route, by price and by latency, all of them worth the same', () => {
    const ranked = ranking({ best: 900, good: 100, cheap: 800 });
    const priced = ranked.priced([best, good, cheap], demand);
    // best: 0 + 2 + 2, good: 1 + 1 + 0, cheap: 2 + 0 + 1.
    expect(names(ranked.ranked(priced, 'balanced'))).toEqual(['good', 'cheap', 'best']);
  });

  it('takes who was never asked to be as fast as any, so that somebody finds out', () => {
    const ranked = ranking({ best: 100, good: 100 });
    const priced = ranked.priced([best, good, cheap], demand);
    expect(names(ranked.ranked(priced, 'balanced'))).toEqual(['cheap', 'best', 'good']);
  });

  it('keeps the order of the route among equals', () => {
    const [one, other] = [at('one', 5_000_000n), at('other', 5_000_000n)];
    const ranked = ranking();
    for (const strategy of ['quality_first', 'balanced', 'cheapest_first'] as const) {
      expect(names(ranked.ranked(ranked.priced([other, one], demand), strategy))).toEqual(['other', 'one']);
    }
  });
});
