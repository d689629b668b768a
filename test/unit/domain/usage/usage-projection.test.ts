import { BillingPeriod } from '#domain/usage/billing-period';
import { LimitUse } from '#domain/usage/limit-use';
import { projectionOf } from '#domain/usage/usage-projection';

const START = new Date('2026-04-01T00:00:00.000Z');
/** 30 days. */
const april = BillingPeriod.containing(START, START);
const day = (number: number): Date => new Date(START.getTime() + number * 24 * 60 * 60 * 1000);

describe('a projection to the end of the period', () => {
  it('goes on at the pace so far', () => {
    expect(projectionOf(new LimitUse(100, 0, 200), 8, april, day(10))).toMatchObject({
      status: 'projected',
      projected: 300,
    });
  });

  it('is never less than what is used and held already', () => {
    expect(projectionOf(new LimitUse(100, 50, 200), 8, april, day(29))).toMatchObject({ projected: 150 });
  });

  it('names the instant at which that pace meets the limit', () => {
    // 10 a day, 100 left: ten days more.
    expect(projectionOf(new LimitUse(100, 0, 200), 8, april, day(10))).toMatchObject({ limitDate: day(20) });
  });

  it.each([
    ['the pace does not meet it in this period', new LimitUse(10, 0, 200)],
    ['it is met already', new LimitUse(180, 20, 200)],
    ['there is none', new LimitUse(100, 0, 'unlimited' as const)],
  ])('names no limit date when %s', (_case, use) => {
    expect(projectionOf(use, 8, april, day(10))).toMatchObject({ status: 'projected', limitDate: null });
  });

  it('names no limit date at the very end of the period, when all begins anew', () => {
    expect(projectionOf(new LimitUse(100, 0, 300), 8, april, day(10))).toMatchObject({ limitDate: null });
  });

  it.each([
    ['open_period', new LimitUse(100, 0, 200), 8, BillingPeriod.open, day(10)],
    ['period_too_young', new LimitUse(100, 0, 200), 8, april, new Date(day(3).getTime() - 1)],
    ['too_few_events', new LimitUse(100, 0, 200), 2, april, day(10)],
    ['too_few_events', new LimitUse(0, 0, 200), 8, april, day(10)],
  ])('is refused, never made up: %s', (reason, use, events, period, now) => {
    expect(projectionOf(use, events, period, now)).toEqual({ status: 'insufficient_data', reason });
  });

  it.each([
    ['low', 4, 3],
    ['low', 10, 4],
    ['low', 4, 20],
    ['medium', 7, 5],
    ['medium', 14, 20],
    ['medium', 20, 9],
    ['high', 15, 10],
  ])('is of %s confidence after %i days and %i events', (confidence, days, events) => {
    expect(projectionOf(new LimitUse(100, 0, 200), events, april, day(days))).toMatchObject({ confidence });
  });
});
