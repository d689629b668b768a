import { Authentication } from '#application/accounts/authentication';
import { CallerCache } from '#application/accounts/caller-cache';
import { PageSessionRemoval } from '#application/accounts/page-session-removal';
import { compose } from '#composition/container';
import { TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import type { OpenApiCheck } from '#test/support/openapi-check';
import { PageVisitor, said } from './page-visitor.js';
import { PageWorld } from './page-world.js';

const HOUR_SECONDS = 60 * 60;

describe('A session of the billing page', () => {
  const clock = new ManualClock('2026-03-10T12:00:00.000Z');
  let world: PageWorld;
  let app: TestApp;
  let documented: OpenApiCheck;
  let ada: TestUser;
  let admin: TestUser;
  beforeAll(async () => {
    app = await TestApp.start({ clock });
    world = await PageWorld.in(app);
    ({ documented, ada, admin } = world);
  });
  afterAll(() => app?.stop());

  describe('is over', () => {
    it('an hour after the link was made, whenever it was opened, also while it is warm', async () => {
      const [visitor, unopened] = [await world.signedIn(ada), await new PageVisitor(app).link(ada)];
      const embedded = await new PageVisitor(app).link(ada);
      clock.advance(HOUR_SECONDS - 0.001);
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('200');
      expect(said(await world.bearer(embedded))).toBe('200');
      clock.advance(0.001);
      const late = await visitor.ask('GET', '/api/v1/billing/page');
      expect(said(late)).toBe('401 page_session_expired');
      expect(late.body.detail.message).toMatch(/Ask for a new link/);
      expect(late.headers.get('WWW-Authenticate')).toBe('Bearer');
      documented.expectDocumented('GET', '/api/v1/billing/page', 401, late.body);
      expect(said(await world.bearer(embedded))).toBe('401 page_session_expired');
      expect(said(await world.bearer(unopened))).toBe('401 page_session_expired');
      expect(said(await new PageVisitor(app).open(unopened))).toBe('401 page_session_expired');
    });

    it('when it was signed out: here at once, elsewhere within a second', async () => {
      const visitor = await world.signedIn(ada);
      const elsewhere = compose(app.foundation).get(Authentication);
      const secret = visitor.cookie!.split('=')[1]!;
      await elsewhere.byCookie(secret);
      await visitor.ask('GET', '/api/v1/billing/page');
      const out = await visitor.ask('DELETE', '/billing/session');
      expect([out.status, out.headers.getSetCookie()]).toEqual([
        204,
        [expect.stringMatching(/^minutebook_page=; Max-Age=0; Path=\/;.* HttpOnly; SameSite=Strict$/)],
      ]);
      const began = performance.now();
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('401 page_session_ended');
      for (;;) {
        const answered = await elsewhere.byCookie(secret).catch((error: { code?: string }) => error.code);
        if (answered === 'page_session_ended') break;
        if (performance.now() - began > 1000) throw new Error('A session that was signed out was good after a second.');
        await app.rows('select pg_sleep(0.02)');
      }
      expect((await visitor.ask('DELETE', '/billing/session')).status).toBe(204);
    });

    it('when the embedded page signs out by its token; an exchanged token signs nobody out', async () => {
      const visitor = new PageVisitor(app);
      const [embedded, exchanged] = [await visitor.link(ada), await visitor.link(ada)];
      await world.bearer(embedded);
      await visitor.open(exchanged);
      for (const token of [embedded, exchanged]) {
        const headers = { Authorization: `Bearer ${token}` };
        expect((await app.call('DELETE', '/billing/session', { headers })).status).toBe(204);
      }
      expect(said(await world.bearer(embedded))).toBe('401 page_session_ended');
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('200');
      expect((await app.call('DELETE', '/billing/session')).status).toBe(204);
    });

    it('for a user who is suspended, and cannot be opened by one', async () => {
      const bob = await app.user('pro');
      const visitor = await world.signedIn(bob);
      const [unopened, embedded] = [await visitor.link(bob), await visitor.link(bob)];
      await world.bearer(embedded);
      await visitor.ask('GET', '/api/v1/billing/page');
      await world.change(bob, { suspended: true });
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('403 user_suspended');
      expect(said(await world.bearer(embedded))).toBe('403 user_suspended');
      expect(said(await new PageVisitor(app).open(unopened))).toBe('403 user_suspended');
      expect(said(await world.begin(admin, { user_id: bob.id }))).toBe('403 user_suspended');
    });

    it('is forgotten a day later, by the job of retention', async () => {
      const visitor = await world.signedIn(await app.user('pro'));
      clock.advance(25 * HOUR_SECONDS);
      await app.container.get(PageSessionRemoval).execute();
      app.container.get(CallerCache).clear();
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('401 page_session_expired');
      const fresh = await world.signedIn(ada);
      clock.advance(0.001);
      expect(await app.container.get(PageSessionRemoval).execute()).toBeGreaterThan(0);
      app.container.get(CallerCache).clear();
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('401 page_session_unknown');
      expect(said(await fresh.ask('GET', '/api/v1/billing/page'))).toBe('200');
    });
  });

  describe('has a role', () => {
    it('that is user on the billing page, also for an admin', async () => {
      const [billing, operating] = [await world.signedIn(admin), await world.signedIn(admin, { scope: 'admin' })];
      expect(said(await billing.ask('GET', '/api/v1/admin/overview/users'))).toBe('403 admin_only');
      expect(said(await operating.ask('GET', '/api/v1/admin/overview/users'))).toBe('200');
      expect((await operating.ask('GET', '/api/v1/billing/page')).body.scope).toBe('admin');
    });

    it('that is taken away with the role of its user', async () => {
      const second = await app.user('pro', 'admin');
      const visitor = await world.signedIn(second, { scope: 'admin' });
      expect(said(await visitor.ask('GET', '/api/v1/admin/overview/users'))).toBe('200');
      await world.change(second, { role: 'user' });
      expect(said(await visitor.ask('GET', '/api/v1/admin/overview/users'))).toBe('403 admin_only');
    });
  });
});
