import fc from 'fast-check';
import { findCheaperTarget } from '#domain/budgets/cheaper-target';
import type { ModelPrice } from '#domain/providers/model-price';
import { micros } from '#test/support/builders/credits';
import { aModelPrice } from '#test/support/builders/model-prices';

const IN_USE = { provider: 'openai', model: 'gpt-4o-mini', cost: micros(1_000_000) };
const other = (of: Partial<ModelPrice>): ModelPrice => aModelPrice({ provider: 'elsewhere', model: 'same', ...of });
const found = (current: ModelPrice, ...others: ModelPrice[]): ModelPrice | null =>
  findCheaperTarget([{ model: 'small', targets: [current, ...others] }], IN_USE)?.target ?? null;

describe('Somebody who serves the same for less', () => {
  it('is nobody where all ask for as much, or more', () => {
    const more = other({ rates: { input_token: 150_000n, cached_token: 75_000n, output_token: 600_001n } });
    expect(found(aModelPrice(), other({}), more)).toBeNull();
  });

  it('is nobody who is dearer in anything that may be used', () => {
    const cheaperToRead = other({ rates: { input_token: 1n, cached_token: 1n, output_token: 600_001n } });
    expect(found(aModelPrice(), cheaperToRead)).toBeNull();
    // Without a price of its own for what is cached, that is charged like input.
    const noCache = other({ rates: { input_token: 100_000n, output_token: 100_000n } });
    expect(found(aModelPrice(), noCache)).toBeNull();
  });

  it('is nobody who has no price for a part of it, or is made for something else', () => {
    expect(found(aModelPrice(), other({ rates: { input_token: 1n } }))).toBeNull();
    expect(found(aModelPrice(), other({ modality: 'image', rates: { image: 1n } }))).toBeNull();
    const free = aModelPrice({ rates: { input_token: 0n, output_token: 0n } });
    expect(found(free, other({}))).toBeNull();
  });

  it('is the cheapest of several', () => {
    const [half, third] = [2n, 3n].map((part) =>
      other({ rates: { input_token: 150_000n / part, cached_token: 75_000n / part, output_token: 600_000n / part } }),
    );
    expect(found(aModelPrice(), half!, third!)).toBe(third);
  });

  it('is as cheap in long contexts, too', () => {
    const long = { aboveTokens: 1000, rates: { input_token: 300_000n } };
    const rates = { input_token: 100_000n, cached_token: 50_000n, output_token: 400_000n };
    expect(found(aModelPrice(), other({ rates, longContext: long }))).toBeNull();
    const alike = other({ rates, longContext: { ...long, rates: { input_token: 200_000n } } });
    expect(found(aModelPrice({ longContext: long }), alike)).toBe(alike);
  });

  it('would have charged no more than is told, whatever was used', () => {
    const quantities = fc.record({
      input_token: fc.integer({ min: 0, max: 100_000 }),
      cached_token: fc.integer({ min: 0, max: 100_000 }),
      output_token: fc.integer({ min: 0, max: 100_000 }),
    });
    const rate = fc.bigInt({ min: 1n, max: 1_000_000n });
    const rates = fc.record({ input_token: rate, cached_token: rate, output_token: rate });
    let cheaper = 0;
    fc.assert(
      fc.property(rates, rates, quantities, (mine, theirs, used) => {
        const usage = { quantities: used, source: 'provider', image: null } as const;
        const [current, target] = [aModelPrice({ rates: mine }), other({ rates: theirs })];
        const cost = current.costOf(usage, 0);
        const offers = [{ model: 'small', targets: [current, target] }];
        const answer = findCheaperTarget(offers, { ...IN_USE, cost });
        if (answer === null) return;
        cheaper++;
        // What is charged is rounded to the micro-dollar, there and here.
        expect(target.costOf(usage, 0).micros).toBeLessThanOrEqual(answer.mostCost.micros + 1n);
        expect(answer.mostCost.micros).toBeLessThanOrEqual(cost.micros);
      }),
      { numRuns: 500 },
    );
    expect(cheaper).toBeGreaterThan(20);
  });
});
