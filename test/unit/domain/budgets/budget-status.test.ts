import { Budget, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetPeriod, type BudgetSchedule, type Cadence } from '#domain/budgets/budget-period';
import { BudgetStatus } from '#domain/budgets/budget-status';
import { Money } from '#domain/shared/money';

const usd = (amount: number): Money => Money.ofMicros(BigInt(Math.round(amount * 1_000_000)));
const MONTHLY: BudgetSchedule = { cadence: 'monthly', customDays: null, anchor: null };

function status(used: number, of: { limit?: number; held?: number; now?: string; schedule?: BudgetSchedule } = {}) {
  const { limit = 30, held = 0, now = '2025-03-15T12:00:00Z', schedule = MONTHLY } = of;
  const spend = { used: usd(used), estimated: usd(0), held: usd(held) };
  const period = BudgetPeriod.containing(new Date(now), schedule);
  return new BudgetStatus(Budget.unconfigured(GLOBAL_BUDGET), usd(limit), period, spend, new Date(now));
}

describe('how a budget stands', () => {
  it('has left what is not spent, and may promise what is not held either', () => {
    const { remaining, available } = status(18, { held: 4 });
    expect([remaining, available]).toEqual([usd(12), usd(8)]);
  });

  it('has never less than nothing left', () => {
    const { remaining, available } = status(33, { held: 4 });
    expect([remaining, available]).toEqual([Money.zero, Money.zero]);
    expect(status(29, { held: 4 }).available).toEqual(Money.zero);
  });

  it('tells the share that is spent without a bound', () => {
    expect([0, 7.5, 15, 30, 33, 60, 90].map((used) => status(used).basisPointsUsed)).toEqual([
      0n,
      2500n,
      5000n,
      10_000n,
      11_000n,
      20_000n,
      30_000n,
    ]);
  });

  it('rounds the share down, so that a level is never told before it is reached', () => {
    const { basisPointsUsed, level } = status(14.999999);
    expect([basisPointsUsed, level]).toEqual([4999n, 'green']);
  });

  it('is over strictly above its limit: spent to the last cent it is critical, and not over', () => {
    const exactly = status(30);
    expect([exactly.level, exactly.isOver]).toEqual(['critical', false]);
    const above = status(30.000001);
    expect([above.level, above.isOver]).toEqual(['critical', true]);
  });

  it('is wholly spent as a budget of nothing, and over from the first micro-dollar on', () => {
    const nothing = status(0, { limit: 0 });
    expect([nothing.basisPointsUsed, nothing.level, nothing.isOver]).toEqual([10_000n, 'critical', false]);
    expect(status(0.000001, { limit: 0 }).isOver).toBe(true);
  });

  it('says by its level who is asked first', () => {
    expect([0, 15, 22.5, 27, 30].map((used) => status(used).strategy)).toEqual([
      'quality_first',
      'quality_first',
      'balanced',
      'cheapest_first',
      'emergency_only',
    ]);
  });

  it.each([
    ['2025-12-20T12:00:00Z', 12],
    ['2025-03-15T12:00:00Z', 17],
  ])('has at %s %i days left', (now, left) => {
    expect(status(1, { now }).daysRemaining).toBe(left);
  });

  it.each([
    ['2025-04-15T12:00:00Z', 15, 30],
    ['2025-03-10T00:00:00Z', 10, 31],
    ['2027-02-14T12:00:00Z', 14, 28],
    ['2028-02-29T12:00:00Z', 29, 29],
    ['2025-03-01T00:00:00Z', 1, 31],
    ['2025-03-31T23:59:59.999Z', 31, 31],
  ])('comes at the pace of a dollar a day, seen at %s with %d spent, to %d', (now, used, projected) => {
    expect(status(used, { now }).projected).toEqual(usd(projected));
  });

  it.each<[Cadence, number | null, string, number, number]>([
    ['daily', null, '2025-03-15T18:00:00Z', 4, 4],
    ['weekly', null, '2025-03-11T12:00:00Z', 4, 14],
    ['custom', 10, '2025-03-11T12:00:00Z', 4, 20],
  ])('projects a %s period by its real length', (cadence, customDays, now, used, projected) => {
    const anchor = cadence === 'daily' ? null : new Date('2025-03-10T00:00:00Z');
    expect(status(used, { now, schedule: { cadence, customDays, anchor } }).projected).toEqual(usd(projected));
  });

  it('rounds a projection half up, to the micro-dollar', () => {
    expect(status(0.000001, { now: '2025-03-02T00:00:00Z' }).projected).toEqual(Money.ofMicros(16n));
    expect(status(0.000001, { now: '2025-03-03T00:00:00Z' }).projected).toEqual(Money.ofMicros(10n));
  });
});
