import { Authentication } from '#application/accounts/authentication';
import { CallerCache } from '#application/accounts/caller-cache';
import { compose } from '#composition/container';
import { HttpApp } from '#interfaces/http/app';
import { TestApp, type TestUser } from '#test/support/app';
import type { OpenApiCheck } from '#test/support/openapi-check';
import { OF_THE_PAGE, PageVisitor, said } from './page-visitor.js';
import { PageWorld } from './page-world.js';

describe('What a session of the page may do', () => {
  let world: PageWorld;
  let app: TestApp;
  let documented: OpenApiCheck;
  let ada: TestUser;
  let admin: TestUser;
  beforeAll(async () => {
    app = await TestApp.start();
    world = await PageWorld.in(app);
    ({ documented, ada, admin } = world);
  });
  afterAll(() => app?.stop());

  it('is what its pages ask for, by cookie and as a bearer, of every operation that there is', async () => {
    const operations = app.container.get(HttpApp).operations.filter(({ access }) => access !== 'public');
    expect(operations.filter(({ page }) => page).length).toBeGreaterThan(35);
    const [billing, operating] = [await world.signedIn(ada), await world.signedIn(admin, { scope: 'admin' })];
    const token = await billing.link(ada);
    for (const { method, path, access, page } of operations) {
      const verb = method.toUpperCase();
      const url = path.replace(/:(\w+)/g, () => crypto.randomUUID()) + (method === 'get' ? '?nonsense=1' : '');
      const body = method === 'get' ? undefined : { nonsense: true };
      const answers = [
        await operating.ask(verb, url, { body }),
        await billing.ask(verb, url, { body }),
        await world.bearer(token, verb, url, body),
      ].map(said);
      const refused = '403 not_of_the_page';
      const known = '422 validation_error';
      const asUser = access === 'admin' ? '403 admin_only' : known;
      const expected = page ? [known, asUser, asUser] : [refused, refused, refused];
      expect([verb, path, ...answers]).toEqual([verb, path, ...expected]);
    }
    const { status, body } = await billing.ask('GET', '/api/v1/sessions');
    documented.expectDocumented('GET', '/api/v1/sessions', status, body);
    expect(body.detail.message).toContain('Use an API key');
  });

  describe('with API keys', () => {
    const mint = (visitor: PageVisitor, name: string) =>
      visitor.ask('POST', '/api/v1/devices', { body: { name }, headers: OF_THE_PAGE });

    it('is to make none for a user of the role admin, on neither page', async () => {
      for (const scope of ['billing', 'admin']) {
        const refused = await mint(await world.signedIn(admin, { scope }), `by ${scope}`);
        expect(said(refused)).toBe('403 page_mints_no_operator_key');
        documented.expectDocumented('POST', '/api/v1/devices', 403, refused.body);
      }
      const token = await new PageVisitor(app).link(admin);
      expect(said(await world.bearer(token, 'POST', '/api/v1/devices', { name: 'by bearer' }))).toBe(
        '403 page_mints_no_operator_key',
      );
      expect(await app.rows(`select 1 from devices where user_id = $1 and name like 'by %'`, [admin.id])).toEqual([]);
      const { status } = await app.call('POST', '/api/v1/devices', { as: admin, body: { name: 'by key' } });
      expect(status).toBe(201);
    });

    it('is to make and revoke them for a user, and names whoever else began the session', async () => {
      const bob = await app.user('pro');
      const [own, others] = [await world.signedIn(bob), await world.signedIn(admin, { user_id: bob.id })];
      expect(said(await mint(own, 'mine'))).toBe('201');
      const { status, body } = await mint(others, 'laptop');
      expect(status).toBe(201);
      const rows = await app.rows(
        `select actor, reason, after from audit_log where action = 'device.create' and user_id = $1`,
        [bob.id],
      );
      const [session] = await app.rows(`select id from page_sessions where created_by = $1 and user_id = $2`, [
        admin.id,
        bob.id,
      ]);
      const after = { device_id: body.id, name: 'laptop', page_session_id: session!['id'] };
      expect(rows).toMatchObject([{ actor: admin.id, reason: null, after }]);
      expect(said(await app.call('GET', '/api/v1/me', { as: { id: bob.id, key: body.key } }))).toBe('200');
      expect(said(await others.ask('DELETE', `/api/v1/devices/${body.id}`))).toBe('200');
    });
  });

  describe('is nothing any more', () => {
    it('when the key that its link was made with is revoked, opened or not', async () => {
      const bob = await app.user('pro');
      const visitor = await world.signedIn(bob);
      const [embedded, unopened] = [await visitor.link(bob), await visitor.link(bob)];
      expect(said(await world.bearer(embedded))).toBe('200');
      const [{ id } = { id: '' }] = await app.rows<{ id: string }>('select id from devices where user_id = $1', [
        bob.id,
      ]);
      expect(said(await visitor.ask('DELETE', `/api/v1/devices/${id}`))).toBe('200');
      const over = await visitor.ask('GET', '/api/v1/billing/page');
      expect([said(over), over.body.detail.reason]).toEqual(['401 page_session_withdrawn', 'key_revoked']);
      expect(over.body.detail.message).toMatch(/Ask for a new link/);
      documented.expectDocumented('GET', '/api/v1/billing/page', 401, over.body);
      expect(said(await world.bearer(embedded))).toBe('401 page_session_withdrawn');
      expect(said(await new PageVisitor(app).open(unopened))).toBe('401 page_session_withdrawn');
      expect(said(await world.bearer(unopened))).toBe('401 page_session_withdrawn');
    });

    it.each([
      ['suspended', { suspended: true }],
      ['an admin no more', { role: 'user' }],
    ] as const)('when whoever made its link for somebody else is %s', async (_, wanted) => {
      const second = await app.user('pro', 'admin');
      const [others, own] = [await world.signedIn(second, { user_id: ada.id }), await world.signedIn(ada)];
      expect(said(await others.ask('GET', '/api/v1/billing/page'))).toBe('200');
      await world.change(second, wanted);
      const over = await others.ask('GET', '/api/v1/billing/page');
      expect([said(over), over.body.detail.reason]).toEqual(['401 page_session_withdrawn', 'creator_not_admin']);
      expect(said(await own.ask('GET', '/api/v1/billing/page'))).toBe('200');
    });

    it('within a second in another process, which asks nothing while it is warm and one thing more when it is not', async () => {
      const second = await app.user('pro', 'admin');
      const elsewhere = compose(app.foundation);
      const secret = (await world.signedIn(second, { user_id: ada.id })).cookie!.split('=')[1]!;
      const caller = await elsewhere.get(Authentication).byCookie(secret);
      await world.change(second, { role: 'user' });
      expect(await elsewhere.get(Authentication).byCookie(secret)).toBe(caller);
      elsewhere.get(CallerCache).clear();
      await expect(elsewhere.get(Authentication).byCookie(secret)).rejects.toMatchObject({
        code: 'page_session_withdrawn',
      });
    });

    it('when an operator ends all sessions of its user, which is recorded once', async () => {
      const bob = await app.user('pro');
      const [visitor, unopened] = [await world.signedIn(bob), await new PageVisitor(app).link(bob)];
      const path = `/api/v1/admin/users/${bob.id}/page-sessions`;
      expect((await visitor.ask('GET', '/api/v1/billing/page')).status).toBe(200);
      expect((await app.call('DELETE', path, { as: admin })).status).toBe(422);
      expect(said(await app.call('DELETE', `${path}?reason=case%20812`, { as: bob }))).toBe('403 admin_only');
      const closed = await app.call('DELETE', `${path}?reason=case%20812`, { as: admin });
      expect([closed.status, closed.body]).toEqual([200, { user_id: bob.id, closed: 2 }]);
      documented.expectDocumented('DELETE', '/api/v1/admin/users/:id/page-sessions', 200, closed.body);
      expect((await app.call('DELETE', `${path}?reason=again`, { as: admin })).body.closed).toBe(0);
      const rows = await app.rows(
        `select actor, reason, after from audit_log where action = 'page_session.close' and user_id = $1`,
        [bob.id],
      );
      expect(rows).toEqual([{ actor: admin.id, reason: 'case 812', after: { ended: 2 } }]);
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('401 page_session_ended');
      expect(said(await new PageVisitor(app).open(unopened))).toBe('401 page_session_ended');
      const nobody = `/api/v1/admin/users/${crypto.randomUUID()}/page-sessions?reason=x`;
      expect(said(await app.call('DELETE', nobody, { as: admin }))).toBe('404 user_not_found');
    });
  });

  it('is for sixty sessions of one user at the same time: of many more exactly so many begin', async () => {
    const bob = await app.user('pro');
    const begin = () => app.call('POST', '/api/v1/billing/page-session', { as: bob, body: {} });
    const answers = await Promise.all(Array.from({ length: 70 }, begin));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(60);
    const [refused] = answers.filter(({ status }) => status !== 201);
    expect(said(refused!)).toBe('429 too_many_page_sessions');
    documented.expectDocumented('POST', '/api/v1/billing/page-session', 429, refused!.body);
    const wait = Number(refused!.headers.get('Retry-After'));
    expect([wait > 3500, wait <= 3600, wait]).toEqual([true, true, refused!.body.detail.retry_after_seconds]);
    await app.rows(
      'update page_sessions set ended_at = created_at where token_hash = (select max(token_hash) from page_sessions where user_id = $1)',
      [bob.id],
    );
    expect([said(await begin()), said(await begin())]).toEqual(['201', '429 too_many_page_sessions']);
    expect(said(await app.call('POST', '/api/v1/billing/page-session', { as: ada, body: {} }))).toBe('201');
  });
});
