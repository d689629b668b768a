import type { PlanName } from '#domain/plans/plan-name';
import type { UserId } from '#domain/accounts/user';
import { UserNotFound } from '#domain/accounts/user-repository';
import { AccountsInMemory } from '#test/support/accounts';

let world: AccountsInMemory;
beforeEach(() => {
  world = new AccountsInMemory();
});

const NOBODY = '00000000-0000-7000-8000-0000000000ff' as UserId;
const change = (id: UserId, { plan }: { plan: PlanName }) =>
  world.userChange.execute(id, { plan, role: null, suspended: null }, { actor: 'cli:ops', reason: 'because' });

describe('what is shown of an account', () => {
  it('is the plan, and the period that contains now, however long nobody looked', async () => {
    const { id } = await world.givenUser({ plan: 'student' });
    world.clock.set('2026-07-01T00:00:00.000Z');
    const { user, plan, period } = await world.getProfile.execute(id);
    expect([user.id, plan.displayName]).toEqual([id, 'Student']);
    expect([period.start, period.end]).toEqual([
      new Date('2026-06-10T12:00:00.000Z'),
      new Date('2026-07-10T12:00:00.000Z'),
    ]);
  });

  it('is its devices, newest first, revoked ones included', async () => {
    const user = await world.givenUser();
    const first = await world.deviceRegistration.execute(user.id, 'old');
    await world.deviceRevocation.execute(first.device.id, user.id);
    world.clock.advance(1);
    await world.deviceRegistration.execute(user.id, 'new');
    await world.deviceRegistration.execute((await world.givenUser()).id, 'foreign');
    const names = (await world.listDevices.execute(user.id)).map(({ name, revokedAt }) => [name, revokedAt !== null]);
    expect(names).toEqual([
      ['new', false],
      ['old', true],
    ]);
  });

  it('is, to an operator, also the usage of the current period', async () => {
    const user = await world.givenUser({ plan: 'pro' });
    await world.deviceRegistration.execute(user.id, 'laptop');
    const { plan, usage, period, devices } = await world.getAccount.execute(user.id);
    expect([plan.name, usage.sessions, usage.used.seconds, devices.length]).toEqual(['pro', 0, 0, 1]);
    expect(period.start).toEqual(user.periodAnchor);
  });

  it('is nothing for a user that does not exist', async () => {
    await expect(world.getProfile.execute(NOBODY)).rejects.toThrow(UserNotFound);
    await expect(world.getAccount.execute(NOBODY)).rejects.toThrow(UserNotFound);
  });
});

describe('what operators look through', () => {
  it('finds users by parts of address or name, a page at a time', async () => {
    await world.givenUser({ email: 'ada@example.com', name: 'Ada Lovelace' });
    await world.givenUser({ email: 'bob@lovely.org', name: 'Bob' });
    await world.givenUser({ email: 'eve@example.com', name: 'Eve' });
    const found = await world.listUsers.execute('love', { limit: 1, offset: 0 });
    expect([found.total, found.items.length]).toEqual([2, 1]);
    expect((await world.listUsers.execute(null, { limit: 10, offset: 1 })).items).toHaveLength(2);
  });

  it('finds what was changed, newest first, of one user, by one operator or of one kind', async () => {
    const [ada, bob] = [await world.givenUser(), await world.givenUser()];
    await change(ada.id, { plan: 'pro' });
    await change(bob.id, { plan: 'student' });
    await world.deviceRegistration.execute(ada.id, 'laptop', { actor: 'cli:eve', reason: 'lost' });
    const all = { userId: null, actor: null, action: null };
    const page = { limit: 20, offset: 0 };
    const list = async (filter: object) => {
      const { items } = await world.listAuditLog.execute({ ...all, ...filter }, page);
      return items.map(({ action, userId }) => [action, userId]);
    };
    expect(await list({})).toEqual([
      ['device.create', ada.id],
      ['user.change', bob.id],
      ['user.change', ada.id],
    ]);
    expect(await list({ userId: bob.id })).toEqual([['user.change', bob.id]]);
    expect(await list({ actor: 'cli:eve' })).toEqual([['device.create', ada.id]]);
    expect(await list({ action: 'user.change', userId: ada.id })).toEqual([['user.change', ada.id]]);
  });
});
