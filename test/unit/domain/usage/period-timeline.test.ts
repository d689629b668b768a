import type { BillingPeriod } from '#domain/usage/billing-period';
import { PeriodTimeline } from '#domain/usage/period-timeline';

const at = (text: string): Date => new Date(text);
const shown = (periods: Iterable<BillingPeriod>): string[] =>
  Array.from(periods, ({ start, end }) => `${day(start)} ${day(end)}`);
const day = (instant: Date | null): string => instant?.toISOString().slice(0, 10) ?? 'open';

const registered = { createdAt: at('2026-01-31T10:00:00.000Z'), periodAnchor: at('2026-01-31T10:00:00.000Z') };

describe('the timeline of billing periods', () => {
  it('goes back to registration, by the original anchor, newest first', () => {
    const timeline = PeriodTimeline.of(registered, []);
    expect(shown(timeline.backFrom(at('2026-04-30T10:00:00.000Z')))).toEqual([
      '2026-04-30 2026-05-31',
      '2026-03-31 2026-04-30',
      '2026-02-28 2026-03-31',
      '2026-01-31 2026-02-28',
    ]);
  });

  it('is one period for a user who registered just now', () => {
    expect(shown(PeriodTimeline.of(registered, []).backFrom(registered.createdAt))).toEqual(['2026-01-31 2026-02-28']);
  });

  it('is one period even for a clock that is behind the one that registered the user', () => {
    expect(shown(PeriodTimeline.of(registered, []).backFrom(at('2026-01-31T09:59:59.990Z')))).toEqual([
      '2026-01-31 2026-02-28',
    ]);
  });

  it('cuts a period where a reset ended it, and goes on by the new anchor', () => {
    const user = { ...registered, periodAnchor: at('2026-03-10T00:00:00.000Z') };
    const resets = [{ previousAnchor: registered.periodAnchor, newStart: at('2026-03-10T00:00:00.000Z') }];
    expect(shown(PeriodTimeline.of(user, resets).backFrom(at('2026-05-01T00:00:00.000Z')))).toEqual([
      '2026-04-10 2026-05-10',
      '2026-03-10 2026-04-10',
      '2026-02-28 2026-03-10',
      '2026-01-31 2026-02-28',
    ]);
  });

  it('has no empty period where a reset fell on the very boundary', () => {
    const newStart = at('2026-02-28T10:00:00.000Z');
    const resets = [{ previousAnchor: registered.periodAnchor, newStart }];
    const timeline = PeriodTimeline.of({ ...registered, periodAnchor: newStart }, resets);
    expect(shown(timeline.backFrom(at('2026-03-01T00:00:00.000Z')))).toEqual([
      '2026-02-28 2026-03-28',
      '2026-01-31 2026-02-28',
    ]);
  });

  it('follows resets one after the other, two of them within one period', () => {
    const [first, second] = [at('2026-02-05T00:00:00.000Z'), at('2026-02-07T00:00:00.000Z')];
    const resets = [
      { previousAnchor: registered.periodAnchor, newStart: first },
      { previousAnchor: first, newStart: second },
    ];
    const timeline = PeriodTimeline.of({ ...registered, periodAnchor: second }, resets);
    expect(shown(timeline.backFrom(at('2026-02-20T00:00:00.000Z')))).toEqual([
      '2026-02-07 2026-03-07',
      '2026-02-05 2026-02-07',
      '2026-01-31 2026-02-05',
    ]);
  });

  it('of an imported user is one open period, which the first reset ends', () => {
    const imported = { createdAt: registered.createdAt, periodAnchor: null };
    expect(shown(PeriodTimeline.of(imported, []).backFrom(at('2027-01-01T00:00:00.000Z')))).toEqual(['open open']);

    const newStart = at('2026-03-10T00:00:00.000Z');
    const timeline = PeriodTimeline.of({ ...imported, periodAnchor: newStart }, [{ previousAnchor: null, newStart }]);
    expect(shown(timeline.backFrom(at('2026-04-11T00:00:00.000Z')))).toEqual([
      '2026-04-10 2026-05-10',
      '2026-03-10 2026-04-10',
      'open 2026-03-10',
    ]);
  });

  it('begins with the period of registration when the anchor is older than the user', () => {
    const user = { createdAt: at('2026-03-20T00:00:00.000Z'), periodAnchor: at('2025-01-15T00:00:00.000Z') };
    expect(shown(PeriodTimeline.of(user, []).backFrom(at('2026-04-20T00:00:00.000Z')))).toEqual([
      '2026-04-15 2026-05-15',
      '2026-03-15 2026-04-15',
    ]);
  });

  it('has no gap and no overlap', () => {
    const user = { ...registered, periodAnchor: at('2026-06-17T08:00:00.000Z') };
    const resets = [{ previousAnchor: registered.periodAnchor, newStart: at('2026-06-17T08:00:00.000Z') }];
    const periods = Array.from(PeriodTimeline.of(user, resets).backFrom(at('2027-06-01T00:00:00.000Z')));
    expect(periods).toHaveLength(17);
    periods.slice(1).forEach((period, index) => expect(period.end).toEqual(periods[index]!.start));
  });

  it('answers so many of the newest, and fewer when there are no more', () => {
    const timeline = PeriodTimeline.of(registered, []);
    const now = at('2026-04-30T10:00:00.000Z');
    expect(shown(timeline.latest(2, now))).toEqual(['2026-04-30 2026-05-31', '2026-03-31 2026-04-30']);
    expect(timeline.latest(12, now)).toHaveLength(4);
  });

  it('finds a period by its exact start alone', () => {
    const timeline = PeriodTimeline.of(registered, []);
    const now = at('2026-04-30T10:00:00.000Z');
    expect(timeline.find(at('2026-02-28T10:00:00.000Z'), now)?.end).toEqual(at('2026-03-31T10:00:00.000Z'));
    expect(timeline.find(at('2026-02-28T10:00:00.001Z'), now)).toBeNull();
    expect(timeline.find(at('2026-05-31T10:00:00.000Z'), now)).toBeNull();
    expect(timeline.find(null, now)).toBeNull();
    expect(PeriodTimeline.of({ ...registered, periodAnchor: null }, []).find(null, now)?.start).toBeNull();
  });
});
