import { jest } from '@jest/globals';
import { AccountBusy, SessionCreation } from '#application/sessions/session-creation';
import { ProviderUnknown } from '#application/sessions/transcribers';
import type { User } from '#domain/accounts/user';
import { UserSuspended } from '#domain/accounts/user';
import { UserNotFound } from '#domain/accounts/user-repository';
import { PlanUnknown } from '#domain/plans/plan-catalog';
import { LimitExceeded } from '#domain/plans/plan-limits';
import type { PlanName } from '#domain/plans/plan-name';
import type { SessionRepository } from '#domain/sessions/session-repository';
import { aUser } from '#test/support/builders/users';
import { DatabaseGone, failingAt, withMethods } from '#test/support/failing';
import { refusalOf } from '#test/support/refusals';
import { type SessionPorts, SessionWorld } from '#test/support/session-world';

const creating = (world: SessionWorld, instead: Partial<SessionPorts> = {}) => {
  const { users, plans, transcribers, sessions, holds } = { ...worldPorts(world), ...instead };
  return new SessionCreation(users, plans, transcribers, sessions, holds, world.telemetry, world.clock, world.ids);
};
const worldPorts = ({ users, plans, transcribers, sessions, holds }: SessionWorld) => ({
  users,
  plans,
  transcribers,
  sessions,
  holds,
});
const asked = (user: Pick<User, 'id'>) => ({ userId: user.id, title: 'Monday', language: 'auto', sttProvider: 'auto' });

describe('SessionCreation', () => {
  it('opens a session that waits for its recording, counted in the period that contains now', async () => {
    const world = new SessionWorld();
    const user = await world.user();
    const session = await creating(world).execute(asked(user));
    expect(session).toMatchObject({ userId: user.id, title: 'Monday', status: 'uploading', attempts: 0 });
    expect(session.createdAt).toEqual(world.clock.now());
    expect(session.periodStart).toEqual(new Date('2026-02-15T09:30:00.000Z'));
    expect((await world.usageOf(user)).sessions).toBe(1);
    expect(await world.sessions.get(session.id, user.id)).toEqual(session);
    expect(world.telemetry.counted).toEqual([`sessionCreated ${user.plan}`]);
  });

  it('resolves auto to the provider that is offered first', async () => {
    const world = new SessionWorld();
    const session = await creating(world).execute(asked(await world.user()));
    expect(session.sttProvider).toBe('sandbox');
  });

  it('refuses a provider that is not configured, and counts nothing', async () => {
    const world = new SessionWorld();
    const user = await world.user();
    const refused = await refusalOf(creating(world).execute({ ...asked(user), sttProvider: 'nobody' }));
    expect(refused).toBeInstanceOf(ProviderUnknown);
    expect((await world.usageOf(user)).sessions).toBe(0);
  });

  it('refuses one session more than the plan allows, with the numbers it compared', async () => {
    const world = new SessionWorld({ free: { sessions: 2 } });
    const user = await world.user();
    await creating(world).execute(asked(user));
    await creating(world).execute(asked(user));
    const refused = await refusalOf(creating(world).execute(asked(user)));
    expect(refused).toBeInstanceOf(LimitExceeded);
    expect(refused.code).toBe('session_limit_exceeded');
    expect(refused.facts).toEqual({
      plan: 'free',
      current_usage: 2,
      limit: 2,
      period_start: '2026-02-15T09:30:00.000Z',
      resets_at: '2026-03-15T09:30:00.000Z',
    });
    expect((await world.usageOf(user)).sessions).toBe(2);
  });

  it('does not hold last month against anyone', async () => {
    const world = new SessionWorld({ free: { sessions: 1 } });
    const user = await world.user();
    await creating(world).execute(asked(user));
    world.clock.set('2026-03-15T09:30:00.000Z');
    await expect(creating(world).execute(asked(user))).resolves.toMatchObject({ status: 'uploading' });
  });

  it('counts everything in the open period of an imported user', async () => {
    const world = new SessionWorld({ free: { sessions: 1 } });
    const user = await world.user({ currentMonthStart: null, periodAnchor: null });
    const session = await creating(world).execute(asked(user));
    expect(session.periodStart).toBeNull();
    world.clock.advance(400 * 24 * 60 * 60);
    expect((await refusalOf(creating(world).execute(asked(user)))).facts).toMatchObject({
      period_start: null,
      resets_at: null,
    });
  });

  it('gives the last session to exactly one of many that ask for it', async () => {
    const world = new SessionWorld({ free: { sessions: 5 } });
    const user = await world.user();
    const answers = await Promise.allSettled(Array.from({ length: 40 }, () => creating(world).execute(asked(user))));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect((await world.usageOf(user)).sessions).toBe(5);
  });

  it('decides by the plan as it is, however old the user that the claim was phrased for', async () => {
    const world = new SessionWorld({ free: { sessions: 0 } });
    const old = await world.user();
    await world.transaction.run(async () => {
      await world.users.hold(old.id);
      await world.users.save(old.withPlan('pro'));
    });
    const users = withMethods(world.users, { recent: async () => old });
    await expect(creating(world, { users }).execute(asked(old))).resolves.toMatchObject({ userId: old.id });
  });

  it('refuses a user who was suspended a moment ago', async () => {
    const world = new SessionWorld();
    const before = await world.user();
    await world.transaction.run(async () => {
      await world.users.hold(before.id);
      await world.users.save(before.suspended(world.clock.now()));
    });
    const users = withMethods(world.users, { recent: async () => before });
    expect(await refusalOf(creating(world, { users }).execute(asked(before)))).toBeInstanceOf(UserSuspended);
  });

  it('refuses a user who does not exist', async () => {
    const world = new SessionWorld();
    expect(await refusalOf(creating(world).execute(asked(aUser())))).toBeInstanceOf(UserNotFound);
  });

  it('fails closed for a plan that the catalogue does not know', async () => {
    const world = new SessionWorld();
    const user = await world.user({ plan: 'bespoke' as PlanName });
    expect(await refusalOf(creating(world).execute(asked(user)))).toBeInstanceOf(PlanUnknown);
    expect((await world.usageOf(user)).sessions).toBe(0);
  });

  it('gives up on an account that changes faster than a claim can be phrased', async () => {
    const world = new SessionWorld();
    const user = await world.user();
    const addWithin = jest.fn<SessionRepository['addWithin']>().mockResolvedValue(false);
    const sessions = withMethods(world.sessions, { addWithin });
    const refused = await refusalOf(creating(world, { sessions }).execute(asked(user)));
    expect(refused).toBeInstanceOf(AccountBusy);
    expect(addWithin).toHaveBeenCalledTimes(8);
  });

  it.each(['recent', 'get'] as const)('lets an outage of users.%s through, and counts nothing', async (method) => {
    const world = new SessionWorld({ free: { sessions: 0 } });
    const user = await world.user();
    const users = failingAt(world.users, method);
    await expect(creating(world, { users }).execute(asked(user))).rejects.toThrow(DatabaseGone);
    expect((await world.usageOf(user)).sessions).toBe(0);
  });

  it('lets an outage while saving through, and counts nothing', async () => {
    const world = new SessionWorld();
    const user = await world.user();
    const sessions = failingAt(world.sessions, 'addWithin');
    await expect(creating(world, { sessions }).execute(asked(user))).rejects.toThrow(DatabaseGone);
    expect((await world.usageOf(user)).sessions).toBe(0);
    expect((await world.sessions.list(user.id, { status: null, page: { limit: 9, offset: 0 } })).total).toBe(0);
  });
});
