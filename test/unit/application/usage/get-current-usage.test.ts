import { jest } from '@jest/globals';
import { GetCurrentUsage } from '#application/usage/get-current-usage';
import { UserNotFound } from '#domain/accounts/user-repository';
import { PlanUnknown } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { aUser } from '#test/support/builders/users';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { PeriodWorld } from '#test/support/period-world';

let world: PeriodWorld;
let question: GetCurrentUsage;
beforeEach(() => {
  world = new PeriodWorld();
  question = new GetCurrentUsage(world.users, world.plans, world.holds, world.clock);
});

describe('the current usage', () => {
  it('is that of the period that contains now, with the limits of the plan', async () => {
    const user = await world.user();
    await world.countSessions(user, 2);
    await world.hold(user, 90);
    const { plan, period, usage, now } = await question.execute(user.id);
    expect([plan.name, period.start, now]).toEqual(['free', new Date('2026-03-15T09:30:00.000Z'), world.clock.now()]);
    expect([usage.sessions, usage.held.seconds, usage.running]).toEqual([3, 90, 1]);
  });

  it('does not hold last month against anyone, although nothing was reset', async () => {
    const user = await world.user();
    await world.countSessions(user, 10);
    world.clock.set('2026-04-15T09:30:00.000Z');
    expect((await question.execute(user.id)).usage.sessions).toBe(0);
  });

  it('counts everything ever for an imported user in the open period', async () => {
    const user = await world.user({ currentMonthStart: null, periodAnchor: null });
    await world.countSessions(user, 2);
    world.clock.set('2029-01-01T00:00:00.000Z');
    const { usage, period } = await question.execute(user.id);
    expect([usage.sessions, period.start, period.end]).toEqual([2, null, null]);
  });

  it('forgets a hold when its time is over, and nobody has to act', async () => {
    const user = await world.user();
    const { expiresAt } = await world.hold(user, 90);
    world.clock.set(expiresAt);
    expect((await question.execute(user.id)).usage).toMatchObject({ running: 0, heldTranscriptions: 0 });
  });

  it('asks for a user who may be half a second old, and for usage once', async () => {
    const user = await world.user();
    const [recent, usageIn, get] = [
      jest.spyOn(world.users, 'recent'),
      jest.spyOn(world.holds, 'usageIn'),
      jest.spyOn(world.users, 'hold'),
    ];
    await question.execute(user.id);
    expect([recent.mock.calls.length, usageIn.mock.calls.length, get.mock.calls.length]).toEqual([1, 1, 0]);
  });

  it('is refused for nobody, and for a plan that the catalogue does not know', async () => {
    await expect(question.execute(aUser().id)).rejects.toThrow(UserNotFound);
    const user = await world.user({ plan: 'enterprise' as PlanName });
    await expect(question.execute(user.id)).rejects.toThrow(PlanUnknown);
  });

  it('is an error when the database cannot be asked, never zeros', async () => {
    const user = await world.user();
    const broken = new GetCurrentUsage(world.users, world.plans, failingAt(world.holds, 'usageIn'), world.clock);
    await expect(broken.execute(user.id)).rejects.toThrow(DatabaseGone);
  });
});
