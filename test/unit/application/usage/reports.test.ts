import { GetUsageHistory } from '#application/usage/get-usage-history';
import { GetUsageInsights } from '#application/usage/get-usage-insights';
import { GetUsagePredictions } from '#application/usage/get-usage-predictions';
import { GetUsageSummary } from '#application/usage/get-usage-summary';
import { GetUsageTrends } from '#application/usage/get-usage-trends';
import { UserNotFound } from '#domain/accounts/user-repository';
import { Duration } from '#domain/shared/duration';
import { aUser } from '#test/support/builders/users';
import { ScriptedUsageReport } from '#test/support/fakes/scripted-usage-report';
import { PeriodWorld } from '#test/support/period-world';

let world: PeriodWorld;
let report: ScriptedUsageReport;
beforeEach(() => {
  world = new PeriodWorld();
  report = new ScriptedUsageReport();
});

const starts = (periods: readonly { readonly period: { readonly start: Date | null } }[]): (string | undefined)[] =>
  periods.map(({ period }) => period.start?.toISOString().slice(0, 10));

describe('the usage history', () => {
  const history = (): GetUsageHistory => new GetUsageHistory(world.users, report, world.clock);

  it('is one row for each billing period since registration, newest first, empty ones included', async () => {
    const user = await world.user();
    expect(starts(await history().execute(user.id, 12))).toEqual(['2026-03-15', '2026-02-15', '2026-01-15']);
  });

  it('is no longer than was asked for', async () => {
    const user = await world.user();
    expect(starts(await history().execute(user.id, 2))).toEqual(['2026-03-15', '2026-02-15']);
  });

  it('follows the resets that stand', async () => {
    const user = await world.user();
    const { reset } = await world.reset(user);
    report.resets = [reset];
    expect(starts(await history().execute(user.id, 3))).toEqual(['2026-03-20', '2026-03-15', '2026-02-15']);
  });

  it('of nobody is refused', async () => {
    await expect(history().execute(aUser().id, 3)).rejects.toThrow(UserNotFound);
  });
});

describe('the usage summary', () => {
  it('is about the current period, and everything since registration', async () => {
    const user = await world.user();
    await world.countSessions(user, 2);
    report.totals.set('2026-03-15T09:30:00.000Z', { sessions: 2, transcriptions: 7 });
    const summary = new GetUsageSummary(world.users, world.plans, world.holds, report, world.clock);
    const { current, totals, lifetime } = await summary.execute(user.id);
    expect([current.usage.sessions, totals.sessions, totals.transcriptions]).toEqual([2, 2, 7]);
    expect(lifetime.sessions).toBe(0);
  });
});

describe('usage trends', () => {
  it('are the last days in UTC, today included', async () => {
    await new GetUsageTrends(report, world.clock).execute(aUser().id, { days: 7, by: 'day' });
    expect(report.askedBuckets).toEqual([
      { from: new Date('2026-03-14T12:00:00.000Z'), to: new Date('2026-03-20T12:00:00.000Z'), by: 'day' },
    ]);
  });
});

describe('usage predictions', () => {
  const predictions = (): GetUsagePredictions =>
    new GetUsagePredictions(world.users, world.plans, world.holds, world.clock);

  it('go on at the pace of the current period', async () => {
    const user = await world.user();
    world.clock.set('2026-03-15T10:00:00.000Z');
    await world.countSessions(user, 4);
    world.clock.set('2026-03-25T09:30:00.000Z');
    const { sessions, seconds, period } = await predictions().execute(user.id);
    // Four in ten of thirty-one days.
    expect(sessions.projection).toMatchObject({ status: 'projected', projected: 12 });
    expect(sessions.use.limit).toBe(10);
    expect(seconds.projection).toEqual({ status: 'insufficient_data', reason: 'too_few_events' });
    expect(period.end).toEqual(new Date('2026-04-15T09:30:00.000Z'));
  });

  it('are none at the beginning of a period, however much the last one had', async () => {
    const user = await world.user();
    await world.countSessions(user, 9);
    world.clock.set('2026-04-16T09:30:00.000Z');
    const { sessions } = await predictions().execute(user.id);
    expect(sessions.projection).toEqual({ status: 'insufficient_data', reason: 'period_too_young' });
  });
});

describe('usage insights', () => {
  const insights = (): GetUsageInsights =>
    new GetUsageInsights(world.users, world.plans, world.holds, report, world.clock);

  it('are drawn from the real plan and the counters of the current period', async () => {
    const user = await world.user();
    await world.countSessions(user, 8);
    expect(await insights().execute(user.id)).toMatchObject([
      { type: 'limit_approaching', evidence: { limit_type: 'sessions', used: 8, limit: 10 } },
    ]);
  });

  it('look at sixty days and at the periods before this one', async () => {
    const user = await world.user({ plan: 'student', createdAt: new Date('2025-06-15T09:30:00.000Z') });
    for (const start of ['2026-02-15T09:30:00.000Z', '2026-01-15T09:30:00.000Z']) {
      report.totals.set(start, { sessions: 2, used: Duration.ofMinutes(30) });
    }
    // The anchor is in January: nothing was before it.
    expect(await insights().execute(user.id)).toMatchObject([
      { type: 'plan_larger_than_needed', evidence: { periods: 2, smaller_plan: 'free' } },
    ]);
    expect(report.askedBuckets).toEqual([
      { from: new Date('2026-01-20T12:00:00.000Z'), to: new Date('2026-03-20T12:00:00.000Z'), by: 'day' },
    ]);
  });

  it('are none for who has just registered', async () => {
    const now = world.clock.now();
    const user = await world.user({ createdAt: now, currentMonthStart: now, periodAnchor: now });
    expect(await insights().execute(user.id)).toEqual([]);
  });
});
