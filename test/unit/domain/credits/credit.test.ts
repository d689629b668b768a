import { calculateCreditAmount, creditsOf, MOST_USD, moneyOfCredits } from '#domain/credits/credit';
import { InvalidValue } from '#domain/shared/domain-exception';
import { Money } from '#domain/shared/money';

describe('credits for a sum of US dollars', () => {
  it.each<[number | string, number]>([
    ['10.00', 1000],
    ['1.00', 100],
    ['100.00', 10_000],
    [10, 1000],
    [10.5, 1050],
    ['0.01', 1],
    ['0.1', 10],
    // 1.1 × 100 is 110.00000000000001 in floats, 0.29 × 100 is 28.999999999999996, and 1.15 × 100 is 114.99999999999999.
    [1.1, 110],
    [0.29, 29],
    [1.15, 115],
    [MOST_USD, 100_000_000],
    ['1000000.00', 100_000_000],
  ])('%s USD buy %i credits', (usd, credits) => {
    expect(calculateCreditAmount(usd)).toBe(credits);
  });

  it.each<[string, number | string]>([
    ['zero', 0],
    ['zero', '0.00'],
    ['negative', -1],
    ['negative', '-10.00'],
    ['finer than a cent', 10.001],
    ['finer than a cent', '1.005'],
    ['finer than a cent', 0.1 + 0.2],
    ['over the maximum', '1000000.01'],
    ['over the maximum', MOST_USD + 1],
    ['over the maximum', '10000000000'],
    ['no sum', ''],
    ['no sum', 'ten'],
    ['no sum', '10,00'],
    ['no sum', '10.'],
    ['no sum', '.5'],
    ['no sum', ' 10'],
    ['no sum', '10\n'],
    ['no sum', '1e3'],
    ['no sum', '+10'],
    ['no sum', NaN],
    ['no sum', Infinity],
  ])('%s: %p is refused, and the refusal says what is accepted', (_, usd) => {
    const error = refusal(() => calculateCreditAmount(usd));
    expect(error).toBeInstanceOf(InvalidValue);
    expect(error).toMatchObject({ code: 'invalid_amount', facts: { amount: String(usd), maximum: 1_000_000 } });
  });
});

describe('the money that credits are', () => {
  it.each<[number | string, bigint]>([
    [1, 10_000n],
    ['0.0001', 1n],
    [1.5, 15_000n],
    ['-2.25', -22_500n],
    [0, 0n],
    ['999999999999.9999', 9_999_999_999_999_999n],
  ])('%s credits are %s micro-USD', (credits, micros) => {
    expect(moneyOfCredits(credits).micros).toBe(micros);
  });

  it.each(['0.00001', 1e-7, 'many', '', '1,5', '--1', '1.', NaN])('%p is refused', (credits) => {
    const error = refusal(() => moneyOfCredits(credits));
    expect(error).toBeInstanceOf(InvalidValue);
    expect(error).toMatchObject({ code: 'invalid_credits', facts: { credits: String(credits) } });
  });
});

describe('credits for the wire', () => {
  it.each<[bigint, number]>([
    [10_000n, 1],
    [1n, 0.0001],
    [12_345n, 1.2345],
    [-12_345n, -1.2345],
    [-1n, -0.0001],
    [10_001n, 1.0001],
    [0n, 0],
    [9_007_199_254_740_991n, 900_719_925_474.0991],
  ])('%s micro-USD are %d', (micros, credits) => {
    expect(creditsOf(Money.ofMicros(micros))).toBe(credits);
  });

  it('never says negative zero', () => {
    expect(Object.is(creditsOf(Money.zero.negated()), 0)).toBe(true);
  });

  it('are not rounded: what a JSON number cannot say to the last place throws', () => {
    expect(() => creditsOf(Money.ofMicros(9_007_199_254_740_992n))).toThrow(RangeError);
    expect(() => creditsOf(Money.ofMicros(-9_007_199_254_740_992n))).toThrow(RangeError);
  });

  it.each(['1', '0.0001', '123456789.0123', '-7.5'])('%s reads back as the same money', (credits) => {
    const money = moneyOfCredits(credits);
    expect(moneyOfCredits(creditsOf(money))).toEqual(money);
  });
});

function refusal(deed: () => unknown): unknown {
  try {
    deed();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was refused.');
}
