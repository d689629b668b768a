import type { Transaction } from '#application/ports/transaction';
import { Device, type DeviceRepository } from '#domain/accounts/device';
import { PAGE_SESSION_MS, PageSession, type PageSessionRepository } from '#domain/accounts/page-session';
import type { User, UserId } from '#domain/accounts/user';
import type { UserRepository } from '#domain/accounts/user-repository';
import { later, newId } from './given.js';

export interface PageSessionWorld {
  readonly transaction: Transaction;
  readonly sessions: PageSessionRepository;
  readonly users: UserRepository;
  readonly devices: DeviceRepository;
  /** A user, not suspended, who never opened the page. */
  givenUser(): Promise<UserId>;
}

const NOW = new Date('2026-03-10T12:00:00.000Z');
const END = later(NOW, PAGE_SESSION_MS);

export function pageSessionRepositoryContract(world: () => PageSessionWorld): void {
  const begun = async (
    now = NOW,
    returnUrl: string | null = null,
    creator: Partial<Pick<PageSession, 'userId' | 'createdBy' | 'createdFrom'>> = {},
  ): Promise<PageSession> => {
    const userId = creator.userId ?? (await world().givenUser());
    const by = { createdBy: userId, createdFrom: null, ...creator };
    const id = newId<'PageSession'>();
    const session = PageSession.begun(
      { id, userId, scope: 'billing', tokenHash: `token ${id}`, returnUrl, ...by },
      now,
    );
    await world().transaction.run(() => world().sessions.add(session));
    return session;
  };
  const asCookie = (session: PageSession, cookieHash = `cookie ${session.id}`, now = NOW) =>
    world().sessions.open(session.tokenHash, { as: 'cookie', cookieHash }, now);
  const asBearer = (session: PageSession) => world().sessions.open(session.tokenHash, { as: 'bearer' }, NOW);
  const found = (session: PageSession) => world().sessions.findByToken(session.tokenHash);
  const end = (session: PageSession, now: Date) => world().transaction.run(() => world().sessions.end(session.id, now));

  describe('PageSessionRepository', () => {
    it('answers a session as it was added, by its token and by no cookie', async () => {
      const session = await begun(NOW, 'https://app.example.com/settings?tab=billing');
      expect(await found(session)).toBeInstanceOf(PageSession);
      expect(await found(session)).toEqual(session);
      expect(await world().sessions.findByToken('token of nobody')).toBeNull();
      expect(await world().sessions.findByCookie(session.tokenHash)).toBeNull();
    });

    it('opens a session as a cookie, and answers it by that cookie from then on', async () => {
      const session = await begun();
      const opened = await asCookie(session);
      expect(opened).toMatchObject({ openedAs: 'cookie', cookieHash: `cookie ${session.id}`, endedAt: null });
      expect(await world().sessions.findByCookie(`cookie ${session.id}`)).toEqual(opened);
      expect(await found(session)).toEqual(opened);
    });

    it('opens a session as a bearer, which no cookie finds', async () => {
      const session = await begun();
      expect(await asBearer(session)).toMatchObject({ openedAs: 'bearer', cookieHash: null });
    });

    it('decides once what a token becomes', async () => {
      const [one, other] = [await begun(), await begun()];
      await asCookie(one);
      expect([await asCookie(one, 'another'), await asBearer(one)]).toEqual([null, null]);
      await asBearer(other);
      expect([await asCookie(other), await asBearer(other)]).toEqual([null, null]);
      expect(await found(one)).toMatchObject({ openedAs: 'cookie', cookieHash: `cookie ${one.id}` });
      expect(await found(other)).toMatchObject({ openedAs: 'bearer', cookieHash: null });
    });

    it('lets one of many openings at the same time win', async () => {
      const session = await begun();
      const openings = Array.from({ length: 16 }, (_, n) => asCookie(session, `cookie ${n} of ${session.id}`));
      const won = (await Promise.all(openings)).filter((opened) => opened !== null);
      expect(won).toHaveLength(1);
      expect(await found(session)).toEqual(won[0]);
    });

    it('opens nothing that is over, or was never begun', async () => {
      const [late, ended] = [await begun(), await begun()];
      await end(ended, NOW);
      expect(await asCookie(late, 'late', END)).toBeNull();
      expect(await asCookie(late, 'in time', later(END, -1))).not.toBeNull();
      expect(await asCookie(ended)).toBeNull();
      expect(await world().sessions.open('token of nobody', { as: 'bearer' }, NOW)).toBeNull();
    });

    it('keeps when a session was ended first', async () => {
      const session = await begun();
      await end(session, NOW);
      await end(session, later(NOW, 1000));
      expect((await found(session))?.endedAt).toEqual(NOW);
      await end({ ...session, id: newId<'PageSession'>() } as PageSession, NOW);
    });

    it('knows by each of its secrets, and when it is opened, that the key it was made with was revoked', async () => {
      const { transaction, devices, sessions } = world();
      const owner = await world().givenUser();
      const id = newId<'Device'>();
      const key = new Device(id, owner, `key ${id}`, `hash ${id}`, 'mb_test', 'abcd', NOW, null, null);
      await transaction.run(() => devices.add(key));
      const mine = () => begun(NOW, null, { userId: owner, createdBy: owner, createdFrom: id });
      const [opened, unopened] = [await mine(), await mine()];
      await asCookie(opened);
      const known = async () => [
        (await found(opened))?.withdrawn,
        (await sessions.findByCookie(`cookie ${opened.id}`))?.withdrawn,
      ];
      expect(await known()).toEqual([null, null]);
      await transaction.run(() => devices.save(key.revoked(NOW)));
      expect(await known()).toEqual(['key_revoked', 'key_revoked']);
      expect((await found(unopened))?.createdFrom).toBe(id);
    });

    it('knows whether who made it for somebody else is an active admin, and asks so of nobody else', async () => {
      const { transaction, users } = world();
      const admin = await world().givenUser();
      const change = async (how: (user: User) => User) =>
        transaction.run(async () => users.save(how(await users.hold(admin))));
      const [others, own, operators] = [
        await begun(NOW, null, { createdBy: admin }),
        await begun(NOW, null, { userId: admin, createdBy: admin }),
        await begun(NOW, null, { createdBy: 'cli:tester' }),
      ];
      const withdrawn = async () => [
        (await found(others))?.withdrawn,
        (await found(own))?.withdrawn,
        (await found(operators))?.withdrawn,
      ];
      expect(await withdrawn()).toEqual(['creator_not_admin', null, null]);
      await change((user) => user.withRole('admin'));
      expect(await withdrawn()).toEqual([null, null, null]);
      await change((user) => user.suspended(NOW));
      expect(await withdrawn()).toEqual(['creator_not_admin', null, null]);
    });

    it('counts the open ones of a user, and ends them all', async () => {
      const userId = await world().givenUser();
      const { sessions, transaction } = world();
      const mine = (at: Date) => begun(at, null, { userId, createdBy: userId });
      expect(await sessions.openOf(userId, NOW)).toEqual({ count: 0, firstExpiry: null });
      const [first, opened, ended] = [await mine(NOW), await mine(later(NOW, 1)), await mine(NOW)];
      await mine(later(NOW, -PAGE_SESSION_MS));
      const foreign = await begun();
      await asCookie(opened);
      await end(ended, NOW);
      expect(await sessions.openOf(userId, NOW)).toEqual({ count: 2, firstExpiry: END });
      expect(await transaction.run(() => sessions.endAllOf(userId, later(NOW, 2)))).toBe(2);
      expect(await transaction.run(() => sessions.endAllOf(userId, later(NOW, 3)))).toBe(0);
      expect(await sessions.openOf(userId, NOW)).toEqual({ count: 0, firstExpiry: null });
      expect([(await found(first))?.endedAt, (await found(ended))?.endedAt]).toEqual([later(NOW, 2), NOW]);
      expect((await found(foreign))?.endedAt).toBeNull();
      await expect(async () => sessions.endAllOf(userId, NOW)).rejects.toThrow();
    });

    it('removes sessions that expired before an instant, so many at a time', async () => {
      const past = new Date('2020-01-01T00:00:00.000Z');
      const old = [await begun(past), await begun(past), await begun(past)];
      const kept = await begun(later(past, 1));
      const instant = later(past, PAGE_SESSION_MS + 1);
      expect(await world().sessions.removeExpiredBefore(instant, 2)).toBe(2);
      expect(await world().sessions.removeExpiredBefore(instant, 2)).toBe(1);
      expect(await world().sessions.removeExpiredBefore(instant, 2)).toBe(0);
      for (const session of old) expect(await found(session)).toBeNull();
      expect(await found(kept)).toEqual(kept);
    });

    it('adds and ends nothing outside a transaction, and no token twice', async () => {
      const session = await begun();
      const same = { ...session, id: newId<'PageSession'>() } as PageSession;
      await expect(async () => world().sessions.add(same)).rejects.toThrow();
      await expect(world().transaction.run(() => world().sessions.add(same))).rejects.toThrow();
      await expect(async () => world().sessions.end(session.id, NOW)).rejects.toThrow();
      expect(await found(session)).toEqual(session);
    });
  });
}
