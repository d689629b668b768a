import { instant } from '#interfaces/cli/shared/options';

describe('An instant on the command line', () => {
  it.each([
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2026-11-01T09:30Z', '2026-11-01T09:30:00.000Z'],
    ['2026-11-01T09:30:15.250+08:00', '2026-11-01T01:30:15.250Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s, whatever the time zone of this machine', (text, expected) => {
    expect(instant(text).toISOString()).toBe(expected);
  });

  it.each([
    ['has no offset from UTC', '2026-11-01T09:30:00'],
    ['is not in the calendar', '2026-02-30'],
    ['is in no leap year', '2026-02-29T00:00:00Z'],
    ['is not ISO 8601', '1 Nov 2026'],
    ['is a number', '1793491200000'],
    ['is nothing', ''],
  ])('is refused when it %s', (_, text) => {
    expect(() => instant(text)).toThrow('An instant is a date');
  });
});
