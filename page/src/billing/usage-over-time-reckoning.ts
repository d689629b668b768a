import type { UsageBucketResponse } from '#interfaces/http/usage/usage-report.response';

export const SPANS = ['period', 'quarter', 'year'] as const;
export type Span = (typeof SPANS)[number];

/** The longest period has 31 days, and touches one more when it does not begin at midnight in UTC. */
const QUERIES: Readonly<Record<Span, string>> = {
  period: 'days=32&group_by=day',
  quarter: 'days=90&group_by=week',
  year: 'days=365&group_by=month',
};

export const trendsOf = (span: Span): string => `/api/v1/usage/trends?${QUERIES[span]}`;

const DAY_MS = 86_400_000;

/** The days that the current period has touched; all of them where it has no start. */
export function daysOf<Bucket extends { readonly start: string }>(
  days: readonly Bucket[],
  periodStart: string | null,
): readonly Bucket[] {
  if (periodStart === null) return days;
  const start = Date.parse(periodStart);
  return days.filter((day) => Date.parse(day.start) + DAY_MS > start);
}

type Figures = Pick<UsageBucketResponse, 'sessions' | 'seconds' | 'transcriptions' | 'failed'>;

export function isNothing(buckets: readonly Figures[]): boolean {
  return buckets.every(
    ({ sessions, seconds, transcriptions, failed }) => sessions + seconds + transcriptions + failed === 0,
  );
}

/** Minutes of a sum, which is not the sum of minutes that were each rounded up. */
export function minutesOf(buckets: readonly { readonly seconds: number }[]): number {
  return Math.ceil(buckets.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
}

/** The first of the fullest; null when there is none. */
export function fullestOf<Bucket extends { readonly seconds: number }>(buckets: readonly Bucket[]): Bucket | null {
  return buckets.reduce<Bucket | null>((most, one) => (most === null || one.seconds > most.seconds ? one : most), null);
}

/** The end of an axis from 0: the first of 2, 4, 10, 20, 40, 100 … that reaches the highest, so that its half is whole. */
export function axisEnd(highest: number): number {
  let power = 1;
  for (;;) {
    for (const step of [2, 4, 10]) if (step * power >= highest) return step * power;
    power *= 10;
  }
}

/** The places of an axis that are named: the first, the middle and the last. */
export function namedPlaces(count: number): readonly number[] {
  return count === 0 ? [] : [...new Set([0, Math.floor((count - 1) / 2), count - 1])];
}

/** How the minutes of each provider share the whole, in percent. */
export function shareOf(seconds: number, all: readonly { readonly seconds: number }[]): number {
  const whole = all.reduce((sum, one) => sum + one.seconds, 0);
  return whole === 0 ? 0 : (seconds / whole) * 100;
}
