import type { Answered, TestUser } from '#test/support/app';
import { BudgetCallers, NOBODY, ZEROS } from './budget-callers.js';

const READS = ['/status', '/settings', '/usage/breakdown', '/history', '/recommendations', '/strategy', '/alerts'];

let callers: BudgetCallers;
beforeAll(async () => {
  callers = await BudgetCallers.start();
});
afterAll(() => callers?.app.stop());

const said = ({ status, body }: Answered): string => `${status} ${body.detail?.error ?? ''}`.trim();
const fieldsOf = ({ body }: Answered): string[] => body.detail.errors.map(({ field }: { field: string }) => field);
const statusOf = async (query: string): Promise<Answered['body']> =>
  (await callers.get(callers.admin, `/status?${query}`)).body;
const spentByAll = async (): Promise<number> => (await statusOf('scope=global')).used_budget_micros;
const configured = (): Promise<unknown[]> => callers.app.rows(`select * from budgets order by id`);
const resets = (): Promise<unknown[]> => callers.app.rows(`select * from budget_resets order by id`);

describe('an admin who configures a budget', () => {
  it('decides everything about that of a user, with a reason that is kept', async () => {
    const user = await callers.app.user();
    const settings = {
      limit_micros: 20_000_000,
      budget_period: 'custom',
      custom_period_days: 7,
      mode: 'fallback',
      alert_threshold_yellow: 10,
      alert_threshold_orange: 20,
      alert_threshold_red: 30,
      admin_notes: 'n'.repeat(500),
    };
    const { body } = await callers.configure(user, { ...settings, visible: true, can_modify: true, can_reset: true });
    expect(body).toEqual({
      scope: 'user',
      user_id: user.id,
      total_budget_micros: 20_000_000,
      permissions: { visible: true, can_modify: true, can_reset: true },
      configured_by: callers.admin.id,
      ...settings,
    });
    expect((await callers.get(user, '/settings')).body).toEqual({ ...body, admin_notes: null, configured_by: null });
    expect(await callers.audits('budget.configure', user)).toEqual([{ actor: callers.admin.id, reason: 'case 812' }]);
    await callers.configure(user, { admin_notes: null, visible: false, reason: undefined });
    expect(await callers.audits('budget.configure', user)).toContainEqual({ actor: callers.admin.id, reason: null });
    const after = (await callers.get(callers.admin, `/settings?user_id=${user.id}`)).body;
    expect([after.admin_notes, after.permissions.visible, after.permissions.can_reset]).toEqual([null, false, true]);
  });

  it('decides about the global one, which no user sees', async () => {
    const global = { scope: 'global', limit_micros: 30_000_000, mode: 'alert_only' };
    const { body } = await callers.put(callers.admin, '/admin/configure', global);
    expect(body).toMatchObject({ ...global, user_id: null, total_budget_micros: 30_000_000 });
    expect(await callers.audits('budget.configure', null)).toEqual([{ actor: callers.admin.id, reason: null }]);
    const [user, before] = [await callers.app.user(), await spentByAll()];
    await callers.spend(user, 15);
    expect(await spentByAll()).toBe(before + 15_000_000);
    for (const path of READS) {
      expect([path, (await callers.get(callers.admin, `${path}?scope=global`)).status]).toEqual([path, 200]);
      const { detail } = (await callers.get(user, `${path}?scope=global`)).body;
      expect(Object.keys(detail).sort()).toEqual(['error', 'message', 'request_id', 'role']);
    }
  });

  it('is told which fields do not belong together', async () => {
    const ask = (body: object) => callers.put(callers.admin, '/admin/configure', body);
    const user = await callers.app.user();
    expect(fieldsOf(await ask({ limit_micros: 1 }))).toEqual(['target_user_id']);
    expect(fieldsOf(await ask({ target_user_id: null }))).toEqual(['target_user_id']);
    expect(fieldsOf(await ask({ scope: 'global', target_user_id: user.id }))).toEqual(['target_user_id']);
    const permissions = { visible: false, can_modify: true, can_reset: true };
    expect(fieldsOf(await ask({ scope: 'global', ...permissions }))).toEqual(Object.keys(permissions));
    expect(fieldsOf(await ask({ target_user_id: user.id, admin_notes: 'n'.repeat(501) }))).toEqual(['admin_notes']);
    expect(fieldsOf(await ask({ target_user_id: user.id, can_modify: 'yes' }))).toEqual(['can_modify']);
    expect(fieldsOf(await callers.get(callers.admin, `/status?scope=global&user_id=${user.id}`))).toEqual(['user_id']);
    expect(said(await ask({ target_user_id: user.id, alert_threshold_yellow: 90 }))).toBe('422 invalid_thresholds');
  });
});

describe('somebody who is nobody', () => {
  it('has no budget, and the zeros that the global one is kept under are nobody too', async () => {
    await callers.spend(null, 3);
    const before = [await configured(), await resets(), await spentByAll()];
    for (const id of [NOBODY, ZEROS]) {
      for (const path of READS) {
        expect(said(await callers.get(callers.admin, `${path}?user_id=${id}`))).toBe('404 user_not_found');
      }
      expect(said(await callers.resetOf(id))).toBe('404 user_not_found');
      const limit = await callers.put(callers.admin, '/admin/configure', { target_user_id: id, limit_micros: 1 });
      expect(said(limit)).toBe('404 user_not_found');
      expect(said(await callers.spend(null, 1, { user_id: id }))).toBe('404 user_not_found');
    }
    expect(said(await callers.resetOf('7'))).toBe('404 user_not_found');
    expect([await configured(), await resets(), await spentByAll()]).toEqual(before);
  });
});

describe('an admin who resets a budget', () => {
  it('begins a period of that user’s, and of nobody else’s', async () => {
    const [user, other, before] = [await callers.app.user(), await callers.app.user(), await spentByAll()];
    for (const one of [user, other]) await callers.spend(one, 1);
    callers.clock.advance(60);
    const { body } = await callers.resetOf(user.id, { reason: 'courtesy' });
    expect(body).toMatchObject({
      success: true,
      message: `Budget of user ${user.id} reset successfully`,
      previous_spent_micros: 1_000_000,
      new_period_start: callers.clock.now().toISOString(),
      reset_by: callers.admin.id,
    });
    expect((await statusOf(`user_id=${user.id}`)).used_budget_micros).toBe(0);
    expect((await statusOf(`user_id=${other.id}`)).used_budget_micros).toBe(1_000_000);
    expect(await spentByAll()).toBe(before + 2_000_000);
    expect(await callers.audits('budget.reset', user)).toEqual([{ actor: callers.admin.id, reason: 'courtesy' }]);
  });

  it('begins a period of the global one by its own path, and leaves those of users', async () => {
    const user = await callers.app.user();
    await callers.spend(user, 1);
    const previous_spent_micros = await spentByAll();
    callers.clock.advance(60);
    const { body } = await callers.post(callers.admin, '/admin/reset/global');
    expect(body).toMatchObject({ message: 'Global budget reset successfully', previous_spent_micros });
    expect(await spentByAll()).toBe(0);
    expect((await statusOf(`user_id=${user.id}`)).used_budget_micros).toBe(1_000_000);
    expect(await callers.audits('budget.reset', null)).toEqual([
      { actor: callers.admin.id, reason: `Manual reset by admin ${callers.admin.id}` },
    ]);
    const { data } = (await callers.get(callers.admin, '/history?scope=global')).body;
    expect(data[0]).toMatchObject({
      cause: 'reset',
      used_budget_micros: previous_spent_micros,
      actor: callers.admin.id,
    });
  });
});

describe('GET /api/v1/budget/admin/users', () => {
  it('tells how the budget of everybody stands, the newest user first, in parts', async () => {
    callers.clock.advance(1);
    const first = await callers.app.user('student');
    callers.clock.advance(1);
    const second = await callers.app.user('pro');
    await callers.spend(first, 12);
    await callers.configure(second, { limit_micros: 1_000_000, visible: false, admin_notes: 'pays late' });
    const { body } = await callers.get(callers.admin, '/admin/users?limit=2');
    expect([body.total >= 3, body.has_more]).toEqual([true, true]);
    expect(body.data).toMatchObject([
      {
        user_id: second.id,
        plan: 'pro',
        limit_micros: 1_000_000,
        total_budget_micros: 1_000_000,
        used_budget_micros: 0,
        permissions: { visible: false, can_modify: false, can_reset: false },
        admin_notes: 'pays late',
        configured_by: callers.admin.id,
      },
      {
        user_id: first.id,
        plan: 'student',
        limit_micros: null,
        total_budget_micros: 15_000_000,
        used_budget_micros: 12_000_000,
        percentage_used: 80,
        alert_level: 'orange',
        strategy: 'balanced',
      },
    ]);
    const part = (await callers.get(callers.admin, '/admin/users?limit=1&offset=1')).body;
    expect([part.data.map(({ user_id }: { user_id: string }) => user_id), part.has_more]).toEqual([[first.id], true]);
    const status = await statusOf(`user_id=${first.id}`);
    expect(body.data[1]).toMatchObject(status);
  });
});

describe('POST /api/v1/budget/admin/usage', () => {
  const entries = (request = '%'): Promise<unknown[]> =>
    callers.app.rows(
      `select user_id, estimated_micros::int as estimated, actual_micros::int as actual, actor from provider_usage_logs
        where request_id like $1 order by at, estimated_micros`,
      [request],
    );

  it('counts what was spent elsewhere once for a request, with the user’s and the global budget', async () => {
    const [user, before] = [await callers.app.user(), await spentByAll()];
    const request = { request_id: 'run-1' };
    const first = await callers.spend(user, 1, request);
    expect(first.body).toEqual({ result: 'recorded', user_id: user.id, ...request });
    expect((await callers.spend(user, 4, request)).body.result).toBe('duplicate');
    expect((await callers.spend(null, 2, request)).body).toEqual({ result: 'recorded', user_id: null, ...request });
    expect((await statusOf(`user_id=${user.id}`)).used_budget_micros).toBe(1_000_000);
    expect(await spentByAll()).toBe(before + 3_000_000);
    expect(await entries('%run-1')).toEqual([
      { user_id: user.id, estimated: 1_000_000, actual: 1_000_000, actor: callers.admin.id },
      { user_id: null, estimated: 2_000_000, actual: 2_000_000, actor: callers.admin.id },
    ]);
  });

  it('gives the first answer again for one Idempotency-Key', async () => {
    const user = await callers.app.user();
    const usage = {
      ...{ user_id: user.id, request_id: 'run-2', service_type: 'stt', provider: 'deepgram', model: 'nova' },
      ...{ operation: 'call', estimated_cost_micros: 700_000, metadata: { call: 7 } },
    };
    const more = { headers: { 'Idempotency-Key': crypto.randomUUID() } };
    const answers = [1, 2].map(async () => callers.post(callers.admin, '/admin/usage', usage, more));
    for (const { status, body } of await Promise.all(answers)) {
      expect([status, body.result ?? body.detail.error]).toEqual(
        status === 409 ? [409, 'idempotency_key_in_use'] : [200, 'recorded'],
      );
    }
    const status = await statusOf(`user_id=${user.id}`);
    expect([status.used_budget_micros, status.estimated_micros]).toEqual([700_000, 700_000]);
  });

  it('is never refused for what it costs, and counts in the period that it began in', async () => {
    const user = await callers.app.user();
    expect((await callers.spend(user, 50, { succeeded: false })).status).toBe(200);
    expect((await callers.spend(user, 3, { at: '2026-02-28T23:59:59.999Z' })).status).toBe(200);
    expect(await statusOf(`user_id=${user.id}`)).toMatchObject({
      used_budget_micros: 50_000_000,
      is_over_budget: true,
    });
    const { data } = (await callers.get(callers.admin, `/history?user_id=${user.id}`)).body;
    expect(data).toMatchObject([{ cause: 'rollover', used_budget_micros: 3_000_000, actor: null }]);
  });

  it.each([
    [{ actual_cost_micros: null }, ['actual_cost_micros']],
    [{ actual_cost_micros: -1 }, ['actual_cost_micros']],
    [{ estimated_cost_micros: 10_000_000_001 }, ['estimated_cost_micros']],
    [{ service_type: 'dance' }, ['service_type']],
    [{ request_id: '' }, ['request_id']],
    [{ tokens: -1 }, ['tokens']],
    [{ metadata: 'none' }, ['metadata']],
    [{ at: 'yesterday' }, ['at']],
    [{ user_id: 7 }, ['user_id']],
    [{ cost: 1 }, ['cost']],
  ])('refuses %j by its field', async (change, fields) => {
    const before = await entries();
    expect(fieldsOf(await callers.spend(null, 1, change))).toEqual(fields);
    expect(await entries()).toEqual(before);
  });
});

describe('everything under /api/v1/budget/admin', () => {
  it('answers 403 to users and 401 to strangers, and does nothing', async () => {
    const [user, before] = [await callers.app.user(), [await configured(), await resets()]];
    const deeds = (as: TestUser | undefined): Promise<Answered>[] =>
      (
        [
          ['GET', 'users'],
          ['PUT', 'configure', { target_user_id: user.id, can_modify: true }],
          ['PUT', 'configure', { scope: 'global', limit_micros: 0 }],
          ['POST', 'reset/global'],
          ['POST', `reset/${user.id}`],
          ['POST', 'usage', { actual_cost_micros: 1 }],
        ] as const
      ).map(([method, path, body]) => callers.app.call(method, `/api/v1/budget/admin/${path}`, { as, body }));
    for (const answer of deeds(user)) expect(said(await answer)).toBe('403 admin_only');
    for (const answer of deeds(undefined)) expect((await answer).status).toBe(401);
    expect([await configured(), await resets()]).toEqual(before);
  });
});
