import { Authentication } from '#application/accounts/authentication';
import { compose } from '#composition/container';
import { TestApp, type TestUser } from '#test/support/app';
import type { OpenApiCheck } from '#test/support/openapi-check';
import { OF_THE_PAGE, PageVisitor, said } from './page-visitor.js';
import { PageWorld } from './page-world.js';

describe('A session of the billing page', () => {
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

  it('is no key to models: a page in a frame spends nothing by itself', async () => {
    const token = await new PageVisitor(app).link(ada);
    const body = { model: 'gpt-4o-mini', max_tokens: 5, messages: [{ role: 'user', content: 'Hello' }] };
    const headers = { Authorization: `Bearer ${token}` };
    expect((await app.call('POST', '/v1/chat/completions', { body, headers })).status).toBe(401);
    expect((await app.call('POST', '/v1/messages', { body, headers: { 'x-api-key': token } })).status).toBe(401);
    expect(await app.rows('select 1 from credit_holds where user_id = $1', [ada.id])).toHaveLength(0);
  });

  describe('by cookie', () => {
    const CHANGE = { body: { name: 'phone' } };

    it.each([
      ['the browser says that the page sent it', OF_THE_PAGE, '201'],
      ['its origin is PUBLIC_URL', { Origin: 'http://minutebook.test' }, '201'],
      ['a browser sent it from another site', { 'Sec-Fetch-Site': 'cross-site' }, '403 cross_site_request'],
      ['a browser sent it from a sibling host', { 'Sec-Fetch-Site': 'same-site' }, '403 cross_site_request'],
      ['its origin is another', { Origin: 'https://evil.example' }, '403 cross_site_request'],
      ['its origin is one that may read answers', { Origin: 'https://app.example.com' }, '403 cross_site_request'],
      ['its origin is hidden', { Origin: 'null' }, '403 cross_site_request'],
      ['nothing says where it comes from', {}, '403 cross_site_request'],
      [
        'the browser contradicts its origin',
        { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://minutebook.test' },
        '403 cross_site_request',
      ],
    ])('changes something or not when %s', async (_, headers, expected) => {
      const visitor = await world.signedIn(await app.user('pro'));
      const answered = await visitor.ask('POST', '/api/v1/devices', { ...CHANGE, headers });
      expect(said(answered)).toBe(expected);
      const devices = await app.rows(`select 1 from devices where name = 'phone' and user_id = $1`, [
        (await visitor.ask('GET', '/api/v1/billing/page')).body.user_id,
      ]);
      expect(devices).toHaveLength(expected === '201' ? 1 : 0);
      if (expected !== '201') documented.expectDocumented('POST', '/api/v1/devices', 403, answered.body);
    });

    it('changes something for the own origin under which the service was reached', async () => {
      const visitor = await world.signedIn(await app.user('pro'));
      expect(said(await visitor.ask('POST', '/api/v1/devices', { ...CHANGE, headers: { Origin: app.url } }))).toBe(
        '201',
      );
    });

    it.each([
      ['typed by a person', { 'Sec-Fetch-Site': 'none' }, '200'],
      ['of a program that says nothing', {}, '200'],
      ['of another site', { 'Sec-Fetch-Site': 'cross-site' }, '403 cross_site_request'],
      ['of a sibling host', { 'Sec-Fetch-Site': 'same-site' }, '403 cross_site_request'],
      ['of another origin', { Origin: 'https://app.example.com' }, '403 cross_site_request'],
    ])('reads or not for a request %s', async (_, headers, expected) => {
      const visitor = await world.signedIn(ada);
      expect(said(await visitor.ask('GET', '/api/v1/billing/page', { headers }))).toBe(expected);
    });

    it('is not asked for when a request brings its own credential, however bad that is', async () => {
      const visitor = await world.signedIn(ada);
      const headers = { ...OF_THE_PAGE, Authorization: `Bearer ${admin.key}` };
      expect((await visitor.ask('GET', '/api/v1/billing/page', { headers })).body.user_id).toBe(admin.id);
      expect(
        said(await visitor.ask('GET', '/api/v1/billing/page', { headers: { ...headers, Authorization: 'Basic x' } })),
      ).toBe('401 not_authenticated');
    });

    it('is nobody with a cookie that nobody was given, or with a cookie as a bearer', async () => {
      const visitor = await world.signedIn(ada);
      const secret = visitor.cookie!.split('=')[1]!;
      await visitor.ask('GET', '/api/v1/billing/page');
      expect(said(await world.bearer(secret))).toBe('401 not_authenticated');
      visitor.cookie = `minutebook_page=${secret.slice(0, -1)}x`;
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('401 page_session_unknown');
      visitor.cookie = `other=1; __Host-minutebook=${secret}`;
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('401 not_authenticated');
    });

    it('is whoever the first cookie of the name that stands for somebody says, of five: others may be set beside it', async () => {
      const visitor = await world.signedIn(ada);
      const ours = visitor.cookie!;
      const planted = Array.from({ length: 4 }, (_, n) => `minutebook_page=mbs_${String(n).repeat(49)}`);
      visitor.cookie = ['other=1', ...planted, ours].join('; ');
      expect((await visitor.ask('GET', '/api/v1/billing/page')).body.user_id).toBe(ada.id);
      visitor.cookie = [planted[0], ...planted, ours].join('; ');
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('401 page_session_unknown');
      visitor.cookie = [...planted, ours].join('; ');
      expect(said(await visitor.ask('DELETE', '/billing/session'))).toBe('204');
      // That it was signed out says more than that the others were never known.
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('401 page_session_ended');
    });

    it('is signed in and out by the page alone', async () => {
      const visitor = new PageVisitor(app);
      const token = await visitor.link(ada);
      expect(said(await visitor.open(token, { Origin: 'https://app.example.com' }))).toBe('403 cross_site_request');
      expect(said(await visitor.open(token, { 'Sec-Fetch-Site': 'cross-site' }))).toBe('403 cross_site_request');
      expect(said(await visitor.open(token))).toBe('200');
      const out = await visitor.ask('DELETE', '/billing/session', { headers: { 'Sec-Fetch-Site': 'cross-site' } });
      expect(said(out)).toBe('403 cross_site_request');
      documented.expectDocumented('DELETE', '/billing/session', 403, out.body);
      expect(said(await visitor.ask('GET', '/api/v1/billing/page'))).toBe('200');
    });

    it('costs no query while it is warm', async () => {
      const elsewhere = compose(app.foundation).get(Authentication);
      const secret = (await world.signedIn(ada)).cookie!.split('=')[1]!;
      const caller = await elsewhere.byCookie(secret);
      await app.rows('alter table page_sessions rename to page_sessions_away');
      await app.rows('alter table users rename to users_away');
      const warm = await elsewhere.byCookie(secret).catch((error: unknown) => error);
      await app.rows('alter table users_away rename to users');
      await app.rows('alter table page_sessions_away rename to page_sessions');
      expect(warm).toBe(caller);
    });
  });

  describe('keeps its secrets', () => {
    it('out of every line of the log, of every row and of every refusal', async () => {
      const visitor = new PageVisitor(app);
      const [token, embedded] = [await visitor.link(ada), await visitor.link(ada)];
      await visitor.open(token);
      const cookie = visitor.cookie!.split('=')[1]!;
      const refusals = [
        await visitor.open(token),
        await world.bearer(token),
        await app.call('POST', '/billing/session', { body: { token: embedded, more: embedded } }),
        await app.call('GET', `/nowhere/${token}`),
        await visitor.ask('POST', '/api/v1/devices', { body: { name: 'x', token }, headers: {} }),
      ];
      await world.bearer(embedded);
      await app.rows(
        `create function fail() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$`,
      );
      await app.rows(`create trigger fail before update on page_sessions for each row execute function fail()`);
      const unopened = await visitor.link(ada);
      expect((await visitor.open(unopened)).status).toBe(500);
      await app.rows('drop function fail() cascade');
      const log = JSON.stringify(app.log.lines);
      const rows = JSON.stringify(await app.rows('select p::text, a.x from page_sessions p, (select 1 as x) a'));
      const kept = JSON.stringify(await app.rows('select to_jsonb(t) from audit_log t'));
      expect(log).toContain('/billing/session');
      for (const secret of [token, embedded, unopened, cookie]) {
        expect([log.includes(secret), rows.includes(secret), kept.includes(secret)]).toEqual([false, false, false]);
        const inRefusals = refusals.filter(({ body }) => JSON.stringify(body).includes(secret));
        // A path is said back to who asked for it, and to nobody else.
        expect(inRefusals.map(said)).toEqual(secret === token ? ['404 route_not_found'] : []);
      }
    });
  });
});
