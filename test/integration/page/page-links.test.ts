import { HmacPageSecrets } from '#infrastructure/accounts/hmac-page-secrets';
import { TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import type { OpenApiCheck } from '#test/support/openapi-check';
import { PageVisitor, said } from './page-visitor.js';
import { PageWorld } from './page-world.js';

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

  describe('begins with a link', () => {
    it('whose token is in the fragment alone, for an hour', async () => {
      const { status, body } = await world.begin(ada);
      documented.expectDocumented('POST', '/api/v1/billing/page-session', status, body);
      expect(body.token).toMatch(/^mbp_[0-9A-Za-z]{49}$/);
      expect(body).toEqual({
        token: body.token,
        url: `http://minutebook.test/billing#token=${body.token}`,
        expires_at: '2026-03-10T13:00:00.000Z',
      });
    });

    it('that is shown once: a repeated request is told no token', async () => {
      const options = { as: ada, body: {}, headers: { 'Idempotency-Key': 'one-link' } };
      const first = await app.call('POST', '/api/v1/billing/page-session', options);
      const again = await app.call('POST', '/api/v1/billing/page-session', options);
      expect(again.body).toEqual({ ...first.body, token: null, url: null });
      documented.expectDocumented('POST', '/api/v1/billing/page-session', again.status, again.body);
    });

    it('to the page of somebody else for an admin alone, whether there is such a user or not', async () => {
      for (const user_id of [admin.id, crypto.randomUUID()]) {
        expect(said(await world.begin(ada, { user_id }))).toBe('403 page_of_another_user');
      }
      expect(said(await world.begin(ada, { user_id: ada.id }))).toBe('201');
      expect(said(await world.begin(admin, { user_id: crypto.randomUUID() }))).toBe('404 user_not_found');
      const visitor = await world.signedIn(admin, { user_id: ada.id });
      expect((await visitor.ask('GET', '/api/v1/billing/page')).body).toMatchObject({
        user_id: ada.id,
        scope: 'billing',
      });
      const rows = await app.rows(`select actor, before, after from audit_log where action = 'page_session.create'`);
      expect(rows).toMatchObject([{ actor: admin.id, before: null, after: { scope: 'billing' } }]);
    });

    it('to the admin page for an admin, and for oneself', async () => {
      expect(said(await world.begin(ada, { scope: 'admin' }))).toBe('403 admin_page_for_admins');
      expect(said(await world.begin(admin, { scope: 'admin', user_id: ada.id }))).toBe('403 page_of_another_user');
      expect((await world.begin(admin, { scope: 'admin' })).body.url).toMatch(
        /^http:\/\/minutebook\.test\/admin#token=mbp_/,
      );
    });

    it('that leads back to an allowed origin alone', async () => {
      const refused = await world.begin(ada, { return_url: 'https://evil.example/app' });
      expect(said(refused)).toBe('422 return_url_not_allowed');
      const visitor = await world.signedIn(ada, { return_url: 'https://app.example.com/settings' });
      expect((await visitor.ask('GET', '/api/v1/billing/page')).body.return_url).toBe(
        'https://app.example.com/settings',
      );
    });

    it('that a session of the page cannot make: it would never end', async () => {
      const visitor = await world.signedIn(admin, { scope: 'admin' });
      const prolonged = await visitor.ask('POST', '/api/v1/billing/page-session', { body: { scope: 'admin' } });
      expect(said(prolonged)).toBe('403 not_of_the_page');
      const other = await visitor.ask('POST', '/api/v1/billing/page-session', { body: { user_id: ada.id } });
      expect(said(other)).toBe('403 not_of_the_page');
    });
  });

  describe('is opened', () => {
    it('by exchanging the token for a cookie, which the page is answered by', async () => {
      const visitor = new PageVisitor(app);
      const opened = await visitor.open(await visitor.link(ada));
      documented.expectDocumented('POST', '/billing/session', opened.status, opened.body);
      expect(opened.body).toEqual({ scope: 'billing', expires_at: '2026-03-10T13:00:00.000Z' });
      const page = await visitor.ask('GET', '/api/v1/billing/page');
      documented.expectDocumented('GET', '/api/v1/billing/page', page.status, page.body);
      expect(page.body).toEqual({
        user_id: ada.id,
        email: 'ada@example.com',
        name: 'Test',
        scope: 'billing',
        expires_at: '2026-03-10T13:00:00.000Z',
        return_url: null,
        payment_provider: 'sandbox',
        embed_origins: [],
      });
    });

    it('not unasked where the browser is signed in as somebody else: a stranger may have sent the link', async () => {
      const visitor = new PageVisitor(app);
      await visitor.open(await visitor.link(ada));
      const mine = visitor.cookie!;
      const foreign = await visitor.link(admin);
      const asked = (more: object) => visitor.ask('POST', '/billing/session', { body: { token: foreign, ...more } });
      const refused = await asked({});
      expect(said(refused)).toBe('409 page_session_of_another');
      expect([refused.body.detail.email, refused.headers.getSetCookie()]).toEqual(['ada@example.com', []]);
      documented.expectDocumented('POST', '/billing/session', 409, refused.body);
      expect((await visitor.ask('GET', '/api/v1/billing/page')).body.user_id).toBe(ada.id);
      // A new link to one's own page needs no question, and neither does a browser whose sign-in is over.
      expect(said(await visitor.open(await visitor.link(ada)))).toBe('200');
      expect(visitor.cookie).not.toBe(mine);
      expect(said(await asked({ replace: true }))).toBe('200');
    });

    it('once: of 64 exchanges at the same time one is given a cookie', async () => {
      const visitor = new PageVisitor(app);
      const token = await visitor.link(ada);
      // Nobody can decide before many are about to.
      const holder = app.foundation.database.createQueryRunner();
      await holder.startTransaction();
      await holder.query('select 1 from page_sessions for update');
      const exchanges = Array.from({ length: 64 }, () => new PageVisitor(app).open(token));
      const waiting = 'select count(*)::int as n from pg_locks where not granted';
      let held = 0;
      while (held < 8) held = Number(((await holder.query(waiting)) as [{ n: number }])[0].n);
      await holder.commitTransaction();
      await holder.release();
      const all = await Promise.all(exchanges);
      const refused = all.filter(({ status }) => status !== 200);
      expect(refused.map(said)).toEqual(Array.from({ length: 63 }, () => '409 page_session_already_opened'));
      expect(refused[0]!.body.detail.message).toMatch(/Ask for a new link/);
      expect(refused.flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
      documented.expectDocumented('POST', '/billing/session', 409, refused[0]!.body);
      const secrets = new HmacPageSecrets(app.foundation.keys);
      const [given] = all.flatMap(({ headers }) => headers.getSetCookie());
      const kept = await app.rows('select opened_as, cookie_hash from page_sessions where token_hash = $1', [
        secrets.tokenHashOf(token),
      ]);
      expect(kept).toEqual([
        { opened_as: 'cookie', cookie_hash: secrets.cookieHashOf(/=(mbs_\w+);/.exec(given!)![1]!) },
      ]);
      expect(said(await world.bearer(token))).toBe('401 page_link_used');
    });

    it('as a bearer by any number of tabs, and then by no exchange', async () => {
      const visitor = new PageVisitor(app);
      const token = await visitor.link(ada);
      const tabs = await Promise.all(Array.from({ length: 16 }, () => world.bearer(token)));
      expect(new Set(tabs.map(said))).toEqual(new Set(['200']));
      expect(tabs[0]!.body).toMatchObject({ user_id: ada.id, scope: 'billing' });
      expect(said(await visitor.open(token))).toBe('409 page_session_already_opened');
    });

    it('either way, when both happen at the same time, and never both ways', async () => {
      for (let round = 0; round < 8; round++) {
        const visitor = new PageVisitor(app);
        const token = await visitor.link(ada);
        const [exchanged, used] = await Promise.all([visitor.open(token), world.bearer(token)]);
        expect([
          ['200', '401 page_link_used'],
          ['409 page_session_already_opened', '200'],
        ]).toContainEqual([said(exchanged), said(used)]);
      }
    });

    it.each([
      ['a token that nobody was given', `mbp_${'0'.repeat(49)}`],
      ['something else', 'a word'],
    ])('by nobody with %s', async (_, token) => {
      const answered = await new PageVisitor(app).open(token);
      expect([said(answered), answered.headers.get('WWW-Authenticate')]).toEqual([
        '401 page_session_unknown',
        'Bearer',
      ]);
      documented.expectDocumented('POST', '/billing/session', answered.status, answered.body);
    });

    it('by what the page sends, and refuses anything else as what it is', async () => {
      const post = (body: string, type = 'application/json') =>
        fetch(`${app.url}/billing/session`, { method: 'POST', headers: { 'Content-Type': type }, body });
      const token = await new PageVisitor(app).link(ada);
      expect((await post(JSON.stringify({ token }), 'text/plain')).status).toBe(415);
      expect((await post(`{"token":`)).status).toBe(400);
      expect((await post(JSON.stringify({ token, user_id: admin.id }))).status).toBe(422);
      expect((await post(JSON.stringify({ token: 'x'.repeat(5000) }))).status).toBe(413);
      expect(said(await app.call('GET', '/billing/session'))).toBe('405 method_not_allowed');
    });
  });
});
