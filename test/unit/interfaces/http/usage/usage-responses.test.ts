import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { Duration } from '#domain/shared/duration';
import { Money } from '#domain/shared/money';
import { BillingPeriod } from '#domain/usage/billing-period';
import { LimitUse } from '#domain/usage/limit-use';
import { PeriodUsage } from '#domain/usage/period-usage';
import { type CurrentUsageResponse, currentUsageResponse } from '#interfaces/http/usage/current-usage.response';
import { usageExplanationResponse } from '#interfaces/http/usage/usage-explanation.response';
import { usagePredictionsResponse } from '#interfaces/http/usage/usage-outlook.response';
import { usageTrendsResponse } from '#interfaces/http/usage/usage-report.response';
import { aUser } from '#test/support/builders/users';

const ANCHOR = new Date('2026-03-15T09:30:00.000Z');
const NOW = new Date('2026-03-20T12:00:00.000Z');
const period = BillingPeriod.containing(NOW, ANCHOR);
const user = aUser();

const current = (usage: PeriodUsage, plan: PlanName = 'free', of: BillingPeriod = period): CurrentUsageResponse =>
  currentUsageResponse({ user, plan: DEFAULT_CATALOG.plans[plan], period: of, usage, now: NOW });

describe('the answer to current usage', () => {
  it('tells what is used, held and left of every limit', () => {
    const usage = new PeriodUsage(3, Duration.ofSeconds(5_941), 4, Duration.ofSeconds(90), 1, 1);
    expect(current(usage)).toEqual({
      plan: 'free',
      plan_display_name: 'Free',
      period_start: '2026-03-15T09:30:00.000Z',
      period_end: '2026-04-15T09:30:00.000Z',
      days_until_reset: 26,
      sessions: { used: 3, held: 0, limit: 10, remaining: 7, percentage: 30 },
      minutes: {
        used: 100,
        held: 2,
        limit: 200,
        remaining: 99,
        percentage: 49.5,
        used_seconds: 5_941,
        held_seconds: 90,
        limit_seconds: 12_000,
        remaining_seconds: 5_969,
      },
      transcriptions: { used: 4, held: 1, limit: 20, remaining: 15, percentage: 20 },
      concurrent_transcriptions: { running: 1, limit: 1 },
      file_size_limit_mb: 60,
      export_formats: ['json', 'txt'],
      retention_days: 30,
      device_limit: 1,
    });
  });

  it('says unlimited with the word, and no percentage of it', () => {
    const { sessions, minutes, retention_days } = current(PeriodUsage.none, 'coaching_school');
    expect(sessions).toEqual({ used: 0, held: 0, limit: 'unlimited', remaining: 'unlimited', percentage: null });
    expect(minutes).toMatchObject({ limit: 'unlimited', remaining_seconds: 'unlimited', percentage: null });
    expect(retention_days).toBe('unlimited');
  });

  it('shows used and remaining minutes that together are the limit, whatever the seconds', () => {
    for (const seconds of [0, 1, 59, 60, 61, 11_999, 12_000]) {
      const { used, remaining } = current(
        new PeriodUsage(0, Duration.ofSeconds(seconds), 0, Duration.zero, 0, 0),
      ).minutes;
      expect(used + (remaining as number)).toBe(200);
    }
  });

  it('has no dates in the open period', () => {
    const { period_start, period_end, days_until_reset } = current(PeriodUsage.none, 'free', BillingPeriod.open);
    expect([period_start, period_end, days_until_reset]).toEqual([null, null, null]);
  });
});

describe('the answer to trends', () => {
  const bucket = { start: NOW, sessions: 0, counted: Duration.zero, transcriptions: 0, cost: Money.zero };
  const rate = (completed: number, failed: number): number | null =>
    usageTrendsResponse('day', [{ ...bucket, completed, failed }]).data[0]!.success_rate;

  it('has a success rate only where something ran, and 100 only when all succeeded', () => {
    expect([rate(0, 0), rate(0, 1), rate(3, 0), rate(2, 1), rate(9_999, 1)]).toEqual([null, 0, 100, 66.6, 99.9]);
  });
});

describe('the answer to predictions', () => {
  it('shows seconds as minutes, and what it cannot know as null', () => {
    const seconds = new LimitUse(6_001, 59, 12_000);
    const unknown = { status: 'insufficient_data', reason: 'too_few_events' } as const;
    const known = { status: 'projected', projected: 12_120, confidence: 'medium', limitDate: NOW } as const;
    const answer = usagePredictionsResponse({
      user,
      period,
      sessions: { use: new LimitUse(1, 0, 'unlimited'), projection: unknown },
      seconds: { use: seconds, projection: known },
      transcriptions: { use: new LimitUse(2, 0, 20), projection: unknown },
    });
    expect(answer.minutes).toEqual({
      status: 'projected',
      reason: null,
      used: 101,
      held: 1,
      limit: 200,
      projected: 202,
      projected_percentage: 101,
      estimated_limit_date: NOW.toISOString(),
      confidence: 'medium',
    });
    expect(answer.sessions).toEqual({
      status: 'insufficient_data',
      reason: 'too_few_events',
      used: 1,
      held: 0,
      limit: 'unlimited',
      projected: null,
      projected_percentage: null,
      estimated_limit_date: null,
      confidence: null,
    });
  });
});

describe('the answer to an explanation', () => {
  const explain = (
    metric: 'minutes' | 'cost',
    counter: bigint | null,
    recomputed: bigint,
  ): ReturnType<typeof usageExplanationResponse> =>
    usageExplanationResponse(
      { metric, period, sum: { entries: 3, recomputed, counter }, evidence: { kind: 'log', lines: [] } },
      { limit: 20, offset: 0 },
    );

  it('shows the counter as people see it, beside the exact sum', () => {
    expect(explain('minutes', 5_941n, 5_941n)).toMatchObject({
      unit: 'seconds',
      shown: 100,
      counter: 5_941,
      recomputed: 5_941,
      agrees: true,
      total: 3,
      has_more: true,
    });
  });

  it('says so when counter and sum differ', () => {
    expect(explain('minutes', 5_941n, 5_940n)).toMatchObject({ shown: 100, agrees: false });
  });

  it('of cost shows the sum itself, since no counter is kept', () => {
    expect(explain('cost', null, 6_100n)).toMatchObject({
      shown: 6_100,
      counter: null,
      agrees: true,
      unit: 'micro_usd',
    });
  });

  it('is an error rather than a number that is not exact', () => {
    expect(() => explain('cost', null, 2n ** 53n)).toThrow(RangeError);
  });
});
