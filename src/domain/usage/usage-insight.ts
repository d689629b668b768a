import type { Plan } from '../plans/plan-catalog.js';
import type { Facts } from '../shared/domain-exception.js';
import { Duration } from '../shared/duration.js';
import type { Limit } from '../shared/limit.js';
import type { BillingPeriod } from './billing-period.js';
import { LimitUse } from './limit-use.js';
import type { PeriodUsage } from './period-usage.js';
import type { PeriodTotals, UsageBucket } from './usage-totals.js';

export const INSIGHT_TYPES = [
  ...['limit_reached', 'limit_approaching', 'plan_larger_than_needed', 'many_failures', 'paid_retranscriptions'],
  ...['use_growing', 'use_falling', 'busy_weekday'],
] as const;
export const INSIGHT_ACTIONS = ['upgrade', 'downgrade', 'review'] as const;

/** Something worth knowing about a user's use, with the numbers that show it. */
export interface UsageInsight {
  readonly type: (typeof INSIGHT_TYPES)[number];
  readonly title: string;
  readonly message: string;
  readonly evidence: Facts;
  readonly action: (typeof INSIGHT_ACTIONS)[number] | null;
}

/** All that an insight may be drawn from: the real plan, the counters and the log. */
export interface InsightSources {
  readonly plan: Plan;
  /** The whole catalogue, from the smallest to the largest. */
  readonly plans: readonly Plan[];
  readonly registeredAt: Date;
  readonly period: BillingPeriod;
  readonly usage: PeriodUsage;
  readonly current: PeriodTotals;
  /** Periods that have ended, newest first. */
  readonly past: readonly PeriodTotals[];
  /** The last sixty UTC days, oldest first. */
  readonly days: readonly UsageBucket[];
  readonly now: Date;
}

export const DAYS_OF_INSIGHT = 60;

const DAY_MS = 24 * 60 * 60 * 1000;
const APPROACHING_PERCENT = 80;
const FEWEST_FAILURES = 3;
const FAILURE_PERCENT = 20;
const RETRANSCRIPTION_PERCENT = 25;
const TREND_PERCENT = 25;
const FEWEST_TREND_MINUTES = 30;
const FEWEST_RUNS_OF_PATTERN = 10;
/** One busy day is no pattern. */
const FEWEST_WEEKS_OF_PATTERN = 3;
const WEEKDAY_PERCENT = 40;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** What the sources show, the pressing first. Nothing is said that they do not show. */
export function insightsFrom(sources: InsightSources): readonly UsageInsight[] {
  return [
    ...limits(sources),
    ...failures(sources),
    ...retranscriptions(sources),
    ...smallerPlan(sources),
    ...trend(sources),
    ...weekday(sources),
  ];
}

function* limits({ plan, plans, usage, period }: InsightSources): Generator<UsageInsight> {
  for (const { name, use, used, held, limitIn } of limitUses(plan, usage)) {
    const percentage = use.takenPercentage;
    if (percentage === null || percentage < APPROACHING_PERCENT) continue;
    const reached = use.remaining === 0;
    const limit = limitIn(plan);
    yield {
      type: reached ? 'limit_reached' : 'limit_approaching',
      title: reached ? `No ${name} left` : `Few ${name} left`,
      message: `${percentage} % of the ${name} of this period are used or held.`,
      evidence: { limit_type: name, used, held, limit, percentage, resets_at: period.end?.toISOString() ?? null },
      action: larger(plan, plans).some((other) => exceeds(limitIn(other), limit)) ? 'upgrade' : 'review',
    };
  }
}

function* failures({ days }: InsightSources): Generator<UsageInsight> {
  const recent = days.slice(-30);
  const failed = sum(recent, (day) => day.failed);
  const runs = failed + sum(recent, (day) => day.completed);
  if (failed < FEWEST_FAILURES || failed * 100 < runs * FAILURE_PERCENT) return;
  yield {
    type: 'many_failures',
    title: 'Many transcriptions fail',
    message: `${failed} of ${runs} transcriptions of the last 30 days failed. Failed ones and their retries are free.`,
    evidence: { days: 30, runs, failed, success_rate: percent(runs - failed, runs) },
    action: 'review',
  };
}

function* retranscriptions({ current }: InsightSources): Generator<UsageInsight> {
  const again = current.byType.find(({ type }) => type === 'retry_success');
  if (!again || again.runs < 2 || again.cost.micros === 0n) return;
  const [cost, total] = [again.cost.toNumber(), current.all.cost.toNumber()];
  if (cost * 100 < total * RETRANSCRIPTION_PERCENT) return;
  yield {
    type: 'paid_retranscriptions',
    title: 'Transcribing again costs much',
    message: `${percent(cost, total)} % of the cost of this period are recordings that had been transcribed before.`,
    evidence: { runs: again.runs, cost_micros: cost, total_cost_micros: total, percentage: percent(cost, total) },
    action: 'review',
  };
}

function* smallerPlan({ plan, plans, usage, current, past }: InsightSources): Generator<UsageInsight> {
  const whole = past.filter(({ period }) => isWhole(period)).slice(0, 3);
  if (whole.length < 2 || whole.every(({ all, sessions }) => all.runs === 0 && sessions === 0)) return;
  const most = {
    sessions: Math.max(usage.sessions, ...whole.map(({ sessions }) => sessions)),
    seconds: Math.max(usage.used.seconds + usage.held.seconds, ...whole.map(({ used }) => used.seconds)),
    transcriptions: Math.max(usage.transcriptions, ...whole.map(({ transcriptions }) => transcriptions)),
    fileBytes: Math.max(...[current, ...whole].map(({ largestFileBytes }) => largestFileBytes ?? 0)),
  };
  const enough = smaller(plan, plans).find(
    ({ limits, monthlyPrice }) =>
      monthlyPrice.micros < plan.monthlyPrice.micros &&
      leavesRoom(limits.sessions, most.sessions) &&
      leavesRoom(limits.seconds, most.seconds) &&
      leavesRoom(limits.transcriptions, most.transcriptions) &&
      most.fileBytes <= limits.fileSizeBytes,
  );
  if (!enough) return;
  yield {
    type: 'plan_larger_than_needed',
    title: 'A smaller plan would do',
    message: `The ${enough.displayName} plan would have been enough in this and the last ${whole.length} periods.`,
    evidence: {
      periods: whole.length,
      most_sessions: most.sessions,
      most_minutes: Duration.ofSeconds(most.seconds).minutes,
      most_transcriptions: most.transcriptions,
      smaller_plan: enough.name,
      saves_micros_per_month: Number(plan.monthlyPrice.micros - enough.monthlyPrice.micros),
    },
    action: 'downgrade',
  };
}

function* trend({ days, registeredAt, now }: InsightSources): Generator<UsageInsight> {
  // Somebody who was not here the month before has not grown.
  if (now.getTime() - registeredAt.getTime() < DAYS_OF_INSIGHT * DAY_MS) return;
  const [before, recent] = [days.slice(-60, -30), days.slice(-30)].map((span) =>
    span.reduce((all, day) => all.plus(day.counted), Duration.zero),
  ) as [Duration, Duration];
  if (before.minutes < FEWEST_TREND_MINUTES) return;
  const change = Math.round(((recent.seconds - before.seconds) * 100) / before.seconds);
  if (Math.abs(change) < TREND_PERCENT) return;
  const growing = change > 0;
  yield {
    type: growing ? 'use_growing' : 'use_falling',
    title: growing ? 'Use is growing' : 'Use is falling',
    message: `${recent.minutes} minutes in the last 30 days, ${before.minutes} in the 30 days before.`,
    evidence: { days: 30, minutes: recent.minutes, previous_minutes: before.minutes, change_percent: change },
    action: growing ? 'review' : null,
  };
}

function* weekday({ days }: InsightSources): Generator<UsageInsight> {
  // Whole weeks, so that every weekday has had the same chance.
  const weeks = days.slice(-56);
  const all = sum(weeks, (day) => day.completed);
  if (all < FEWEST_RUNS_OF_PATTERN) return;
  const byWeekday = WEEKDAYS.map((name, index) => {
    const those = weeks.filter(({ start, completed }) => start.getUTCDay() === index && completed > 0);
    return { name, weeks: those.length, completed: sum(those, (day) => day.completed) };
  });
  const most = byWeekday.reduce((one, other) => (other.completed > one.completed ? other : one));
  if (most.weeks < FEWEST_WEEKS_OF_PATTERN || most.completed * 100 < all * WEEKDAY_PERCENT) return;
  yield {
    type: 'busy_weekday',
    title: `Most happens on ${most.name}`,
    message: `${most.completed} of ${all} transcriptions of the last 8 weeks were finished on a ${most.name} (UTC).`,
    evidence: { days: 56, weekday: most.name, weeks: most.weeks, completed: most.completed, of: all },
    action: null,
  };
}

/** One limit: compared in its exact unit, told in the unit that people know. */
interface NamedUse {
  readonly name: string;
  readonly use: LimitUse;
  readonly used: number;
  readonly held: number;
  readonly limitIn: (plan: Plan) => Limit;
}

function limitUses(
  { limits }: Plan,
  { sessions, used, held, transcriptions, heldTranscriptions }: PeriodUsage,
): NamedUse[] {
  return [
    {
      name: 'sessions',
      use: new LimitUse(sessions, 0, limits.sessions),
      used: sessions,
      held: 0,
      limitIn: (plan) => plan.limits.sessions,
    },
    {
      name: 'minutes',
      use: new LimitUse(used.seconds, held.seconds, limits.seconds),
      used: used.minutes,
      held: held.minutes,
      limitIn: (plan) => plan.limits.minutes,
    },
    {
      name: 'transcriptions',
      use: new LimitUse(transcriptions, heldTranscriptions, limits.transcriptions),
      used: transcriptions,
      held: heldTranscriptions,
      limitIn: (plan) => plan.limits.transcriptions,
    },
  ];
}

function smaller(plan: Plan, plans: readonly Plan[]): readonly Plan[] {
  return plans.slice(
    0,
    plans.findIndex(({ name }) => name === plan.name),
  );
}

function larger(plan: Plan, plans: readonly Plan[]): readonly Plan[] {
  return plans.slice(plans.findIndex(({ name }) => name === plan.name) + 1);
}

function exceeds(one: Limit, other: Limit): boolean {
  if (other === 'unlimited') return false;
  return one === 'unlimited' || one > other;
}

function leavesRoom(limit: Limit, amount: number): boolean {
  return limit === 'unlimited' || amount * 100 <= limit * APPROACHING_PERCENT;
}

/** A period that a reset cut short says little about what a whole one needs. */
function isWhole({ start, end }: BillingPeriod): boolean {
  return start !== null && end !== null && end.getTime() - start.getTime() >= 28 * DAY_MS;
}

function sum<T>(of: readonly T[], amount: (one: T) => number): number {
  return of.reduce((all, one) => all + amount(one), 0);
}

/** One decimal, rounded down. */
function percent(part: number, whole: number): number {
  return Math.floor((part * 1000) / whole) / 10;
}
