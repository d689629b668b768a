import fc from 'fast-check';
import { Money } from '#domain/shared/money';

describe('money', () => {
  it('adds whole micro-dollars', () => {
    expect(Money.ofMicros(1n).plus(Money.ofMicros(2n)).micros).toBe(3n);
    expect(Money.zero.plus(Money.ofMicros(-5n)).micros).toBe(-5n);
  });

  it('times a fraction is rounded half up, exactly, for any amounts', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 18n });
    fc.assert(
      fc.property(amount, amount, fc.bigInt({ min: 1n, max: 10n ** 9n }), (micros, quantity, per) => {
        const { micros: rounded } = Money.ofMicros(micros).timesRoundedHalfUp(quantity, per);
        // Between half a unit below and, that excluded, half a unit above.
        const [doubled, unit] = [2n * micros * quantity, 2n * per];
        return doubled - per < rounded * unit && rounded * unit <= doubled + per;
      }),
    );
  });

  it('is a JSON number as far as that is exact, and an error beyond', () => {
    expect(Money.ofMicros(9_007_199_254_740_991n).toNumber()).toBe(9_007_199_254_740_991);
    expect(() => Money.ofMicros(9_007_199_254_740_992n).toNumber()).toThrow(RangeError);
  });
});
