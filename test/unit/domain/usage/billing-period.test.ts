import { BillingPeriod, boundary } from '#domain/usage/billing-period';

const at = (text: string): Date => new Date(text);
const startOf = (now: string, anchor: string): string =>
  BillingPeriod.containing(at(now), at(anchor)).start!.toISOString();

describe('a billing period', () => {
  it.each([
    [1, '2026-02-28T08:30:00.000Z'],
    [2, '2026-03-31T08:30:00.000Z'],
    [3, '2026-04-30T08:30:00.000Z'],
    [25, '2028-02-29T08:30:00.000Z'],
    [26, '2028-03-31T08:30:00.000Z'],
    [-1, '2025-12-31T08:30:00.000Z'],
    [0, '2026-01-31T08:30:00.000Z'],
  ])('boundary %i of 31 January is computed from the anchor itself', (k, expected) => {
    expect(boundary(at('2026-01-31T08:30:00.000Z'), k).toISOString()).toBe(expected);
  });

  it('of a leap day begins on 28 February in other years', () => {
    expect(boundary(at('2024-02-29T00:00:00.000Z'), 12).toISOString()).toBe('2025-02-28T00:00:00.000Z');
    expect(boundary(at('2024-02-29T00:00:00.000Z'), 48).toISOString()).toBe('2028-02-29T00:00:00.000Z');
  });

  it('contains its start and not its end', () => {
    const period = BillingPeriod.containing(at('2026-02-10T00:00:00.000Z'), at('2026-01-15T09:00:00.000Z'));
    expect(period.contains(at('2026-01-15T09:00:00.000Z'))).toBe(true);
    expect(period.contains(at('2026-02-15T08:59:59.999Z'))).toBe(true);
    expect(period.contains(at('2026-02-15T09:00:00.000Z'))).toBe(false);
    expect(period.contains(at('2026-01-15T08:59:59.999Z'))).toBe(false);
  });

  it('begins at the very millisecond of its boundary', () => {
    expect(startOf('2026-02-15T08:59:59.999Z', '2026-01-15T09:00:00.000Z')).toBe('2026-01-15T09:00:00.000Z');
    expect(startOf('2026-02-15T09:00:00.000Z', '2026-01-15T09:00:00.000Z')).toBe('2026-02-15T09:00:00.000Z');
  });

  it('is the one that contains now, however many months were missed', () => {
    expect(startOf('2031-07-01T00:00:00.000Z', '2026-01-31T12:00:00.000Z')).toBe('2031-06-30T12:00:00.000Z');
  });

  it('that is open contains everything and never ends by itself', () => {
    expect(BillingPeriod.open.contains(at('1970-01-01T00:00:00.000Z'))).toBe(true);
    expect(BillingPeriod.open.contains(at('2100-01-01T00:00:00.000Z'))).toBe(true);
    expect(BillingPeriod.open.daysLeftAt(at('2026-01-01T00:00:00.000Z'))).toBeNull();
  });

  it('has a started day left until the last instant, and none afterwards', () => {
    const period = BillingPeriod.containing(at('2026-01-15T09:00:00.000Z'), at('2026-01-15T09:00:00.000Z'));
    expect(period.daysLeftAt(at('2026-01-15T09:00:00.000Z'))).toBe(31);
    expect(period.daysLeftAt(at('2026-02-14T09:00:00.000Z'))).toBe(1);
    expect(period.daysLeftAt(at('2026-02-15T08:59:59.999Z'))).toBe(1);
    expect(period.daysLeftAt(at('2026-02-15T09:00:00.000Z'))).toBe(0);
    expect(period.daysLeftAt(at('2026-03-15T09:00:00.000Z'))).toBe(0);
  });

  it('that a reset cut short keeps its start, and ends where the next begins', () => {
    const period = BillingPeriod.containing(at('2026-01-20T00:00:00.000Z'), at('2026-01-15T09:00:00.000Z'));
    const cut = period.cutAt(at('2026-01-20T00:00:00.000Z'));
    expect([cut.start, cut.end]).toEqual([period.start, at('2026-01-20T00:00:00.000Z')]);
    expect(period.cutAt(at('2027-01-01T00:00:00.000Z')).end).toEqual(period.end);
    expect(BillingPeriod.open.cutAt(at('2026-01-20T00:00:00.000Z')).end).toEqual(at('2026-01-20T00:00:00.000Z'));
  });

  it('equals one with the same start and end alone', () => {
    const anchor = at('2026-01-15T09:00:00.000Z');
    const [one, same, next] = ['2026-01-16', '2026-01-17', '2026-02-16'].map((day) =>
      BillingPeriod.containing(at(`${day}T00:00:00.000Z`), anchor),
    ) as [BillingPeriod, BillingPeriod, BillingPeriod];
    expect([one.equals(same), one.equals(next), one.equals(BillingPeriod.open)]).toEqual([true, false, false]);
    expect(BillingPeriod.open.equals(BillingPeriod.open)).toBe(true);
  });
});
