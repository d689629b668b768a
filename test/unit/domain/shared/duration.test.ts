import { InvalidValue } from '#domain/shared/domain-exception';
import { Duration } from '#domain/shared/duration';

describe('a duration', () => {
  it('is counted in seconds and shown in minutes, rounded up once', () => {
    expect([0, 1, 59, 60, 61, 86_400].map((seconds) => Duration.ofSeconds(seconds).minutes)).toEqual([
      0, 1, 1, 1, 2, 1440,
    ]);
  });

  it('is rounded on the sum: a hundred recordings of 59 seconds are 99 minutes, neither 0 nor 100', () => {
    const sum = Array.from({ length: 100 }).reduce<Duration>((all) => all.plus(Duration.ofSeconds(59)), Duration.zero);
    expect([sum.seconds, sum.minutes]).toEqual([5900, 99]);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('of %p seconds cannot be', (seconds) => {
    expect(() => Duration.ofSeconds(seconds)).toThrow(InvalidValue);
    expect(() => Duration.ofSeconds(seconds)).toThrow(
      expect.objectContaining({ code: 'invalid_duration', facts: { seconds } }),
    );
  });

  it('counts a started second', () => {
    expect([0, 0.001, 59.2, 60].map((seconds) => Duration.ofStartedSeconds(seconds).seconds)).toEqual([0, 1, 60, 60]);
  });

  it.each([-0.1, -1.5, Number.NaN, Number.POSITIVE_INFINITY])('of %p started seconds cannot be', (seconds) => {
    expect(() => Duration.ofStartedSeconds(seconds)).toThrow(InvalidValue);
  });

  it('is made of whole minutes as well', () => {
    expect(Duration.ofMinutes(200).seconds).toBe(12_000);
  });
});
