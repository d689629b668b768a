import type { Caller } from '#application/accounts/authentication';
import { AccountController } from '#interfaces/http/accounts/account.controller';
import { openApiDocument } from '#interfaces/http/system/openapi';
import { AccountsInMemory } from '#test/support/accounts';
import { CALLERS, RunningHttpApp } from '#test/support/http-app';
import { type OpenApiCheck, openApiCheck } from '#test/support/openapi-check';

let world: AccountsInMemory;
let app: RunningHttpApp;
/** Every answer is compared with the document; it is the same for all tests. */
let check: OpenApiCheck | undefined;
let ask: (method: string, path: string, pattern: string, more?: object) => ReturnType<RunningHttpApp['ask']>;

const [ada, bob] = [CALLERS['user-key'] as Caller, CALLERS['other-key'] as Caller];

beforeEach(async () => {
  world = new AccountsInMemory();
  const { getProfile, listDevices, deviceRegistration, deviceRevocation } = world;
  const { operations } = new AccountController(getProfile, listDevices, deviceRegistration, deviceRevocation);
  const documented = (check ??= openApiCheck(openApiDocument(operations)));
  app = await RunningHttpApp.start(operations);
  ask = async (method, path, pattern, more = {}) => {
    const answered = await app.ask(method, path, { key: 'user-key', ...more });
    documented.expectDocumented(method, pattern, answered.status, answered.body);
    return answered;
  };
  await world.givenUser({ id: ada.userId, email: 'ada@example.com', plan: 'student' });
  await world.givenUser({ id: bob.userId, email: 'bob@example.com' });
});
afterEach(() => app.stop());

const devices = '/api/v1/devices';
const create = (name: unknown, more: object = {}) => ask('POST', devices, devices, { json: { name }, ...more });
const revoke = (id: string, more: object = {}) => ask('DELETE', `${devices}/${id}`, `${devices}/:id`, more);

describe('GET /api/v1/me', () => {
  it('answers 200 with who is asking, plan and billing period', async () => {
    const { status, body } = await ask('GET', '/api/v1/me', '/api/v1/me');
    expect(status).toBe(200);
    expect(body).toEqual({
      id: ada.userId,
      email: 'ada@example.com',
      name: 'Ada',
      role: 'user',
      plan: 'student',
      plan_display_name: 'Student',
      period_start: '2026-03-10T12:00:00.000Z',
      resets_at: '2026-04-10T12:00:00.000Z',
      created_at: '2026-03-10T12:00:00.000Z',
      device_id: ada.deviceId,
    });
  });

  it('answers 401 to nobody in particular', async () => {
    expect((await ask('GET', '/api/v1/me', '/api/v1/me', { key: undefined })).status).toBe(401);
  });
});

describe('POST /api/v1/devices', () => {
  it('answers 201 with the key, which no other answer has', async () => {
    const { status, body } = await create(' Laptop ');
    expect([status, body.name]).toEqual([201, 'Laptop']);
    expect(world.keys.hashOf(body.key as string)).not.toBeNull();
    expect(body.key).toMatch(new RegExp(`^${body.prefix}.*${body.last_four}$`));
    const listed = await ask('GET', devices, devices);
    expect(listed.text).not.toContain(body.key);
    expect(listed.body.data[0]).toEqual({
      id: body.id,
      name: 'Laptop',
      prefix: 'mb_test_',
      last_four: body.last_four,
      created_at: '2026-03-10T12:00:00.000Z',
      last_seen_at: null,
      revoked_at: null,
    });
  });

  it('answers a repetition with everything but the key', async () => {
    const headers = { 'Idempotency-Key': 'k' };
    const first = await create('laptop', { headers });
    const second = await create('laptop', { headers });
    expect(second.body).toEqual({ ...first.body, key: null });
    expect(second.headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('answers 403 with the compared numbers when the plan has no room', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const { status, body } = await create('d');
    expect(status).toBe(403);
    expect(body.detail).toMatchObject({ error: 'device_limit_exceeded', plan: 'student', current_usage: 3, limit: 3 });
  });

  it('answers 409 for a name that is in use', async () => {
    await create('laptop');
    const { status, body } = await create('LAPTOP');
    expect([status, body.detail.error]).toEqual([409, 'device_name_taken']);
  });

  it.each([[''], ['   '], ['x'.repeat(256)], [7], [null], [undefined]])('answers 422 for the name %j', async (name) => {
    const { status, body } = await create(name);
    expect([status, body.detail.errors[0].field]).toEqual([422, 'name']);
  });
});

describe('GET /api/v1/devices', () => {
  it('answers one page at a time, newest first', async () => {
    for (const name of ['a', 'b', 'c']) {
      await create(name);
      world.clock.advance(1);
    }
    const page = async (query: string) => (await ask('GET', `${devices}?${query}`, devices)).body;
    const first = await page('limit=2');
    expect([first.total, first.has_more, first.data.map((device: { name: string }) => device.name)]).toEqual([
      3,
      true,
      ['c', 'b'],
    ]);
    const last = await page('limit=2&offset=2');
    expect([last.has_more, last.data.map((device: { name: string }) => device.name)]).toEqual([false, ['a']]);
    expect(await page('offset=9')).toEqual({ data: [], total: 3, has_more: false });
  });

  it('shows nobody the devices of others', async () => {
    await create('laptop');
    expect((await ask('GET', devices, devices, { key: 'other-key' })).body.total).toBe(0);
  });
});

describe('DELETE /api/v1/devices/:id', () => {
  it('answers 200 with the day of the revocation, twice the same', async () => {
    const { body } = await create('laptop');
    const first = await revoke(body.id as string);
    world.clock.advance(9);
    const second = await revoke(body.id as string);
    expect([first.status, first.body.revoked_at]).toEqual([200, '2026-03-10T12:00:00.000Z']);
    expect(second.body).toEqual(first.body);
  });

  it('answers 404 alike for a foreign, a missing and a malformed id', async () => {
    const { body } = await create('laptop');
    const foreign = await revoke(body.id as string, { key: 'other-key' });
    const missing = await revoke('00000000-0000-7000-8000-0000000000ff');
    const malformed = await revoke('7');
    for (const answered of [foreign, missing, malformed]) {
      expect([answered.status, answered.body.detail.error]).toEqual([404, 'device_not_found']);
    }
    expect(await world.devices.countActive(ada.userId)).toBe(1);
  });
});
