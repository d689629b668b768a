import { type AlertLevel, Thresholds, worseOf } from '#domain/budgets/alert-level';
import { strategyAt } from '#domain/budgets/budget-strategy';
import { Money } from '#domain/shared/money';

const LIMIT = Money.ofMicros(30_000_000n);
const share = (hundredths: number): Money => Money.ofMicros((LIMIT.micros * BigInt(hundredths)) / 100n);

describe('the level of a budget', () => {
  it.each<[AlertLevel, number[]]>([
    ['green', [0, 25, 49]],
    ['yellow', [50, 60, 74]],
    ['orange', [75, 80, 89]],
    ['red', [90, 95, 99]],
    ['critical', [100, 110, 200]],
  ])('is %s at %j percent', (level, percents) => {
    expect(percents.map((percent) => Thresholds.usual.levelOf(share(percent), LIMIT))).toEqual(
      percents.map(() => level),
    );
  });

  it.each<[AlertLevel, AlertLevel, number]>([
    ['green', 'yellow', 50],
    ['yellow', 'orange', 75],
    ['orange', 'red', 90],
    ['red', 'critical', 100],
  ])('changes from %s to %s at exactly %i percent, and not a micro-dollar before', (before, from, percent) => {
    const exactly = share(percent);
    expect(Thresholds.usual.levelOf(exactly, LIMIT)).toBe(from);
    expect(Thresholds.usual.levelOf(exactly.minus(Money.ofMicros(1n)), LIMIT)).toBe(before);
  });

  it('is critical for a budget of nothing, of which all is spent', () => {
    expect(Thresholds.usual.levelOf(Money.zero, Money.zero)).toBe('critical');
  });

  it('goes by thresholds of its own, and is critical at 100 percent whatever they are', () => {
    const own = Thresholds.of(10, 20, 100);
    expect([9, 10, 20, 99, 100].map((percent) => own.levelOf(share(percent), LIMIT))).toEqual([
      'green',
      'yellow',
      'orange',
      'orange',
      'critical',
    ]);
    expect([own.percentOf('yellow'), own.percentOf('red'), own.percentOf('critical')]).toEqual([10, 100, 100]);
  });

  it.each([
    [50, 50, 90],
    [50, 75, 75],
    [75, 50, 90],
    [0, 75, 90],
    [-1, 75, 90],
    [50, 75, 101],
    [50.5, 75, 90],
    [Number.NaN, 75, 90],
  ])('refuses thresholds of %d, %d and %d', (yellow, orange, red) => {
    expect(() => Thresholds.of(yellow, orange, red)).toThrow(
      expect.objectContaining({ code: 'invalid_thresholds', facts: { yellow, orange, red } }),
    );
  });

  it('takes thresholds at the very ends', () => {
    expect(Thresholds.of(1, 2, 100)).toMatchObject({ yellow: 1, orange: 2, red: 100 });
  });

  it('is the worse of two', () => {
    expect([worseOf('green', 'red'), worseOf('critical', 'yellow'), worseOf('orange', 'orange')]).toEqual([
      'red',
      'critical',
      'orange',
    ]);
  });

  it('decides in which order providers are asked', () => {
    const levels = ['green', 'yellow', 'orange', 'red', 'critical'] as const;
    expect(levels.map(strategyAt)).toEqual([
      'quality_first',
      'quality_first',
      'balanced',
      'cheapest_first',
      'emergency_only',
    ]);
  });
});
