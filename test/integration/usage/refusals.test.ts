import { RefusalSweep } from '#application/usage/refusal-sweep';
import type { TestApp, TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { GatewayWorld } from '../gateway/gateway-world.js';

const LIST = '/api/v1/usage/refusals';
const SESSION = { title: 'First meeting', language: 'en-US' };
const OPENAI = { model: 'sandbox', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1000 };

describe('why a user was blocked', () => {
  let world: GatewayWorld;
  let app: TestApp;
  let admin: TestUser;
  // After the prices that the product is delivered with.
  const clock = new ManualClock(new Date());

  beforeAll(async () => {
    world = await GatewayWorld.start({ clock });
    app = world.app;
    admin = await app.user('free', 'admin');
  });
  afterAll(() => world?.stop());

  const listed = async (user: TestUser, query = '') => (await app.call('GET', LIST + query, { as: user })).body;
  const create = (user: TestUser, headers = {}) =>
    app.call('POST', '/api/v1/sessions', { as: user, body: SESSION, headers });
  const putOn = (user: TestUser, plan: string) =>
    app.call('POST', `/api/v1/admin/users/${user.id}/plan`, { as: admin, body: { plan, reason: 'a test' } });
  const rowsOf = async (user: TestUser): Promise<number> =>
    (await app.rows('select 1 from refusals where user_id = $1', [user.id])).length;
  /** A user of the free plan who has used all its sessions. */
  const used = async (): Promise<TestUser> => {
    const user = await app.user();
    for (let n = 0; n < 10; n++) expect((await create(user)).status).toBe(200);
    return user;
  };

  it('is listed with the numbers of the answer and what to do, until there is room', async () => {
    const user = await used();
    const { status, body: answer, headers } = await create(user);
    expect(status).toBe(403);
    const { error: code, message, request_id: requestId, ...facts } = answer.detail;
    expect(headers.get('X-Request-Id')).toBe(requestId);
    const body = await listed(user);
    expect(body).toEqual({
      data: [
        {
          id: expect.any(String) as string,
          at: clock.now().toISOString(),
          code,
          message,
          facts,
          still_refused: true,
          remedies: [
            { kind: 'upgrade_plan', plan_id: 'student', package_id: null, at: null },
            { kind: 'wait_for_reset', plan_id: null, package_id: null, at: facts.resets_at },
            { kind: 'see_usage', plan_id: null, package_id: null, at: null },
          ],
        },
      ],
      total: 1,
      has_more: false,
    });
    expect([code, facts.current_usage, facts.limit]).toEqual(['session_limit_exceeded', 10, 10]);
    expect(await app.rows('select kind, route, request_id from refusals where user_id = $1', [user.id])).toEqual([
      { kind: 'forbidden', route: '/api/v1/sessions', request_id: requestId },
    ]);

    expect((await putOn(user, 'student')).status).toBe(200);
    const after = await listed(user);
    expect(after.data).toEqual([{ ...body.data[0], still_refused: false, remedies: [] }]);
    expect((await create(user)).status).toBe(200);
  });

  it('is nobody else’s to see', async () => {
    const user = await used();
    await create(user);
    const stranger = await app.user();
    expect(await listed(stranger)).toEqual({ data: [], total: 0, has_more: false });
    expect(await listed(admin)).toEqual({ data: [], total: 0, has_more: false });
    expect((await app.call('GET', LIST)).status).toBe(401);
  });

  it('is written down once a second, however a client hammers', async () => {
    const user = await used();
    const statuses = await Promise.all(Array.from({ length: 200 }, async () => (await create(user)).status));
    expect(new Set(statuses)).toEqual(new Set([403]));
    expect(await rowsOf(user)).toBe(1);
    clock.advance(1);
    await create(user);
    expect((await listed(user, '?limit=1')).total).toBe(2);
    expect((await listed(user, '?limit=1')).has_more).toBe(true);
  });

  it('is written down at the first answer of an Idempotency-Key, and not at its replays', async () => {
    const user = await used();
    const key = { 'Idempotency-Key': crypto.randomUUID() };
    const answers = [];
    for (let n = 0; n < 3; n++) {
      answers.push(await create(user, key));
      clock.advance(2);
    }
    expect(answers.map(({ status, headers }) => [status, headers.get('Idempotent-Replayed')])).toEqual([
      [403, null],
      [403, 'true'],
      [403, 'true'],
    ]);
    expect(await rowsOf(user)).toBe(1);
  });

  it('is another device, which revoking one makes room for', async () => {
    const user = await app.user();
    expect((await app.call('POST', '/api/v1/devices', { as: user, body: { name: 'phone' } })).status).toBe(403);
    const { data } = await listed(user);
    expect(data[0]).toMatchObject({ code: 'device_limit_exceeded', still_refused: true });
    expect(data[0].remedies.map(({ kind }: { kind: string }) => kind)).toEqual(['revoke_device', 'upgrade_plan']);
  });

  it('is not what an operator was refused for somebody else, nor a question, nor a mistake', async () => {
    const user = await used();
    const device = { name: 'phone', reason: 'a test' };
    const path = `/api/v1/admin/users/${user.id}/devices`;
    expect((await app.call('POST', path, { as: admin, body: device })).status).toBe(403);
    const question = { action: 'create_session' };
    await app.call('POST', '/api/v1/plans/validate', { as: user, body: question });
    await app.call('POST', '/api/v1/sessions', { as: user, body: {} });
    await app.call('GET', '/api/v1/admin/users', { as: user });
    expect([await rowsOf(user), await rowsOf(admin)]).toEqual([0, 0]);
  });

  it.each([
    ['/v1/chat/completions', {}],
    ['/v1/messages', { 'anthropic-version': '2023-06-01' }],
  ])('is too little credit at %s, until some is bought', async (path, headers) => {
    const user = await world.userWith(0);
    const { body: models } = await app.call('GET', '/v1/models', { as: user });
    const model: string = models.data.find(({ modality }: { modality: string }) => modality === 'chat').id;
    const answer = await app.call('POST', path, { as: user, body: { ...OPENAI, model }, headers });
    expect(answer.status).toBe(402);
    const { data } = await listed(user);
    expect(data).toMatchObject([
      {
        code: 'insufficient_credits',
        still_refused: true,
        facts: { balance_micros: 0, required_micros: expect.any(Number) as number },
        remedies: [{ kind: 'buy_credit', package_id: 'starter', plan_id: null, at: null }],
      },
    ]);
    expect(await app.rows('select kind, route from refusals where user_id = $1', [user.id])).toEqual([
      { kind: 'payment_required', route: path },
    ]);
    const grant = `/api/v1/admin/users/${user.id}/credits/grant`;
    expect((await app.call('POST', grant, { as: admin, body: { credits: 1000, reason: 'a test' } })).status).toBe(200);
    const { balance } = await world.booksOf(user);
    expect([balance > 0, (await listed(user)).data[0].still_refused]).toEqual([true, false]);
  });

  it('never changes the answer when it cannot be kept', async () => {
    const user = await used();
    const before = app.log.lines.length;
    await app.rows('alter table refusals rename to refusals_away');
    try {
      const { status, body } = await create(user);
      expect([status, body.detail.error]).toEqual([403, 'session_limit_exceeded']);
      clock.advance(1);
      const withKey = await create(user, { 'Idempotency-Key': 'kept-nowhere' });
      expect([withKey.status, withKey.body.detail.error]).toEqual([403, 'session_limit_exceeded']);
    } finally {
      await app.rows('alter table refusals_away rename to refusals');
    }
    const failures = app.log.lines.slice(before).filter(({ level }) => level === 'error');
    expect(failures.map(({ message }) => message)).toEqual(Array(2).fill('a refusal could not be kept'));
    expect((await create(user, { 'Idempotency-Key': 'kept-nowhere' })).headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('is forgotten after 90 days', async () => {
    const user = await used();
    await create(user);
    expect((await listed(user)).total).toBe(1);
    await app.rows(`update refusals set at = at - interval '90 days 1 second' where user_id = $1`, [user.id]);
    expect(await app.container.get(RefusalSweep).execute()).toBe(1);
    expect(await rowsOf(user)).toBe(0);
  });
});
