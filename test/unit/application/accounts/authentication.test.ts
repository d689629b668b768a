import { IdentityProviderUnavailable } from '#application/accounts/access-tokens';
import { UserSuspended, type UserId } from '#domain/accounts/user';
import { AccountsInMemory } from '#test/support/accounts';

let world: AccountsInMemory;
beforeEach(() => {
  world = new AccountsInMemory();
});

const operator = { actor: 'test', reason: 'test' };

describe('an API key', () => {
  it('stands for the user it was made for, and for nobody else', async () => {
    const [ada, bob] = [await world.givenUser(), await world.givenUser({ role: 'admin' })];
    const { device, secret } = await world.deviceRegistration.execute(ada.id, 'laptop');
    const other = await world.deviceRegistration.execute(bob.id, 'laptop');
    expect(await world.authentication.execute(secret)).toEqual({ userId: ada.id, role: 'user', deviceId: device.id });
    expect(await world.authentication.execute(other.secret)).toMatchObject({ userId: bob.id, role: 'admin' });
  });

  it('stands for nobody when nobody was given it', async () => {
    expect(await world.authentication.execute(world.keys.mint().secret)).toBeNull();
  });

  it('is looked up once while it is warm', async () => {
    const { secret } = await world.deviceRegistration.execute((await world.givenUser()).id, 'laptop');
    const first = await world.authentication.execute(secret);
    world.devices.findActiveByHash = () => Promise.reject(new Error('asked again'));
    expect(await world.authentication.execute(secret)).toEqual(first);
  });

  it('is rejected without a look-up when it is mistyped', async () => {
    const { secret } = await world.deviceRegistration.execute((await world.givenUser()).id, 'laptop');
    world.devices.findActiveByHash = () => Promise.reject(new Error('looked up'));
    const mistyped = secret.slice(0, 20) + (secret[20] === 'a' ? 'b' : 'a') + secret.slice(21);
    expect(await world.authentication.execute(mistyped)).toBeNull();
  });

  it('stands for nobody once it is revoked', async () => {
    const user = await world.givenUser();
    const { device, secret } = await world.deviceRegistration.execute(user.id, 'laptop');
    await world.authentication.execute(secret);
    await world.deviceRevocation.execute(device.id, user.id);
    expect(await world.authentication.execute(secret)).toBeNull();
  });

  it('is remembered when it was last used', async () => {
    const user = await world.givenUser();
    const { secret } = await world.deviceRegistration.execute(user.id, 'laptop');
    await world.authentication.execute(secret);
    expect((await world.devices.listOf(user.id))[0]?.lastSeenAt).toEqual(world.clock.now());
  });

  it('is refused, not unknown, while its user is suspended', async () => {
    const user = await world.givenUser();
    const { secret } = await world.deviceRegistration.execute(user.id, 'laptop');
    await world.authentication.execute(secret);
    await world.userChange.execute(user.id, { plan: null, role: null, suspended: true }, operator);
    await expect(world.authentication.execute(secret)).rejects.toThrow(UserSuspended);
  });

  it('has the new role as soon as it was changed', async () => {
    const user = await world.givenUser();
    const { secret } = await world.deviceRegistration.execute(user.id, 'laptop');
    await world.authentication.execute(secret);
    await world.userChange.execute(user.id, { plan: null, role: 'admin', suspended: null }, operator);
    expect((await world.authentication.execute(secret))?.role).toBe('admin');
  });

  it('is not called unknown when the database cannot be asked', async () => {
    const { secret } = await world.deviceRegistration.execute((await world.givenUser()).id, 'laptop');
    world.devices.findActiveByHash = () => Promise.reject(new Error('connect ECONNREFUSED'));
    await expect(world.authentication.execute(secret)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('an access token', () => {
  it('stands for the user it was issued to, without any device', async () => {
    const user = await world.givenUser();
    expect(await world.authentication.execute(`token for ${user.id}`)).toEqual({
      userId: user.id,
      role: 'user',
      deviceId: null,
    });
  });

  it('stands for nobody when it is not valid', async () => {
    expect(await world.authentication.execute('something else')).toBeNull();
  });

  it('stands for nobody when its user was never registered here', async () => {
    const stranger = '00000000-0000-7000-8000-0000000000ff' as UserId;
    expect(await world.authentication.execute(`token for ${stranger}`)).toBeNull();
  });

  it('is refused while its user is suspended', async () => {
    const user = await world.givenUser();
    await world.userChange.execute(user.id, { plan: null, role: null, suspended: true }, operator);
    await expect(world.authentication.execute(`token for ${user.id}`)).rejects.toThrow(UserSuspended);
  });

  it('is not called invalid when nobody can tell just now', async () => {
    world.tokens.outage = new IdentityProviderUnavailable(new Error('fetch failed'));
    await expect(world.authentication.execute('token for anybody')).rejects.toMatchObject({
      code: 'identity_provider_unavailable',
      refusal: 'unavailable',
    });
  });
});
