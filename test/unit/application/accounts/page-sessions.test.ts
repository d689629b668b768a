import { type Caller, pageSessionOf } from '#application/accounts/authentication';
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

describe('what is begun or made by a session of the page', () => {
  const pageOf = async (user: User, by: User): Promise<Caller> => {
    const wanted = { userId: user.id, scope: 'billing', returnUrl: null } as const;
    const { token } = await world.pageSessionCreation.execute(callerOf(by), wanted);
    return (await world.authentication.execute(token))!;
  };

  it('is no other session, for whomever', async () => {
    const [ada, admin] = [await world.givenUser(), await world.givenUser({ role: 'admin' })];
    const { token } = await begin(admin, 'admin');
    const caller = (await world.authentication.execute(token))!;
    for (const userId of [ada.id, admin.id]) {
      const again = world.pageSessionCreation.execute(caller, { userId, scope: 'billing', returnUrl: null });
      await expect(again).rejects.toMatchObject({ code: 'page_session_not_prolonged' });
    }
  });

  it('is no key of an admin', async () => {
    const admin = await world.givenUser({ role: 'admin' });
    const page = pageSessionOf(await pageOf(admin, admin));
    for (const doer of [null, operator]) {
      const made = world.deviceRegistration.execute(admin.id, 'laptop', doer, page);
      await expect(made).rejects.toMatchObject({ code: 'page_mints_no_operator_key', facts: { user_id: admin.id } });
    }
    expect(await world.devices.listOf(admin.id)).toEqual([]);
  });

  it('is a key of a user, with an entry that names whoever else began the session', async () => {
    const [ada, admin] = [await world.givenUser({ plan: 'pro' }), await world.givenUser({ role: 'admin' })];
    await world.deviceRegistration.execute(ada.id, 'own', null, pageSessionOf(await pageOf(ada, ada)));
    expect(world.audit.entries).toEqual([]);
    const page = pageSessionOf(await pageOf(ada, admin));
    const { device } = await world.deviceRegistration.execute(ada.id, 'others', null, page);
    expect(world.audit.entries.at(-1)).toMatchObject({
      ...{ actor: admin.id, action: 'device.create', userId: ada.id, reason: null },
      after: { device_id: device.id, page_session_id: page!.id },
    });
  });
});

describe('the sessions that a user has open', () => {
  it('are sixty at most, and the refusal says when the first of them is over', async () => {
    const ada = await world.givenUser();
    for (let n = 0; n < 60; n++) await begin(ada);
    world.clock.advance(HOUR_SECONDS - 90.5);
    await expect(begin(ada)).rejects.toMatchObject({
      code: 'too_many_page_sessions',
      facts: { open: 60, allowed: 60, retry_after_seconds: 91 },
    });
    world.clock.advance(90.5);
    await begin(ada);
  });

  it('are all over once an operator closes them, and that is recorded when there were any', async () => {
    const ada = await world.givenUser();
    const [{ token }] = [await begin(ada), await begin(ada)];
    await world.authentication.execute(token);
    expect(await world.pageSessionClosing.execute(ada.id, operator)).toBe(2);
    expect(await world.pageSessionClosing.execute(ada.id, operator)).toBe(0);
    await expect(world.authentication.execute(token)).rejects.toMatchObject({ code: 'page_session_ended' });
    expect(world.audit.entries).toMatchObject([{ ...operator, action: 'page_session.close', after: { ended: 2 } }]);
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
    await expect(world.pageSessionOpening.execute(token, null)).rejects.toThrow('ECONNREFUSED');
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
  const opened = async (user: User) => (await world.pageSessionOpening.execute((await begin(user)).token, null)).cookie;

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
