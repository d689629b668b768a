import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { PLAN_NAMES, type PlanName } from '#domain/plans/plan-name';
import { Duration } from '#domain/shared/duration';
import { Money } from '#domain/shared/money';
import { BillingPeriod } from '#domain/usage/billing-period';
import { PeriodUsage } from '#domain/usage/period-usage';
import { TRANSCRIPTION_TYPES } from '#domain/usage/transcription-type';
import { type InsightSources, insightsFrom, type UsageInsight } from '#domain/usage/usage-insight';
import type { PeriodTotals, UsageBucket, UsageShare } from '#domain/usage/usage-totals';

const NOW = new Date('2026-06-20T12:00:00.000Z');
const ANCHOR = new Date('2026-01-01T00:00:00.000Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const june = BillingPeriod.containing(NOW, ANCHOR);
const back = (months: number): BillingPeriod =>
  BillingPeriod.containing(new Date(Date.UTC(2026, 5 - months, 10)), ANCHOR);
const minutes = (value: number): Duration => Duration.ofMinutes(value);

const share = (of: Partial<UsageShare> = {}): UsageShare => ({
  runs: 0,
  failed: 0,
  counted: Duration.zero,
  cost: Money.zero,
  ...of,
});

const totals = (period: BillingPeriod, of: Partial<PeriodTotals> = {}): PeriodTotals => ({
  period,
  sessions: 0,
  used: Duration.zero,
  transcriptions: 0,
  all: share(),
  byType: TRANSCRIPTION_TYPES.map((type) => ({ type, ...share() })),
  byProvider: [],
  largestFileBytes: null,
  ...of,
});

/** Sixty days that end today; `of(n)` says what happened n days ago. */
const days = (of: (ago: number) => Partial<UsageBucket> = () => ({})): UsageBucket[] =>
  Array.from({ length: 60 }, (_, index) => ({
    start: new Date(Date.UTC(2026, 5, 20) - (59 - index) * DAY_MS),
    sessions: 0,
    counted: Duration.zero,
    transcriptions: 0,
    completed: 0,
    failed: 0,
    cost: Money.zero,
    ...of(59 - index),
  }));

const insights = (of: Partial<InsightSources> & { planName?: PlanName } = {}): readonly UsageInsight[] => {
  const { planName = 'student', ...given } = of;
  return insightsFrom({
    plan: DEFAULT_CATALOG.plans[planName],
    plans: PLAN_NAMES.map((name) => DEFAULT_CATALOG.plans[name]),
    registeredAt: ANCHOR,
    period: june,
    usage: PeriodUsage.none,
    current: totals(june),
    past: [],
    days: days(),
    now: NOW,
    ...given,
  });
};

const types = (found: readonly UsageInsight[]): string[] => found.map(({ type }) => type);

describe('insights', () => {
  it('are none where there is nothing to show', () => {
    expect(insights()).toEqual([]);
  });

  it('say that a limit is near, with the numbers, and that a larger plan has more', () => {
    const usage = new PeriodUsage(10, minutes(390), 5, minutes(10), 1, 1);
    expect(insights({ usage })).toEqual([
      expect.objectContaining({
        type: 'limit_approaching',
        evidence: {
          limit_type: 'minutes',
          used: 390,
          held: 10,
          limit: 500,
          percentage: 80,
          resets_at: '2026-07-01T00:00:00.000Z',
        },
        action: 'upgrade',
      }),
    ]);
  });

  it('do not say it below eighty percent', () => {
    expect(insights({ usage: new PeriodUsage(39, minutes(399), 79, Duration.zero, 0, 0) })).toEqual([]);
  });

  it('say that a limit is reached when nothing of it is left, by the second', () => {
    const full = new PeriodUsage(50, minutes(500), 100, Duration.zero, 0, 0);
    expect(types(insights({ usage: full }))).toEqual(['limit_reached', 'limit_reached', 'limit_reached']);
    const almost = new PeriodUsage(0, Duration.ofSeconds(500 * 60 - 1), 0, Duration.zero, 0, 0);
    expect(types(insights({ usage: almost }))).toEqual(['limit_approaching']);
  });

  it('propose no upgrade where no plan has more', () => {
    const plans = [DEFAULT_CATALOG.plans.free];
    const usage = new PeriodUsage(10, Duration.zero, 0, Duration.zero, 0, 0);
    expect(insights({ planName: 'free', plans, usage })).toMatchObject([{ type: 'limit_reached', action: 'review' }]);
  });

  it('say that many transcriptions fail: three at least, and a fifth of them', () => {
    const failing = (completed: number, failed: number): readonly UsageInsight[] =>
      insights({ days: days((ago) => (ago === 3 ? { completed, failed } : {})) });
    expect(failing(12, 3)).toMatchObject([
      { type: 'many_failures', evidence: { days: 30, runs: 15, failed: 3, success_rate: 80 }, action: 'review' },
    ]);
    expect(types(failing(13, 3))).not.toContain('many_failures');
    expect(types(failing(0, 2))).not.toContain('many_failures');
  });

  it('forget failures of more than thirty days ago', () => {
    expect(insights({ days: days((ago) => (ago === 30 ? { failed: 9 } : {})) })).toEqual([]);
    expect(types(insights({ days: days((ago) => (ago === 29 ? { failed: 9 } : {})) }))).toEqual(['many_failures']);
  });

  it('say what transcribing again costs from a quarter of the cost on', () => {
    const again = (runs: number, cost: bigint): readonly UsageInsight[] =>
      insights({
        current: totals(june, {
          all: share({ runs: 9, cost: Money.ofMicros(400n) }),
          byType: [{ type: 'retry_success', ...share({ runs, cost: Money.ofMicros(cost) }) }],
        }),
      });
    expect(again(2, 100n)).toMatchObject([
      {
        type: 'paid_retranscriptions',
        evidence: { runs: 2, cost_micros: 100, total_cost_micros: 400, percentage: 25 },
      },
    ]);
    expect(again(2, 99n)).toEqual([]);
    expect(again(1, 300n)).toEqual([]);
  });

  it('say that a smaller plan would do, by the whole periods before and the current one', () => {
    const past = [back(1), back(2)].map((period) =>
      totals(period, { sessions: 4, used: minutes(100), all: share({ runs: 4 }) }),
    );
    expect(insights({ past, usage: new PeriodUsage(1, minutes(20), 1, Duration.zero, 0, 0) })).toMatchObject([
      {
        type: 'plan_larger_than_needed',
        evidence: {
          periods: 2,
          most_sessions: 4,
          most_minutes: 100,
          smaller_plan: 'free',
          saves_micros_per_month: 9_990_000,
        },
        action: 'downgrade',
      },
    ]);
  });

  it.each([
    ['a recording was too large for it', { largestFileBytes: 61 * 1024 * 1024 }],
    ['it would have been nearly full', { used: minutes(161) }],
    ['there were too many sessions for it', { sessions: 9 }],
    ['there were too many transcriptions for it', { transcriptions: 17 }],
  ])('propose no smaller plan when %s', (_case, of) => {
    const past = [back(1), back(2)].map((period) => totals(period, { sessions: 4, all: share({ runs: 4 }), ...of }));
    expect(insights({ past })).toEqual([]);
  });

  it('propose no smaller plan from one period, from a short one, or to who uses nothing', () => {
    const busy = { sessions: 4, all: share({ runs: 4 }) };
    expect(insights({ past: [totals(back(1), busy)] })).toEqual([]);
    const cut = back(2).cutAt(new Date('2026-04-20T00:00:00.000Z'));
    expect(insights({ past: [totals(back(1), busy), totals(cut, busy)] })).toEqual([]);
    expect(insights({ past: [totals(back(1)), totals(back(2))] })).toEqual([]);
  });

  it('say that use grows or falls by a quarter and more, from one month to the next', () => {
    const months = (before: number, recent: number): readonly UsageInsight[] =>
      insights({
        days: days((ago) =>
          ago === 40 ? { counted: minutes(before) } : ago === 10 ? { counted: minutes(recent) } : {},
        ),
      });
    expect(months(100, 125)).toMatchObject([
      {
        type: 'use_growing',
        evidence: { days: 30, minutes: 125, previous_minutes: 100, change_percent: 25 },
        action: 'review',
      },
    ]);
    expect(months(100, 75)).toMatchObject([{ type: 'use_falling', evidence: { change_percent: -25 }, action: null }]);
    expect(months(100, 124)).toEqual([]);
    expect(months(29, 200)).toEqual([]);
  });

  it('do not say that somebody has grown who was not there the month before', () => {
    const growing = days((ago) => ({ counted: minutes(ago < 30 ? 20 : 10) }));
    expect(types(insights({ days: growing }))).toEqual(['use_growing']);
    expect(insights({ days: growing, registeredAt: new Date(NOW.getTime() - 59 * DAY_MS) })).toEqual([]);
  });

  it('name the weekday on which most happens, from two in five on', () => {
    // 20 June 2026 is a Saturday: Mondays are 5, 12, 19, … days ago.
    const mondays = (on: number, other: number): readonly UsageInsight[] =>
      insights({ days: days((ago) => ({ completed: ago % 7 === 5 ? on : ago % 7 === 1 ? other : 0 })) });
    expect(mondays(3, 2)).toMatchObject([
      {
        type: 'busy_weekday',
        evidence: { days: 56, weekday: 'Monday', weeks: 8, completed: 24, of: 40 },
        action: null,
      },
    ]);
    const spread = days((ago) => ({ completed: ago % 7 === 5 ? 3 : 1 }));
    expect(insights({ days: spread })).toEqual([]);
    expect(mondays(1, 0)).toEqual([]);
  });

  it('take one busy day for no pattern', () => {
    const busy = (...on: number[]): UsageBucket[] => days((ago) => ({ completed: on.includes(ago) ? 10 : 0 }));
    expect(insights({ days: busy(5, 12) })).toEqual([]);
    expect(types(insights({ days: busy(5, 12, 19) }))).toEqual(['busy_weekday']);
  });

  it('come with the pressing first', () => {
    const usage = new PeriodUsage(50, Duration.zero, 0, Duration.zero, 0, 0);
    const failing = days((ago) => (ago === 3 ? { failed: 5 } : {}));
    expect(types(insights({ usage, days: failing }))).toEqual(['limit_reached', 'many_failures']);
  });
});
