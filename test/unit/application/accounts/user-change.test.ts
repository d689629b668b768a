import { LastAdmin, type UserChanges } from '#application/accounts/user-change';
import type { UserId } from '#domain/accounts/user';
import { UserNotFound } from '#domain/accounts/user-repository';
import { PlanUnknown } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { AccountsInMemory } from '#test/support/accounts';

let world: AccountsInMemory;
beforeEach(() => {
  world = new AccountsInMemory();
});

const NOBODY = '00000000-0000-7000-8000-0000000000ff' as UserId;
const operator = { actor: 'cli:ops', reason: 'because' };
const change = (id: UserId, changes: Partial<UserChanges>) =>
  world.userChange.execute(id, { plan: null, role: null, suspended: null, ...changes }, operator);

describe('changing a user', () => {
  it('puts another plan in place at once, and leaves the billing period alone', async () => {
    const user = await world.givenUser({ plan: 'free' });
    const changed = await change(user.id, { plan: 'pro' });
    expect(changed).toMatchObject({ plan: 'pro', periodAnchor: user.periodAnchor, version: user.version + 1 });
    expect((await world.users.get(user.id)).plan).toBe('pro');
  });

  it('suspends, and reinstates', async () => {
    const { id } = await world.givenUser();
    expect((await change(id, { suspended: true })).suspendedAt).toEqual(world.clock.now());
    expect((await change(id, { suspended: false })).suspendedAt).toBeNull();
  });

  it('keeps the day of the suspension when suspended again', async () => {
    const { id } = await world.givenUser();
    const first = await change(id, { suspended: true });
    world.clock.advance(60);
    expect((await change(id, { suspended: true })).suspendedAt).toEqual(first.suspendedAt);
  });

  it('records what it was before and after, by whom and why', async () => {
    const { id } = await world.givenUser();
    await change(id, { role: 'admin' });
    expect(world.audit.entries).toEqual([
      {
        ...operator,
        action: 'user.change',
        userId: id,
        before: { plan: 'free', role: 'user', suspended_at: null },
        after: { plan: 'free', role: 'admin', suspended_at: null },
      },
    ]);
  });

  it('records nothing when nothing changes', async () => {
    const user = await world.givenUser();
    expect(await change(user.id, { plan: 'free', role: 'user', suspended: false })).toEqual(user);
    expect(world.audit.entries).toEqual([]);
  });

  it('changes nothing when the audit log cannot be written', async () => {
    const { id } = await world.givenUser();
    world.audit.append = () => Promise.reject(new Error('disk full'));
    await expect(change(id, { plan: 'pro' })).rejects.toThrow('disk full');
    expect((await world.users.get(id)).plan).toBe('free');
  });

  it('is refused for a user that does not exist', async () => {
    await expect(change(NOBODY, { plan: 'pro' })).rejects.toThrow(UserNotFound);
  });

  it('is refused for a plan that the catalogue does not know', async () => {
    const { id } = await world.givenUser();
    await expect(change(id, { plan: 'gold' as PlanName })).rejects.toThrow(PlanUnknown);
  });
});

describe('the last active admin', () => {
  it.each([
    ['loses neither role', { role: 'user' }],
    ['nor access', { suspended: true }],
  ] as const)('%s', async (_, changes) => {
    const admin = await world.givenUser({ role: 'admin' });
    const suspended = await world.givenUser({ role: 'admin' });
    await change(suspended.id, { suspended: true });
    await expect(change(admin.id, changes)).rejects.toThrow(LastAdmin);
    await expect(change(admin.id, changes)).rejects.toMatchObject({ code: 'last_admin', refusal: 'conflict' });
    expect(await world.users.get(admin.id)).toEqual(admin);
  });

  it('may go when there is another', async () => {
    const [one, other] = [await world.givenUser({ role: 'admin' }), await world.givenUser({ role: 'admin' })];
    expect((await change(one.id, { role: 'user' })).role).toBe('user');
    await expect(change(other.id, { role: 'user' })).rejects.toThrow(LastAdmin);
  });

  it('is left when all of them are stripped of the role at once', async () => {
    const admins = [];
    for (let i = 0; i < 5; i++) admins.push(await world.givenUser({ role: 'admin' }));
    const tries = await Promise.allSettled(admins.map(({ id }) => change(id, { role: 'user' })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
  });

  it('does not stand in the way of changes to others', async () => {
    await world.givenUser({ role: 'admin' });
    const { id } = await world.givenUser();
    expect((await change(id, { suspended: true })).suspendedAt).not.toBeNull();
    expect((await change(id, { role: 'user', suspended: false })).suspendedAt).toBeNull();
  });
});
