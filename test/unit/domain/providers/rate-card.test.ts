import { ModelNotPriced, RateCard, type RateCardId } from '#domain/providers/rate-card';
import { Duration } from '#domain/shared/duration';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const card = (microsPerMinute: bigint): RateCard =>
  new RateCard('r' as RateCardId, 'openai', 'whisper-1', microsPerMinute, NOW, 'a test');
const cost = (microsPerMinute: bigint, seconds: number): bigint =>
  card(microsPerMinute).costOf(Duration.ofSeconds(seconds)).micros;

describe('a rate card', () => {
  it('prices each second of the audio', () => {
    expect([cost(6000n, 60), cost(6000n, 59), cost(6000n, 61), cost(6000n, 86_400)]).toEqual([
      6000n,
      5900n,
      6100n,
      8_640_000n,
    ]);
  });

  it('rounds half a micro-dollar up, once', () => {
    expect([cost(1n, 29), cost(1n, 30), cost(1n, 89), cost(1n, 90)]).toEqual([0n, 1n, 1n, 2n]);
  });

  it('prices no audio with nothing', () => {
    expect(cost(6000n, 0)).toBe(0n);
  });

  it('is exact far beyond what a float counts', () => {
    expect(cost(9_007_199_254_740_993n, 60)).toBe(9_007_199_254_740_993n);
  });
});

it('a model without a price is not served, and the refusal says which', () => {
  const refusal = new ModelNotPriced('openai', 'whisper-2', NOW);
  expect([refusal.code, refusal.refusal]).toEqual(['model_not_priced', 'unavailable']);
  expect(refusal.facts).toEqual({ provider: 'openai', model: 'whisper-2', at: NOW.toISOString() });
});
