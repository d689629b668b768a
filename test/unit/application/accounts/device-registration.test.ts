import { DeviceNameTaken } from '#domain/accounts/device';
import { UserNotFound } from '#domain/accounts/user-repository';
import type { UserId } from '#domain/accounts/user';
import { LimitExceeded } from '#domain/plans/plan-limits';
import { AccountsInMemory } from '#test/support/accounts';

let world: AccountsInMemory;
beforeEach(() => {
  world = new AccountsInMemory();
});

describe('registering a device', () => {
  it('answers a key, of which only the hash, the beginning and the end are kept', async () => {
    const user = await world.givenUser();
    const { device, secret } = await world.deviceRegistration.execute(user.id, 'laptop');
    expect(device).toMatchObject({ userId: user.id, name: 'laptop', prefix: 'mb_test_', lastFour: secret.slice(-4) });
    expect(device.createdAt).toEqual(world.clock.now());
    expect([device.lastSeenAt, device.revokedAt]).toEqual([null, null]);
    const kept = JSON.stringify(await world.devices.listOf(user.id));
    expect(kept).not.toContain(secret);
    expect(kept).not.toContain(secret.slice(8, 40));
  });

  it('is refused with the compared numbers when the plan has no room for one more', async () => {
    const user = await world.givenUser({ plan: 'student' });
    for (const name of ['one', 'two', 'three']) await world.deviceRegistration.execute(user.id, name);
    const fourth = world.deviceRegistration.execute(user.id, 'four');
    await expect(fourth).rejects.toThrow(LimitExceeded);
    await expect(fourth).rejects.toMatchObject({
      code: 'device_limit_exceeded',
      facts: { plan: 'student', current_usage: 3, limit: 3 },
    });
  });

  it('lets one of many take the last place', async () => {
    const user = await world.givenUser({ plan: 'free' });
    const tries = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((name) => world.deviceRegistration.execute(user.id, name)),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await world.devices.countActive(user.id)).toBe(1);
  });

  it('has room again after a revocation', async () => {
    const user = await world.givenUser({ plan: 'free' });
    const { device } = await world.deviceRegistration.execute(user.id, 'laptop');
    await world.deviceRevocation.execute(device.id, user.id);
    expect((await world.deviceRegistration.execute(user.id, 'laptop')).device.name).toBe('laptop');
  });

  it('is refused when an active device of this user has the name, in whatever case', async () => {
    const user = await world.givenUser({ plan: 'pro' });
    await world.deviceRegistration.execute(user.id, 'Laptop');
    await expect(world.deviceRegistration.execute(user.id, 'laptop')).rejects.toThrow(DeviceNameTaken);
    const other = await world.givenUser();
    await expect(world.deviceRegistration.execute(other.id, 'laptop')).resolves.toBeDefined();
  });

  it('is refused for a user that does not exist', async () => {
    const nobody = '00000000-0000-7000-8000-0000000000ff' as UserId;
    await expect(world.deviceRegistration.execute(nobody, 'laptop')).rejects.toThrow(UserNotFound);
  });

  it('leaves an audit entry when an operator does it, without the key in it', async () => {
    const user = await world.givenUser();
    const operator = { actor: 'cli:ops', reason: 'new laptop' };
    const { device, secret } = await world.deviceRegistration.execute(user.id, 'laptop', operator);
    expect(world.audit.entries).toEqual([
      {
        ...operator,
        action: 'device.create',
        userId: user.id,
        before: null,
        after: { device_id: device.id, name: 'laptop', last_four: secret.slice(-4) },
      },
    ]);
  });

  it('leaves none when users do it themselves', async () => {
    await world.deviceRegistration.execute((await world.givenUser()).id, 'laptop');
    expect(world.audit.entries).toEqual([]);
  });
});

describe('revoking a device', () => {
  it('answers since when it is revoked', async () => {
    const user = await world.givenUser();
    const { device } = await world.deviceRegistration.execute(user.id, 'laptop');
    world.clock.advance(60);
    const revoked = await world.deviceRevocation.execute(device.id, user.id);
    expect(revoked.revokedAt).toEqual(world.clock.now());
  });

  it('changes nothing the second time', async () => {
    const user = await world.givenUser();
    const { device } = await world.deviceRegistration.execute(user.id, 'laptop');
    const first = await world.deviceRevocation.execute(device.id, user.id);
    world.clock.advance(60);
    expect((await world.deviceRevocation.execute(device.id, user.id)).revokedAt).toEqual(first.revokedAt);
  });

  it('answers a device of somebody else like one that does not exist', async () => {
    const [ada, bob] = [await world.givenUser(), await world.givenUser()];
    const { device } = await world.deviceRegistration.execute(ada.id, 'laptop');
    await expect(world.deviceRevocation.execute(device.id, bob.id)).rejects.toMatchObject({
      code: 'device_not_found',
      refusal: 'not_found',
    });
  });
});
