import type { Caller } from '#application/accounts/authentication';
import type { User } from '#domain/accounts/user';
import { AccountsInMemory } from '#test/support/accounts';

const HOUR_SECONDS = 60 * 60;

let world: AccountsInMemory;
beforeEach(() => {
  world = new AccountsInMemory();
});

const callerOf = ({ id, role }: User): Caller => ({ userId: id, role, deviceId: null });
const begin = (user: User, scope: 'billing' | 'admin' = 'billing') =>
  world.pageSessionCreation.execute(callerOf(user), { userId: user.id, scope, returnUrl: null });
const operator = { actor: 'cli:tester', reason: 'case 812' };

describe('a link to the page', () => {
  it('has its token in the fragment, and is kept as a hash', async () => {
    const { url, token, session } = await begin(await world.givenUser());
    expect(url).toBe(`https://billing.example.com/billing#token=${token}`);
    expect(JSON.stringify(session)).not.toContain(token);
    expect(session.tokenHash).toBe(world.pageSecrets.tokenHashOf(token));
  });

  it('leaves an audit entry when somebody else makes it, and none when it is the user', async () => {
    const [ada, admin] = [await world.givenUser(), await world.givenUser({ role: 'admin' })];
    await begin(ada);
    expect(world.audit.entries).toEqual([]);
    const wanted = { userId: ada.id, scope: 'billing', returnUrl: null } as const;
    await world.pageSessionCreation.execute(callerOf(admin), wanted);
    const { session, token } = await world.pageSessionCreation.byOperator(operator, wanted);
    expect(world.audit.entries).toMatchObject([
      { actor: admin.id, action: 'page_session.create', userId: ada.id, reason: null, before: null },
      { ...operator, action: 'page_session.create', userId: ada.id, after: { page_session_id: session.id } },
    ]);
    expect(JSON.stringify(world.audit.entries)).not.toContain(token);
  });

  it('to the admin page is for admins alone, also when an operator makes it', async () => {
    const [ada, admin] = [await world.givenUser(), await world.givenUser({ role: 'admin' })];
    const wanted = { userId: ada.id, scope: 'admin', returnUrl: null } as const;
    await expect(world.pageSessionCreation.byOperator(operator, wanted)).rejects.toMatchObject({
      code: 'admin_page_for_admins',
      facts: { role: 'user' },
    });
    await expect(begin(ada, 'admin')).rejects.toMatchObject({ code: 'admin_page_for_admins' });
    expect((await begin(admin, 'admin')).url).toContain('/admin#token=');
  });
});

describe('the token of a link', () => {
  it('stands for its user with the role user, whoever that is', async () => {
    const admin = await world.givenUser({ role: 'admin' });
    const { token } = await begin(admin);
    expect(await world.authentication.execute(token)).toMatchObject({
      userId: admin.id,
      role: 'user',
      deviceId: null,
      pageSession: { scope: 'billing', openedAs: 'bearer' },
    });
  });

  it('is looked up once while it is warm, and stands for nobody after its hour all the same', async () => {
    const { token } = await begin(await world.givenUser());
    const caller = await world.authentication.execute(token);
    world.pageSessions.findByToken = () => Promise.reject(new Error('asked again'));
    expect(await world.authentication.execute(token)).toBe(caller);
    world.clock.advance(HOUR_SECONDS);
    await expect(world.authentication.execute(token)).rejects.toMatchObject({ code: 'page_session_expired' });
  });

  it('is not called unknown when the database cannot be asked', async () => {
    const { token } = await begin(await world.givenUser());
    world.pageSessions.findByToken = () => Promise.reject(new Error('connect ECONNREFUSED'));
    await expect(world.authentication.execute(token)).rejects.toThrow('ECONNREFUSED');
    await expect(world.pageSessionOpening.execute(token)).rejects.toThrow('ECONNREFUSED');
  });

  it('is the token of an embedded page when another tab was a moment faster', async () => {
    const { token } = await begin(await world.givenUser());
    const { findByToken } = world.pageSessions;
    world.pageSessions.findByToken = async (hash) => {
      const session = await findByToken.call(world.pageSessions, hash);
      world.pageSessions.findByToken = findByToken;
      await world.pageSessions.open(hash, { as: 'bearer' }, world.clock.now());
      return session;
    };
    expect(await world.authentication.execute(token)).toMatchObject({ pageSession: { openedAs: 'bearer' } });
  });
});

describe('the cookie of the page', () => {
  const opened = async (user: User) => (await world.pageSessionOpening.execute((await begin(user)).token)).cookie;

  it('stands for its user, and is looked up once while it is warm', async () => {
    const user = await world.givenUser();
    const cookie = await opened(user);
    const caller = await world.authentication.byCookie(cookie);
    expect(caller).toMatchObject({ userId: user.id, role: 'user', pageSession: { openedAs: 'cookie' } });
    world.pageSessions.findByCookie = () => Promise.reject(new Error('asked again'));
    expect(await world.authentication.byCookie(cookie)).toBe(caller);
  });

  it('is no bearer, and no key is a cookie, also while they are warm', async () => {
    const user = await world.givenUser();
    const cookie = await opened(user);
    await world.authentication.byCookie(cookie);
    expect(await world.authentication.execute(cookie)).toBeNull();
    const { secret } = await world.deviceRegistration.execute(user.id, 'laptop');
    await world.authentication.execute(secret);
    await expect(world.authentication.byCookie(secret)).rejects.toMatchObject({ code: 'page_session_unknown' });
  });

  it('stands for nobody once it was signed out', async () => {
    const cookie = await opened(await world.givenUser());
    await world.authentication.byCookie(cookie);
    await world.pageSessionEnd.execute(cookie);
    await expect(world.authentication.byCookie(cookie)).rejects.toMatchObject({ code: 'page_session_ended' });
  });
});

describe('the removal of sessions that are over', () => {
  it('keeps them for a day, so that who comes late is told why', async () => {
    const { token } = await begin(await world.givenUser());
    world.clock.advance(25 * HOUR_SECONDS);
    expect(await world.pageSessionRemoval.execute()).toBe(0);
    await expect(world.authentication.execute(token)).rejects.toMatchObject({ code: 'page_session_expired' });
    world.clock.advance(1);
    expect(await world.pageSessionRemoval.execute()).toBe(1);
    await expect(world.authentication.execute(token)).rejects.toMatchObject({ code: 'page_session_unknown' });
  });
});
