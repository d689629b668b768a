import { GetRunningSubscription } from '#application/billing/get-running-subscription';
import type { Caller } from '#application/accounts/authentication';
import { AuditLogController } from '#interfaces/http/admin/audit-log.controller';
import { PeriodAdminController } from '#interfaces/http/admin/period-admin.controller';
import { UserAdminController } from '#interfaces/http/admin/user-admin.controller';
import { openApiDocument } from '#interfaces/http/system/openapi';
import { AccountsInMemory } from '#test/support/accounts';
import { CALLERS, RunningHttpApp } from '#test/support/http-app';
import { type OpenApiCheck, openApiCheck } from '#test/support/openapi-check';

const USERS = '/api/v1/admin/users';
const AUDIT_LOG = '/api/v1/admin/roles/audit-log';
const MISSING = '00000000-0000-7000-8000-0000000000ff';

let world: AccountsInMemory;
let app: RunningHttpApp;
/** Every answer is compared with the document; it is the same for all tests. */
let check: OpenApiCheck | undefined;
let ask: (method: string, path: string, pattern: string, more?: object) => ReturnType<RunningHttpApp['ask']>;

const admin = CALLERS['admin-key'] as Caller;
const ada = CALLERS['user-key'] as Caller;

beforeEach(async () => {
  world = new AccountsInMemory();
  const { listUsers, getAccount, userRegistration, userChange, deviceRegistration } = world;
  const running = new GetRunningSubscription(world.subscriptions);
  const operations = [
    ...new UserAdminController(listUsers, getAccount, userRegistration, userChange, deviceRegistration, running)
      .operations,
    ...new PeriodAdminController(world.periodReset, world.periodResetUndo).operations,
    ...new AuditLogController(world.listAuditLog).operations,
  ];
  const documented = (check ??= openApiCheck(openApiDocument(operations)));
  app = await RunningHttpApp.start(operations);
  ask = async (method, path, pattern, more = {}) => {
    const answered = await app.ask(method, path, { key: 'admin-key', ...more });
    documented.expectDocumented(method, pattern, answered.status, answered.body);
    return answered;
  };
  await world.givenUser({ id: admin.userId, email: 'root@example.com', name: 'Root', role: 'admin' });
  world.clock.advance(60);
  await world.givenUser({ id: ada.userId, email: 'ada@example.com', name: 'Ada' });
});
afterEach(() => app.stop());

const deed = (name: string, json: object, id: string = ada.userId, more: object = {}) =>
  ask('POST', `${USERS}/${id}/${name}`, `${USERS}/:id/${name}`, { json, ...more });
const because = { reason: 'because' };

describe('everything under /api/v1/admin', () => {
  it('answers 403 to users and 401 to strangers', async () => {
    for (const key of ['user-key', undefined]) {
      const answers = [
        await ask('GET', USERS, USERS, { key }),
        await ask('GET', `${USERS}/${ada.userId}`, `${USERS}/:id`, { key }),
        await ask('POST', USERS, USERS, { key, json: { email: 'x@example.com', name: 'X' } }),
        await ask('GET', AUDIT_LOG, AUDIT_LOG, { key }),
        ...(await Promise.all(
          ['plan', 'role', 'suspend', 'reinstate', 'devices', 'reset-period', 'undo-reset-period'].map((name) =>
            deed(name, because, ada.userId, { key }),
          ),
        )),
      ];
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([key ? 403 : 401]));
    }
  });

  it('answers 404 for a user that does not exist, and alike for an id that is none', async () => {
    for (const id of [MISSING, '7']) {
      const answers = [
        await ask('GET', `${USERS}/${id}`, `${USERS}/:id`),
        await deed('plan', { ...because, plan: 'pro' }, id),
        await deed('role', { ...because, role: 'admin' }, id),
        await deed('suspend', because, id),
        await deed('reinstate', because, id),
        await deed('devices', { ...because, name: 'x' }, id),
        await deed('reset-period', because, id),
        await deed('undo-reset-period', because, id),
      ];
      for (const { status, body } of answers) expect([status, body.detail.error]).toEqual([404, 'user_not_found']);
    }
  });

  it.each(['plan', 'role', 'suspend', 'reinstate', 'devices', 'reset-period', 'undo-reset-period'])(
    'answers 422 to %s without a reason',
    async (name) => {
      const fields = { plan: { plan: 'pro' }, role: { role: 'admin' }, devices: { name: 'x' } }[name] ?? {};
      for (const reason of [undefined, '', '  ', 7]) {
        const { status, body } = await deed(name, { ...fields, reason });
        expect([status, body.detail.errors[0].field]).toEqual([422, 'reason']);
      }
      expect(world.audit.entries).toEqual([]);
    },
  );
});

describe('GET /api/v1/admin/users', () => {
  it('lists users, newest first, and finds them by a part of address or name', async () => {
    const { body } = await ask('GET', USERS, USERS);
    expect([body.total, body.has_more]).toEqual([2, false]);
    expect(body.data[0]).toEqual({
      id: ada.userId,
      email: 'ada@example.com',
      name: 'Ada',
      role: 'user',
      plan: 'free',
      current_month_start: '2026-03-10T12:01:00.000Z',
      suspended_at: null,
      created_at: '2026-03-10T12:01:00.000Z',
    });
    expect((await ask('GET', `${USERS}?search=ROOT`, USERS)).body.data[0].email).toBe('root@example.com');
    expect((await ask('GET', `${USERS}?limit=1`, USERS)).body).toMatchObject({ total: 2, has_more: true });
  });

  it.each(['limit=0', 'limit=101', 'offset=-1', 'search=', 'colour=red'])('answers 422 to ?%s', async (query) => {
    expect((await ask('GET', `${USERS}?${query}`, USERS)).status).toBe(422);
  });
});

describe('GET /api/v1/admin/users/:id', () => {
  it('answers limits, usage of the current period and devices', async () => {
    await deed('devices', { name: 'laptop', ...because });
    const { body } = await ask('GET', `${USERS}/${ada.userId}`, `${USERS}/:id`);
    expect(body.limits).toMatchObject({ sessions: 10, minutes: 200, devices: 1, export_formats: ['json', 'txt'] });
    expect(body.usage).toEqual({
      period_start: '2026-03-10T12:01:00.000Z',
      resets_at: '2026-04-10T12:01:00.000Z',
      sessions: 0,
      minutes: 0,
      seconds: 0,
      transcriptions: 0,
      held_seconds: 0,
      running: 0,
    });
    expect(body.devices.map(({ name }: { name: string }) => name)).toEqual(['laptop']);
  });

  it('says unlimited where a plan has no limit', async () => {
    await deed('plan', { plan: 'coaching_school', ...because });
    const { body } = await ask('GET', `${USERS}/${ada.userId}`, `${USERS}/:id`);
    expect(body.limits).toMatchObject({ sessions: 'unlimited', minutes: 'unlimited', retention_days: 'unlimited' });
  });
});

describe('POST /api/v1/admin/users', () => {
  const create = (json: object) => ask('POST', USERS, USERS, { json });

  it('answers 201 with the user, on the free plan unless told otherwise', async () => {
    const { status, body } = await create({ email: 'Eve@Example.com', name: 'Eve' });
    expect([status, body.email, body.plan, body.role]).toEqual([201, 'eve@example.com', 'free', 'user']);
    expect((await create({ email: 'al@example.com', name: 'Al', plan: 'pro', role: 'admin' })).body).toMatchObject({
      plan: 'pro',
      role: 'admin',
    });
    expect(world.audit.entries[0]).toMatchObject({ actor: admin.userId, action: 'user.create', reason: null });
  });

  it('answers 409 when the address is taken', async () => {
    const { status, body } = await create({ email: 'ADA@example.com', name: 'Other' });
    expect([status, body.detail.error]).toEqual([409, 'email_taken']);
  });

  it.each([
    ['email', { email: 'no address', name: 'X' }],
    ['name', { email: 'x@example.com', name: ' ' }],
    ['plan', { email: 'x@example.com', name: 'X', plan: 'gold' }],
    ['role', { email: 'x@example.com', name: 'X', role: 'god' }],
    ['password', { email: 'x@example.com', name: 'X', password: 'p' }],
  ])('answers 422 for a wrong %s', async (field, json) => {
    const { status, body } = await create(json);
    expect([status, body.detail.errors[0].field]).toEqual([422, field]);
  });
});

describe('changes of a user', () => {
  it('answer the user as it is then, and leave an entry with operator and reason', async () => {
    expect((await deed('plan', { plan: 'pro', ...because })).body.plan).toBe('pro');
    expect((await deed('role', { role: 'admin', ...because })).body.role).toBe('admin');
    expect((await deed('suspend', because)).body.suspended_at).toBe('2026-03-10T12:01:00.000Z');
    expect((await deed('reinstate', because)).body.suspended_at).toBeNull();
    expect(world.audit.entries).toHaveLength(4);
    for (const entry of world.audit.entries) expect(entry).toMatchObject({ actor: admin.userId, reason: 'because' });
  });

  it('answer 409 when the last admin would go, and change nothing', async () => {
    for (const [name, json] of [
      ['role', { role: 'user' }],
      ['suspend', {}],
    ] as const) {
      const { status, body } = await deed(name, { ...json, ...because }, admin.userId);
      expect([status, body.detail.error, body.detail.user_id]).toEqual([409, 'last_admin', admin.userId]);
    }
    expect((await world.users.get(admin.userId)).role).toBe('admin');
  });

  it('mint a key once, and tell the audit log by whom and why', async () => {
    const headers = { 'Idempotency-Key': 'k' };
    const first = await deed('devices', { name: 'laptop', ...because }, ada.userId, { headers });
    const second = await deed('devices', { name: 'laptop', ...because }, ada.userId, { headers });
    expect([first.status, second.body]).toEqual([201, { ...first.body, key: null }]);
    expect(world.audit.entries).toMatchObject([{ actor: admin.userId, action: 'device.create', reason: 'because' }]);
    expect(JSON.stringify(world.audit.entries)).not.toContain(first.body.key);
  });

  it('answer 403 when the plan of the user has no room for the key', async () => {
    await deed('devices', { name: 'one', ...because });
    const { status, body } = await deed('devices', { name: 'two', ...because });
    expect([status, body.detail.error]).toEqual([403, 'device_limit_exceeded']);
  });
});

describe('resetting a billing period', () => {
  it('begins a new one now, and can be undone', async () => {
    world.clock.advance(3600);
    const reset = await deed('reset-period', because);
    expect([reset.status, reset.body.done]).toEqual([200, true]);
    expect(reset.body.before.period_start).toBe('2026-03-10T12:01:00.000Z');
    expect(reset.body.after.period_start).toBe('2026-03-10T13:01:00.000Z');
    const undone = await deed('undo-reset-period', because);
    expect(undone.body.after.period_start).toBe('2026-03-10T12:01:00.000Z');
    expect((await world.users.get(ada.userId)).periodAnchor).toEqual(new Date('2026-03-10T12:01:00.000Z'));
  });

  it('begins it at the instant given, within the current period', async () => {
    world.clock.advance(3600);
    const { body } = await deed('reset-period', { ...because, at: '2026-03-10T12:30:00Z' });
    expect(body.after.period_start).toBe('2026-03-10T12:30:00.000Z');
    const future = await deed('reset-period', { ...because, at: '2026-03-11T00:00:00Z' });
    expect(future.status).toBeGreaterThanOrEqual(400);
    expect((await deed('reset-period', { ...because, at: 'yesterday' })).status).toBe(422);
  });

  it('shows what it would change on a dry run, and changes nothing', async () => {
    world.clock.advance(3600);
    const { body } = await deed('reset-period', { ...because, dry_run: true });
    expect([body.done, body.after.period_start]).toEqual([false, '2026-03-10T13:01:00.000Z']);
    expect((await world.users.get(ada.userId)).periodAnchor).toEqual(new Date('2026-03-10T12:01:00.000Z'));
    expect(world.audit.entries).toEqual([]);
  });

  it('answers 409 when there is nothing to undo', async () => {
    const { status, body } = await deed('undo-reset-period', because);
    expect([status, body.detail.error]).toEqual([409, 'no_reset_to_undo']);
  });
});

describe('GET /api/v1/admin/roles/audit-log', () => {
  it('lists what was changed, newest first, and filters it', async () => {
    await deed('plan', { plan: 'pro', ...because });
    await deed('devices', { name: 'laptop', ...because });
    const { body } = await ask('GET', AUDIT_LOG, AUDIT_LOG);
    expect(body.total).toBe(2);
    expect(body.data.map(({ action }: { action: string }) => action)).toEqual(['device.create', 'user.change']);
    expect(body.data[1]).toMatchObject({
      actor: admin.userId,
      user_id: ada.userId,
      reason: 'because',
      before: { plan: 'free' },
      after: { plan: 'pro' },
    });
    const filtered = await ask(
      'GET',
      `${AUDIT_LOG}?action=user.change&user_id=${ada.userId}&actor=${admin.userId}`,
      AUDIT_LOG,
    );
    expect(filtered.body.total).toBe(1);
    expect((await ask('GET', `${AUDIT_LOG}?user_id=${MISSING}`, AUDIT_LOG)).body.data).toEqual([]);
  });

  it('answers 422 for a user id that is none: it would list everything', async () => {
    expect((await ask('GET', `${AUDIT_LOG}?user_id=7`, AUDIT_LOG)).status).toBe(422);
  });

  it('takes an id in whatever case', async () => {
    await deed('plan', { plan: 'pro', ...because });
    const id = ada.userId.toUpperCase();
    expect((await ask('GET', `${AUDIT_LOG}?user_id=${id}`, AUDIT_LOG)).body.total).toBe(1);
  });
});
