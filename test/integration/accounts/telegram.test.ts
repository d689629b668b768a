import { TelegramSettings } from '#infrastructure/accounts/hmac-telegram-signatures';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { anInitData, BOT_TOKEN } from '#test/support/telegram';

const SIGN_IN = '/billing/telegram-session';

describe('signing in from Telegram', () => {
  let app: TestApp;
  let admin: TestUser;
  const clock = new ManualClock();
  let last = 1_000_000;

  beforeAll(async () => {
    app = await TestApp.start({ clock, telegram: new TelegramSettings(BOT_TOKEN) });
    admin = await app.user('free', 'admin');
  });
  afterAll(() => app?.stop());

  const signIn = (initData: string): Promise<Answered> => app.call('POST', SIGN_IN, { body: { init_data: initData } });
  const link = (user: TestUser, id: unknown, as = admin, more = {}): Promise<Answered> =>
    app.call('PUT', `/api/v1/admin/users/${user.id}/telegram`, { as, body: { telegram_user_id: id, ...more } });
  const linked = async (): Promise<{ readonly user: TestUser; readonly id: number }> => {
    const [user, id] = [await app.user(), ++last];
    expect((await link(user, id)).status).toBe(200);
    return { user, id };
  };

  it('opens the page of whoever is linked, for an hour and with no more than its rights', async () => {
    const { user, id } = await linked();
    const { status, body } = await signIn(anInitData({ at: clock.now(), id }));
    expect([status, body]).toEqual([
      201,
      {
        token: expect.stringMatching(/^mbp_/) as string,
        url: `http://minutebook.test/billing#token=${body.token}`,
        expires_at: new Date(clock.now().getTime() + 3_600_000).toISOString(),
      },
    ]);
    const page = await app.call('GET', '/api/v1/billing/page', { headers: { Authorization: `Bearer ${body.token}` } });
    expect([page.status, page.body.user_id, page.body.scope]).toEqual([200, user.id, 'billing']);
  });

  it('opens it for an operator as for anybody else', async () => {
    const [operator, id] = [await app.user('free', 'admin'), ++last];
    await link(operator, id);
    const { body } = await signIn(anInitData({ at: clock.now(), id }));
    const headers = { Authorization: `Bearer ${body.token}` };
    const asked = await app.call('GET', '/api/v1/admin/overview/users', { headers });
    expect([asked.status, asked.body.detail.error]).toEqual([403, 'admin_only']);
  });

  it('gives each repetition a session of its own, and no more than ten a minute', async () => {
    const { id } = await linked();
    const initData = anInitData({ at: clock.now(), id });
    const answers = [];
    for (let n = 0; n < 11; n++) answers.push(await signIn(initData));
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 201), 429]);
    expect(new Set(answers.slice(0, 10).map(({ body }) => body.token as string)).size).toBe(10);
    const refused = answers.at(-1)!;
    expect(refused.body.detail.error).toBe('rate_limit_exceeded');
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect((await signIn(anInitData({ at: clock.now(), id: (await linked()).id }))).status).toBe(201);
  });

  it('is refused to what Telegram did not sign, or signed too long ago', async () => {
    const { id } = await linked();
    const good = anInitData({ at: clock.now(), id });
    const cases = [
      ['signature', good.replace(String(id), String(id + 1))],
      ['signature', anInitData({ at: clock.now(), id, botToken: '1234567:another-token' })],
      ['expired', anInitData({ at: new Date(clock.now().getTime() - 3_601_000), id })],
      ['from_the_future', anInitData({ at: new Date(clock.now().getTime() + 61_000), id })],
      ['malformed', `${good}&auth_date=1`],
      ['malformed', good.replace(/hash=\w+/, '')],
    ] as const;
    for (const [reason, initData] of cases) {
      const { status, body, headers } = await signIn(initData);
      expect([reason, status, body.detail]).toMatchObject([
        reason,
        401,
        { error: 'telegram_init_data_refused', reason },
      ]);
      expect(headers.get('WWW-Authenticate')).not.toBeNull();
    }
    expect(
      await app.rows(
        'select 1 from page_sessions where user_id = (select user_id from telegram_accounts where telegram_user_id = $1)',
        [id],
      ),
    ).toEqual([]);
  });

  it('is refused to who is not linked, not linked any more, or suspended, and says what to do', async () => {
    const nobody = await signIn(anInitData({ at: clock.now(), id: ++last }));
    expect([nobody.status, nobody.body.detail]).toMatchObject([
      403,
      { error: 'telegram_not_linked', telegram_user_id: last, message: expect.stringContaining('/telegram') },
    ]);
    const { user, id } = await linked();
    await app.call('POST', `/api/v1/admin/users/${user.id}/suspend`, { as: admin, body: { reason: 'a test' } });
    const suspended = await signIn(anInitData({ at: clock.now(), id }));
    expect([suspended.status, suspended.body.detail.error]).toEqual([403, 'user_suspended']);
    expect((await link(user, null)).body).toEqual({ user_id: user.id, telegram_user_id: null, linked_at: null });
    const gone = await signIn(anInitData({ at: clock.now(), id }));
    expect([gone.status, gone.body.detail.error]).toEqual([403, 'telegram_not_linked']);
  });

  it('takes JSON of one field, by POST alone', async () => {
    expect((await app.call('GET', SIGN_IN)).status).toBe(405);
    expect((await app.call('POST', SIGN_IN, { body: {} })).status).toBe(422);
    expect((await app.call('POST', SIGN_IN, { body: { init_data: 'x', more: 1 } })).status).toBe(422);
    const form = await fetch(app.url + SIGN_IN, { method: 'POST', body: new URLSearchParams({ init_data: 'x' }) });
    expect(form.status).toBe(415);
  });

  it('is told by an installation without a bot that it has none', async () => {
    const none = await TestApp.start({ clock });
    try {
      for (const initData of [anInitData({ at: clock.now() }), 'nonsense']) {
        const { status, body } = await none.call('POST', SIGN_IN, { body: { init_data: initData } });
        expect([status, body.detail.error]).toEqual([404, 'telegram_not_configured']);
      }
    } finally {
      await none.stop();
    }
  });

  describe('the link', () => {
    it('is made by operators alone, and kept in the audit log with its reason', async () => {
      const [user, id] = [await app.user(), ++last];
      expect((await link(user, id, user)).body.detail.error).toBe('admin_only');
      const made = await link(user, id, admin, { reason: 'case 812' });
      expect(made.body).toEqual({ user_id: user.id, telegram_user_id: id, linked_at: clock.now().toISOString() });
      await link(user, id);
      await link(user, null);
      const rows = await app.rows(
        `select actor, action, reason, before, after from audit_log where user_id = $1 and action = 'user.telegram' order by id`,
        [user.id],
      );
      expect(rows).toEqual([
        {
          actor: admin.id,
          action: 'user.telegram',
          reason: 'case 812',
          before: { telegram_user_id: null },
          after: { telegram_user_id: id },
        },
        {
          actor: admin.id,
          action: 'user.telegram',
          reason: null,
          before: { telegram_user_id: id },
          after: { telegram_user_id: null },
        },
      ]);
    });

    it('is refused when another has it, and to nobody', async () => {
      const { id } = await linked();
      const [other] = [await app.user()];
      const taken = await link(other, id);
      expect([taken.status, taken.body.detail]).toMatchObject([
        409,
        { error: 'telegram_account_taken', telegram_user_id: id },
      ]);
      const missing = await link({ ...other, id: crypto.randomUUID() as TestUser['id'] }, ++last);
      expect([missing.status, missing.body.detail.error]).toEqual([404, 'user_not_found']);
    });

    it('needs a number of Telegram’s, or null in as many words', async () => {
      const user = await app.user();
      for (const wrong of [undefined, 0, -1, 1.5, '7', 2 ** 52, true, {}]) {
        expect([wrong, (await link(user, wrong)).status]).toEqual([wrong, 422]);
      }
    });
  });
});
