import fc from 'fast-check';
import { BudgetPeriod, type BudgetSchedule } from '#domain/budgets/budget-period';

const at = (instant: string): Date => new Date(instant);
const DAY = 24 * 60 * 60 * 1000;

const MONTHLY: BudgetSchedule = { cadence: 'monthly', customDays: null, anchor: null };
const WEEKLY: BudgetSchedule = { ...MONTHLY, cadence: 'weekly' };
const DAILY: BudgetSchedule = { ...MONTHLY, cadence: 'daily' };
const custom = (customDays: number): BudgetSchedule => ({ cadence: 'custom', customDays, anchor: null });
const since = (schedule: BudgetSchedule, anchor: string): BudgetSchedule => ({ ...schedule, anchor: at(anchor) });

const bounds = (instant: string, schedule: BudgetSchedule): string[] => {
  const { start, end } = BudgetPeriod.containing(at(instant), schedule);
  return [start.toISOString(), end.toISOString()];
};

describe('a period of a budget', () => {
  it.each([
    ['2025-12-20T10:00:00Z', '2025-12-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
    ['2025-12-31T23:59:59.999Z', '2025-12-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
    ['2028-02-29T23:59:59.999Z', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ['2027-02-28T23:59:59.999Z', '2027-02-01T00:00:00.000Z', '2027-03-01T00:00:00.000Z'],
    ['2100-02-28T12:00:00Z', '2100-02-01T00:00:00.000Z', '2100-03-01T00:00:00.000Z'],
  ])('is the month of UTC: %s lies in %s to %s', (instant, start, end) => {
    expect(bounds(instant, MONTHLY)).toEqual([start, end]);
  });

  it.each([
    ['2028-02-29T12:00:00Z', '2028-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ['2028-02-28T23:59:59.999Z', '2028-02-28T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['2026-12-31T12:00:00Z', '2026-12-31T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ])('is the day of UTC where days are asked for: %s lies in %s to %s', (instant, start, end) => {
    expect(bounds(instant, DAILY)).toEqual([start, end]);
  });

  it('is a week from Monday to Monday until a week begins elsewhere', () => {
    expect(bounds('2026-11-22T23:59:59.999Z', WEEKLY)).toEqual([
      '2026-11-16T00:00:00.000Z',
      '2026-11-23T00:00:00.000Z',
    ]);
    expect(bounds('2026-11-23T00:00:00Z', WEEKLY)).toEqual(['2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z']);
    const anchored = since(WEEKLY, '2026-11-18T15:30:00Z');
    expect(bounds('2026-11-18T15:30:00Z', anchored)).toEqual(['2026-11-18T15:30:00.000Z', '2026-11-25T15:30:00.000Z']);
    expect(bounds('2026-12-03T00:00:00Z', anchored)).toEqual(['2026-12-02T15:30:00.000Z', '2026-12-09T15:30:00.000Z']);
    expect(bounds('2026-11-18T15:29:59.999Z', anchored)).toEqual([
      '2026-11-11T15:30:00.000Z',
      '2026-11-18T15:30:00.000Z',
    ]);
  });

  it('is so many days as were asked for, counted from the anchor over leap days and years', () => {
    expect(bounds('2028-03-01T00:00:00Z', since(custom(10), '2028-02-20T06:00:00Z'))).toEqual([
      '2028-02-20T06:00:00.000Z',
      '2028-03-01T06:00:00.000Z',
    ]);
    expect(bounds('2028-12-31T00:00:00Z', since(custom(365), '2028-01-01T00:00:00Z'))).toEqual([
      '2028-12-31T00:00:00.000Z',
      '2029-12-31T00:00:00.000Z',
    ]);
    expect(bounds('2024-01-02T12:00:00Z', custom(1))).toEqual(['2024-01-02T00:00:00.000Z', '2024-01-03T00:00:00.000Z']);
  });

  it('begins at an anchor within a month or a day, and the one before ends there', () => {
    const reset = since(MONTHLY, '2028-02-29T12:00:00Z');
    expect(bounds('2028-02-29T11:59:59.999Z', reset)).toEqual(['2028-02-01T00:00:00.000Z', '2028-02-29T12:00:00.000Z']);
    expect(bounds('2028-02-29T12:00:00Z', reset)).toEqual(['2028-02-29T12:00:00.000Z', '2028-03-01T00:00:00.000Z']);
    expect(bounds('2028-03-01T00:00:00Z', reset)).toEqual(['2028-03-01T00:00:00.000Z', '2028-04-01T00:00:00.000Z']);
    expect(bounds('2026-11-18T16:00:00Z', since(DAILY, '2026-11-18T15:30:00Z'))).toEqual([
      '2026-11-18T15:30:00.000Z',
      '2026-11-19T00:00:00.000Z',
    ]);
  });

  it('is the whole month when the anchor is its first instant', () => {
    const reset = since(MONTHLY, '2026-11-01T00:00:00Z');
    expect(bounds('2026-11-21T00:00:00Z', reset)).toEqual(['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z']);
    expect(bounds('2026-10-31T23:59:59.999Z', reset)[1]).toBe('2026-11-01T00:00:00.000Z');
  });

  it.each([
    ['2025-12-20T00:00:00Z', 12],
    ['2025-12-20T10:00:00Z', 12],
    ['2025-03-15T09:00:00Z', 17],
    ['2025-12-31T23:59:59.999Z', 1],
    ['2025-12-01T00:00:00Z', 31],
    ['2028-02-29T00:00:00Z', 1],
    ['2028-02-28T12:00:00Z', 2],
    ['2027-02-28T12:00:00Z', 1],
  ])('has from %s on %i days left, today among them', (instant, left) => {
    expect(BudgetPeriod.containing(at(instant), MONTHLY).daysRemainingAt(at(instant))).toBe(left);
  });

  it('has no days left when it is over', () => {
    const december = BudgetPeriod.containing(at('2025-12-20T00:00:00Z'), MONTHLY);
    expect(december.daysRemainingAt(at('2026-01-01T00:00:00Z'))).toBe(0);
    expect(december.daysRemainingAt(at('2026-02-01T00:00:00Z'))).toBe(0);
  });

  it.each([
    ['2025-12-01T00:00:00Z', 31, 1],
    ['2025-12-31T23:59:59.999Z', 31, 31],
    ['2025-04-30T12:00:00Z', 30, 30],
    ['2027-02-14T12:00:00Z', 28, 14],
    ['2028-02-29T12:00:00Z', 29, 29],
  ])('has at %s, of %i days, begun %i', (instant, days, elapsed) => {
    const period = BudgetPeriod.containing(at(instant), MONTHLY);
    expect([period.days, period.daysElapsedAt(at(instant))]).toEqual([days, elapsed]);
  });

  it('counts a day that a reset cut as a whole one, and never more days than there are', () => {
    const period = BudgetPeriod.of(at('2026-11-18T15:30:00Z'), at('2026-12-01T00:00:00Z'));
    expect(period.days).toBe(13);
    expect(period.daysElapsedAt(at('2026-11-18T15:30:00Z'))).toBe(1);
    expect(period.daysElapsedAt(at('2026-11-19T15:29:59.999Z'))).toBe(1);
    expect(period.daysElapsedAt(at('2027-03-01T00:00:00Z'))).toBe(13);
    expect(period.daysElapsedAt(at('2026-11-01T00:00:00Z'))).toBe(1);
  });

  it('ends after it starts', () => {
    const instant = at('2026-11-18T15:30:00Z');
    expect(() => BudgetPeriod.of(instant, instant)).toThrow(expect.objectContaining({ code: 'invalid_budget_period' }));
  });

  it('contains what it was derived for, and is followed by the next without a gap or an overlap', () => {
    const instant = fc.date({ min: at('2000-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z'), noInvalidDate: true });
    const schedule = fc.oneof(
      fc.constantFrom(MONTHLY, WEEKLY, DAILY),
      fc.integer({ min: 1, max: 365 }).map((days) => custom(days)),
    );
    fc.assert(
      fc.property(schedule, instant, fc.option(instant, { nil: null }), (plain, when, anchor) => {
        const of = { ...plain, anchor };
        const period = BudgetPeriod.containing(when, of);
        expect(period.contains(when)).toBe(true);
        expect(BudgetPeriod.containing(period.start, of)).toEqual(period);
        expect(BudgetPeriod.containing(new Date(period.end.getTime() - 1), of)).toEqual(period);
        expect(BudgetPeriod.containing(period.end, of).start).toEqual(period.end);
        expect(period.end.getTime() - period.start.getTime()).toBeLessThanOrEqual(365 * DAY);
      }),
    );
  });
});
