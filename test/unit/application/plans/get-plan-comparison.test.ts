import { GetPlanComparison, type PlanComparison } from '#application/plans/get-plan-comparison';
import type { DeviceRepository } from '#domain/accounts/device';
import type { User } from '#domain/accounts/user';
import { Duration } from '#domain/shared/duration';
import { ScriptedUsageReport } from '#test/support/fakes/scripted-usage-report';
import { PeriodWorld } from '#test/support/period-world';

let world: PeriodWorld;
let report: ScriptedUsageReport;
let devices: number;
beforeEach(() => {
  world = new PeriodWorld();
  report = new ScriptedUsageReport();
  devices = 1;
});

const compare = (user: User): Promise<PlanComparison> => {
  const repository = { countActive: async () => devices } as unknown as DeviceRepository;
  return new GetPlanComparison(world.users, repository, world.plans, world.holds, report, world.clock).execute(user.id);
};
const fitting = ({ plans }: PlanComparison): string[] => plans.filter(({ fits }) => fits).map(({ plan }) => plan.name);

describe('the comparison of plans', () => {
  it('measures each plan against the most that was used in one period', async () => {
    const user = await world.user({ plan: 'student' });
    report.totals.set('2026-03-15T09:30:00.000Z', { sessions: 3, used: Duration.ofMinutes(20), transcriptions: 25 });
    report.totals.set('2026-02-15T09:30:00.000Z', { sessions: 12, used: Duration.ofMinutes(250), transcriptions: 6 });
    const comparison = await compare(user);
    expect(comparison.peak).toEqual({
      periods: 3,
      sessions: 12,
      seconds: 15_000,
      transcriptions: 25,
      largestFileMb: 0,
      devices: 1,
    });
    const [free, student] = comparison.plans;
    expect([free!.sessions.percentage, free!.seconds.percentage, free!.transcriptions.percentage]).toEqual([
      120, 125, 125,
    ]);
    expect([free!.sessions.fits, free!.fits, free!.isCurrent]).toEqual([false, false, false]);
    expect([student!.seconds.percentage, student!.fits, student!.isCurrent]).toEqual([50, true, true]);
    expect(comparison.plans[3]!.seconds.percentage).toBeNull();
  });

  it('counts what is held now', async () => {
    const user = await world.user();
    await world.hold(user, 201 * 60);
    expect((await compare(user)).peak).toMatchObject({ seconds: 12_060, transcriptions: 1 });
    expect(fitting(await compare(user))).toEqual(['student', 'pro', 'coaching_school']);
  });

  it('says that a plan does not fit whose files or devices are too few', async () => {
    const user = await world.user({ plan: 'pro' });
    devices = 4;
    expect(fitting(await compare(user))).toEqual(['pro', 'coaching_school']);
    devices = 1;
    report.totals.set('2026-02-15T09:30:00.000Z', { largestFileBytes: 100 * 1024 * 1024 + 1 });
    const comparison = await compare(user);
    expect(fitting(comparison)).toEqual(['pro', 'coaching_school']);
    expect(comparison.peak.largestFileMb).toBe(100.01);
  });

  it('finds every plan large enough for who has used nothing', async () => {
    expect(fitting(await compare(await world.user()))).toEqual(['free', 'student', 'pro', 'coaching_school']);
  });
});
