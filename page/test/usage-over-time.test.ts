import {
  axisEnd,
  daysOf,
  fullestOf,
  isNothing,
  minutesOf,
  namedPlaces,
  shareOf,
} from '#page/billing/usage-over-time-reckoning';

describe('the days of the current period', () => {
  const days = ['2026-11-02', '2026-11-03', '2026-11-04'].map((day) => ({ start: `${day}T00:00:00.000Z` }));

  it('begin with the day on which the period began, whatever the time of day', () => {
    expect(daysOf(days, '2026-11-03T09:30:00.000Z')).toEqual(days.slice(1));
    expect(daysOf(days, '2026-11-03T00:00:00.000Z')).toEqual(days.slice(1));
    expect(daysOf(days, '2026-11-02T23:59:59.999Z')).toEqual(days);
  });

  it('are all that are there where the period has no start', () => expect(daysOf(days, null)).toEqual(days));
});

describe('a chart', () => {
  it('is empty when nothing ran, not even in vain', () => {
    const nothing = { sessions: 0, seconds: 0, transcriptions: 0, failed: 0 };
    expect(isNothing([nothing, nothing])).toBe(true);
    expect(isNothing([nothing, { ...nothing, failed: 1 }])).toBe(false);
  });

  it('sums seconds, and rounds once', () => {
    expect(minutesOf([{ seconds: 61 }, { seconds: 61 }])).toBe(3);
    expect(minutesOf([])).toBe(0);
  });

  it('names the first of the fullest', () => {
    expect(fullestOf([{ seconds: 1 }, { seconds: 9 }, { seconds: 9 }])).toEqual({ seconds: 9 });
    expect(fullestOf([])).toBeNull();
  });

  it.each([
    [0, 2],
    [2, 2],
    [3, 4],
    [5, 10],
    [11, 20],
    [52, 100],
    [101, 200],
    [3000, 4000],
  ])('of at most %d has an axis to %d, whose half is whole', (highest, end) => {
    expect(axisEnd(highest)).toBe(end);
    expect(Number.isInteger(axisEnd(highest) / 2)).toBe(true);
  });

  it.each([
    [0, []],
    [1, [0]],
    [2, [0, 1]],
    [3, [0, 1, 2]],
    [31, [0, 15, 30]],
  ])('of %d bars names the places %j', (count, places) => expect(namedPlaces(count)).toEqual(places));

  it('shares the whole in percent, also where the whole is nothing', () => {
    const all = [{ seconds: 30 }, { seconds: 90 }];
    expect(shareOf(30, all)).toBe(25);
    expect(shareOf(0, [{ seconds: 0 }])).toBe(0);
  });
});
