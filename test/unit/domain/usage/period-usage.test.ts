import { Duration } from '#domain/shared/duration';
import { PeriodUsage } from '#domain/usage/period-usage';

const seconds = (value: number): Duration => Duration.ofSeconds(value);

describe('the usage of a period', () => {
  it('is nothing before anything was used', () => {
    const { sessions, used, transcriptions, held, heldTranscriptions, running } = PeriodUsage.none;
    expect([sessions, used.seconds, transcriptions, held.seconds, heldTranscriptions, running]).toEqual([
      0, 0, 0, 0, 0, 0,
    ]);
  });

  it('merged with another is both, except what runs, which was never of one period alone', () => {
    const ended = new PeriodUsage(3, seconds(100), 2, seconds(10), 1, 2);
    const since = new PeriodUsage(1, seconds(30), 1, seconds(5), 1, 2);
    expect(ended.merging(since)).toEqual(new PeriodUsage(4, seconds(130), 3, seconds(15), 2, 2));
  });

  it('carries over to a new period what runs, and nothing that counts', () => {
    expect(new PeriodUsage(3, seconds(100), 2, seconds(10), 1, 2).carriedOver).toEqual(
      new PeriodUsage(0, seconds(0), 0, seconds(0), 0, 2),
    );
  });
});
