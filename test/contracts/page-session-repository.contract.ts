import type { Transaction } from '#application/ports/transaction';
import { PAGE_SESSION_MS, PageSession, type PageSessionRepository } from '#domain/accounts/page-session';
import type { UserId } from '#domain/accounts/user';
import { later, newId } from './given.js';

export interface PageSessionWorld {
  readonly transaction: Transaction;
  readonly sessions: PageSessionRepository;
  /** A user who never opened the page. */
  givenUser(): Promise<UserId>;
}

const NOW = new Date('2026-03-10T12:00:00.000Z');
const END = later(NOW, PAGE_SESSION_MS);

export function pageSessionRepositoryContract(world: () => PageSessionWorld): void {
  const begun = async (now = NOW, returnUrl: string | null = null): Promise<PageSession> => {
    const userId = await world().givenUser();
    const id = newId<'PageSession'>();
    const session = PageSession.begun({ id, userId, scope: 'billing', tokenHash: `token ${id}`, returnUrl }, now);
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
