import fc from 'fast-check';
import { type BudgetStanding, padded, unaffordable, USUAL_BUFFER } from '#domain/budgets/affordability';
import { Thresholds } from '#domain/budgets/alert-level';
import { Money } from '#domain/shared/money';

const usd = (amount: number): Money => Money.ofMicros(BigInt(Math.round(amount * 1_000_000)));
const LIMIT = usd(30);

function standing(used: number, of: Partial<BudgetStanding> = {}): BudgetStanding {
  const spent = usd(used);
  const level = Thresholds.usual.levelOf(spent, LIMIT);
  return { limit: LIMIT, used: spent, held: Money.zero, level, mode: 'block', ...of };
}

const terms = (buffer = USUAL_BUFFER, microAllowance = Money.zero) => ({ buffer, microAllowance });

describe('what a budget of 30 USD affords', () => {
  it.each([
    [6, 1, null],
    [18, 5, null],
    [18, 11, 'budget_spent'],
    [28.5, 0.04, null],
    [28.5, 0.06, 'too_dear_at_red'],
    [33, 0.005, 'budget_spent'],
    [33, 0.02, 'too_dear_at_critical'],
  ])('with %d spent: an operation of %d is answered %j', (used, cost, answer) => {
    expect(unaffordable(standing(used), usd(cost), terms())).toBe(answer);
  });

  it.each([
    [2000, null],
    [5000, null],
    [6000, 'budget_spent'],
  ])('with 15 spent: 10 with a buffer of %i hundredths of a percent is answered %j', (buffer, answer) => {
    expect(unaffordable(standing(15), usd(10), terms(buffer))).toBe(answer);
  });

  it('passes what is exactly left, and refuses a micro-dollar more', () => {
    const left = standing(20, { level: 'yellow' });
    expect(unaffordable(left, usd(10), terms(0))).toBeNull();
    expect(unaffordable(left, usd(10.000001), terms(0))).toBe('budget_spent');
  });

  it('takes what is held for spent', () => {
    expect(unaffordable(standing(6, { held: usd(23) }), usd(1), terms(0))).toBeNull();
    expect(unaffordable(standing(6, { held: usd(23) }), usd(1), terms())).toBe('budget_spent');
  });

  it('compares the cost itself, without its buffer, with the ceilings, which are refused themselves', () => {
    expect(unaffordable(standing(28.5), usd(0.049999), terms())).toBeNull();
    expect(unaffordable(standing(28.5), usd(0.05), terms())).toBe('too_dear_at_red');
    const generous = terms(USUAL_BUFFER, usd(10));
    expect(unaffordable(standing(33), usd(0.009999), generous)).toBeNull();
    expect(unaffordable(standing(33), usd(0.01), generous)).toBe('too_dear_at_critical');
  });

  it('lets a spent budget afford small operations within the micro-allowance, and nothing without one', () => {
    const spent = standing(30);
    expect(unaffordable(spent, usd(0.005), terms())).toBe('budget_spent');
    expect(unaffordable(spent, usd(0.005), terms(USUAL_BUFFER, usd(0.0055)))).toBeNull();
    expect(unaffordable(spent, usd(0.005), terms(USUAL_BUFFER, usd(0.005499)))).toBe('budget_spent');
    expect(unaffordable(standing(33), usd(0.005), terms(USUAL_BUFFER, usd(3.0055)))).toBeNull();
    expect(unaffordable(standing(33), usd(0.02), terms(USUAL_BUFFER, usd(100)))).toBe('too_dear_at_critical');
  });

  it('gives no micro-allowance before the budget is spent', () => {
    expect(unaffordable(standing(29.99, { held: usd(0.01) }), usd(0.005), terms(0, usd(1)))).toBe('budget_spent');
  });

  it('refuses nothing that costs nothing, and nothing at all where it only tells', () => {
    expect(unaffordable(standing(33), Money.zero, terms())).toBeNull();
    expect(unaffordable(standing(33, { mode: 'alert_only' }), usd(11), terms())).toBeNull();
    expect(unaffordable(standing(33, { mode: 'fallback' }), usd(11), terms())).toBe('too_dear_at_critical');
  });

  it('pads by hundredths of a percent, rounded up to the micro-dollar', () => {
    expect(padded(usd(1), USUAL_BUFFER)).toEqual(usd(1.1));
    expect(padded(Money.ofMicros(1n), USUAL_BUFFER)).toEqual(Money.ofMicros(2n));
    expect(padded(Money.ofMicros(10n), 1)).toEqual(Money.ofMicros(11n));
    expect(padded(usd(1), 0)).toEqual(usd(1));
  });

  it('never affords with more spent, or more held, what it does not afford with less', () => {
    const amount = fc.bigInt({ min: 0n, max: 40_000_000n }).map((micros) => Money.ofMicros(micros));
    fc.assert(
      fc.property(amount, amount, amount, amount, (used, more, held, cost) => {
        const at = (spent: Money): string | null => {
          const level = Thresholds.usual.levelOf(spent, LIMIT);
          return unaffordable({ limit: LIMIT, used: spent, held, level, mode: 'block' }, cost, terms());
        };
        expect(at(used) !== null && at(used.plus(more)) === null).toBe(false);
      }),
    );
  });
});
