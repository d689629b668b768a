import { EmailTaken, UserNotFound } from '#domain/accounts/user-repository';
import { PlanUnknown } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { AccountsInMemory } from '#test/support/accounts';

let world: AccountsInMemory;
beforeEach(() => {
  world = new AccountsInMemory();
});

const operator = { actor: 'cli:ops', reason: 'because' };
const register = (email: string, plan: PlanName = 'free') =>
  world.userRegistration.execute({ email, name: ' Ada ', plan, role: 'user', ...operator });

describe('registering a user', () => {
  it('begins the first billing period now, and anchors all others to it', async () => {
    const user = await register('ada@example.com');
    const now = world.clock.now();
    expect([user.currentMonthStart, user.periodAnchor, user.createdAt]).toEqual([now, now, now]);
    expect(await world.users.get(user.id)).toEqual(user);
  });

  it('keeps the address in lower case, and neither address nor name with space around them', async () => {
    expect(await register(' Ada@Example.COM ')).toMatchObject({ email: 'ada@example.com', name: 'Ada' });
  });

  it('is refused when the address is taken, in whatever case', async () => {
    await register('ada@example.com');
    await expect(register('ADA@example.com')).rejects.toThrow(EmailTaken);
    expect(world.audit.entries).toHaveLength(1);
  });

  it('is refused for a plan that the catalogue does not know, and nothing is kept', async () => {
    await expect(register('ada@example.com', 'gold' as PlanName)).rejects.toThrow(PlanUnknown);
    await expect(world.users.getByEmail('ada@example.com')).rejects.toThrow(UserNotFound);
  });

  it('leaves an audit entry', async () => {
    const { id } = await register('ada@example.com');
    expect(world.audit.entries).toEqual([
      {
        ...operator,
        action: 'user.create',
        userId: id,
        before: null,
        after: { email: 'ada@example.com', name: 'Ada', plan: 'free', role: 'user' },
      },
    ]);
  });
});
