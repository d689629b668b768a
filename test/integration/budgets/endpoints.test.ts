import type { Answered, TestUser } from '#test/support/app';
import { BudgetCallers, ZEROS } from './budget-callers.js';

const READS = ['/status', '/settings', '/usage/breakdown', '/history', '/recommendations', '/strategy', '/alerts'];

let callers: BudgetCallers;
beforeAll(async () => {
  callers = await BudgetCallers.start();
});
afterAll(() => callers?.app.stop());

const said = ({ status, body }: Answered): string => `${status} ${body.detail?.error ?? ''}`.trim();
const codeOf = async (answer: Promise<Answered>): Promise<string> => said(await answer);
const fieldsOf = async (answer: Promise<Answered>): Promise<string[]> =>
  (await answer).body.detail.errors.map(({ field }: { field: string }) => field);

describe('GET /api/v1/budget/status', () => {
  it('tells every figure of the own budget, each from the same moment', async () => {
    const user = await callers.app.user();
    await callers.spend(user, 2.5);
    await callers.spend(user, 0.166667, { actual_cost_micros: null, estimated_cost_micros: 166_667 });
    expect((await callers.get(user, '/status')).body).toEqual({
      scope: 'user',
      user_id: user.id,
      total_budget_micros: 5_000_000,
      used_budget_micros: 2_666_667,
      estimated_micros: 166_667,
      held_micros: 0,
      remaining_budget_micros: 2_333_333,
      available_micros: 2_333_333,
      percentage_used: 53.33,
      alert_level: 'yellow',
      days_remaining: 17,
      projected_cost_micros: 5_511_112,
      is_over_budget: false,
      period_start: '2026-03-01T00:00:00.000Z',
      period_end: '2026-04-01T00:00:00.000Z',
      budget_period: 'monthly',
      custom_period_days: null,
      strategy: 'quality_first',
      mode: 'block',
      as_of: callers.clock.now().toISOString(),
      permissions: { visible: true, can_modify: false, can_reset: false },
    });
  });

  it('is critical at all of it, and over at a millionth more', async () => {
    const user = await callers.app.user();
    await callers.spend(user, 5);
    const full = (await callers.get(user, '/status')).body;
    expect([full.alert_level, full.percentage_used, full.is_over_budget]).toEqual(['critical', 100, false]);
    await callers.spend(user, 0.000001);
    const over = (await callers.get(user, '/status')).body;
    expect([over.is_over_budget, over.remaining_budget_micros, over.strategy]).toEqual([true, 0, 'emergency_only']);
  });
});

describe('what a user may do with the own budget', () => {
  const deeds = async (user: TestUser): Promise<string[]> => [
    await codeOf(callers.put(user, '/settings', { limit_micros: 1 })),
    await codeOf(callers.post(user, '/reset')),
  ];

  it('is to see it, until an admin allows more', async () => {
    const user = await callers.app.user();
    for (const path of READS) expect([path, await codeOf(callers.get(user, path))]).toEqual([path, '200']);
    expect(await deeds(user)).toEqual(['403 budget_modify_forbidden', '403 budget_reset_forbidden']);
    await callers.configure(user, { can_modify: true });
    expect(await deeds(user)).toEqual(['200', '403 budget_reset_forbidden']);
    await callers.configure(user, { can_modify: false, can_reset: true });
    expect(await deeds(user)).toEqual(['403 budget_modify_forbidden', '200']);
  });

  it('is nothing at all where it is hidden, by every question', async () => {
    const user = await callers.app.user();
    await callers.configure(user, { visible: false });
    for (const path of READS) {
      const { status, body } = await callers.get(user, path);
      expect([path, status, body.detail.error, body.detail.message]).toEqual([
        path,
        403,
        'budget_view_forbidden',
        'Budget visibility is disabled for your account. Contact an administrator.',
      ]);
    }
    const { body } = await callers.post(user, '/estimate', { provider: 'nobody', model: 'none', input_tokens: 1000 });
    expect(body).toMatchObject({ affordable: true, alert_level: null, remaining_budget_micros: null });
    expect(body.available_micros).toBeNull();
  });

  it('is everything for an admin, whatever the permissions say', async () => {
    const admin = await callers.app.user('free', 'admin');
    await callers.configure(admin, { visible: false, can_modify: false, can_reset: false });
    for (const path of READS) expect((await callers.get(admin, path)).status).toBe(200);
    expect(await deeds(admin)).toEqual(['200', '200']);
  });

  it('is not to see another budget, and least of all the global one', async () => {
    const [user, other] = [await callers.app.user(), await callers.app.user()];
    for (const path of READS) {
      const asked = ['?scope=global', `?user_id=${other.id}`, `?user_id=${ZEROS}`].map((query) => path + query);
      for (const one of asked) {
        const { status, body } = await callers.get(user, one);
        expect([one, status, body.detail.error]).toEqual([one, 403, 'admin_only']);
        expect(Object.keys(body.detail).sort()).toEqual(['error', 'message', 'request_id', 'role']);
      }
      expect((await callers.get(user, `${path}?user_id=${user.id.toUpperCase()}`)).status).toBe(200);
    }
  });

  it('is nothing for somebody without a key', async () => {
    for (const path of READS) expect((await callers.app.call('GET', `/api/v1/budget${path}`)).status).toBe(401);
  });
});

describe('PUT /api/v1/budget/settings', () => {
  const mayModify = async (): Promise<TestUser> => {
    const user = await callers.app.user();
    await callers.configure(user, { can_modify: true, admin_notes: 'pays late' });
    return user;
  };

  it('changes what is given and nothing else, and gives the plan’s limit back for null', async () => {
    const user = await mayModify();
    const before = (await callers.get(user, '/settings')).body;
    expect(before).toEqual({
      scope: 'user',
      user_id: user.id,
      limit_micros: null,
      total_budget_micros: 5_000_000,
      budget_period: 'monthly',
      custom_period_days: null,
      mode: 'block',
      alert_threshold_yellow: 50,
      alert_threshold_orange: 75,
      alert_threshold_red: 90,
      permissions: { visible: true, can_modify: true, can_reset: false },
      admin_notes: null,
      configured_by: null,
    });
    const changed = await callers.put(user, '/settings', { limit_micros: 7_000_000, alert_threshold_red: 95 });
    const expected = { ...before, limit_micros: 7_000_000, total_budget_micros: 7_000_000, alert_threshold_red: 95 };
    expect(changed.body).toEqual(expected);
    expect((await callers.get(user, '/settings')).body).toEqual(expected);
    const back = await callers.put(user, '/settings', { limit_micros: null, mode: null, custom_period_days: null });
    expect(back.body).toEqual({ ...before, alert_threshold_red: 95 });
    expect(await callers.audits('budget.configure', user)).toEqual([
      { actor: callers.admin.id, reason: 'case 812' },
      { actor: user.id, reason: null },
      { actor: user.id, reason: null },
    ]);
  });

  it('begins a period of so many days with a custom cadence', async () => {
    const user = await mayModify();
    const custom = { limit_micros: 1_000_000, budget_period: 'custom', custom_period_days: 10 };
    expect((await callers.put(user, '/settings', custom)).body).toMatchObject(custom);
    const { body } = await callers.get(user, '/status');
    expect([body.period_start, body.period_end]).toEqual(['2026-03-15T12:00:00.000Z', '2026-03-25T12:00:00.000Z']);
    expect((await callers.get(user, '/history')).body.data).toMatchObject([{ cause: 'cadence', actor: user.id }]);
  });

  it('takes 0 and 10 000 USD', async () => {
    const user = await mayModify();
    for (const limit_micros of [0, 10_000_000_000]) {
      const { body } = await callers.put(user, '/settings', { limit_micros });
      expect(body.total_budget_micros).toBe(limit_micros);
    }
    await callers.put(user, '/settings', { limit_micros: 0 });
    const { body } = await callers.get(user, '/status');
    expect([body.percentage_used, body.alert_level, body.is_over_budget]).toEqual([100, 'critical', false]);
  });

  it.each([
    [{ limit_micros: -1 }, 'limit_micros'],
    [{ limit_micros: 10_000_000_001 }, 'limit_micros'],
    [{ limit_micros: 1.5 }, 'limit_micros'],
    [{ limit_micros: '5' }, 'limit_micros'],
    [{ budget_period: 'yearly' }, 'budget_period'],
    [{ budget_period: 'custom', custom_period_days: 366 }, 'custom_period_days'],
    [{ custom_period_days: 0 }, 'custom_period_days'],
    [{ mode: 'shrug' }, 'mode'],
    [{ alert_threshold_yellow: 0 }, 'alert_threshold_yellow'],
    [{ alert_threshold_red: 101 }, 'alert_threshold_red'],
    [{ alert_threshold_orange: 80.5 }, 'alert_threshold_orange'],
    [{ visible: true }, 'visible'],
    [{ can_modify: true }, 'can_modify'],
    [{ admin_notes: 'mine' }, 'admin_notes'],
    [{ target_user_id: ZEROS }, 'target_user_id'],
    [{ scope: 'global' }, 'scope'],
  ])('refuses %j by its field', async (body, field) => {
    const user = await mayModify();
    expect(await fieldsOf(callers.put(user, '/settings', body))).toEqual([field]);
  });

  it('is valid as a whole with what stays, or changes nothing', async () => {
    const user = await mayModify();
    const before = (await callers.get(user, '/settings')).body;
    for (const [body, code] of [
      [{ limit_micros: 9, alert_threshold_yellow: 75 }, 'invalid_thresholds'],
      [{ limit_micros: 9, alert_threshold_orange: 40 }, 'invalid_thresholds'],
      [{ mode: 'alert_only', custom_period_days: 5 }, 'invalid_budget_period'],
      [{ limit_micros: 9, budget_period: 'custom' }, 'invalid_budget_period'],
      [{ budget_period: 'weekly' }, 'budget_limit_required'],
    ] as const) {
      expect(await codeOf(callers.put(user, '/settings', body))).toBe(`422 ${code}`);
    }
    expect((await callers.get(user, '/settings')).body).toEqual(before);
  });

  it('happens once for one Idempotency-Key, a refusal included', async () => {
    const user = await mayModify();
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const weekly = { limit_micros: 2_000_000, budget_period: 'weekly' };
    const first = await callers.put(user, '/settings', weekly, { headers });
    await callers.configure(user, { limit_micros: 3_000_000, can_modify: false });
    const again = await callers.put(user, '/settings', weekly, { headers });
    expect([again.body, again.headers.get('Idempotent-Replayed')]).toEqual([first.body, 'true']);
    expect((await callers.get(user, '/settings')).body.limit_micros).toBe(3_000_000);
    expect(await codeOf(callers.put(user, '/settings', {}, { headers }))).toBe('422 idempotency_key_reused');

    const refused = { headers: { 'Idempotency-Key': crypto.randomUUID() } };
    await callers.put(user, '/settings', weekly, refused);
    await callers.configure(user, { can_modify: true });
    expect(await codeOf(callers.put(user, '/settings', weekly, refused))).toBe('403 budget_modify_forbidden');
  });
});

describe('POST /api/v1/budget/reset', () => {
  it('begins a period now, forgets nothing, and needs no body', async () => {
    const user = await callers.app.user();
    await callers.configure(user, { can_reset: true });
    await callers.spend(user, 1.25);
    callers.clock.advance(60);
    const at = callers.clock.now().toISOString();
    expect((await callers.post(user, '/reset')).body).toEqual({
      success: true,
      message: 'Budget reset successfully',
      previous_spent_micros: 1_250_000,
      previous_period_start: '2026-03-01T00:00:00.000Z',
      new_period_start: at,
      new_period_end: '2026-04-01T00:00:00.000Z',
      total_budget_micros: 5_000_000,
      reset_by: user.id,
    });
    expect((await callers.get(user, '/status')).body.used_budget_micros).toBe(0);
    expect((await callers.get(user, '/history')).body).toEqual({
      data: [
        {
          cause: 'reset',
          period_start: '2026-03-01T00:00:00.000Z',
          period_end: at,
          total_budget_micros: 5_000_000,
          used_budget_micros: 1_250_000,
          actor: user.id,
          reason: 'Manual reset by user',
          ended_at: at,
          new_period_start: at,
          new_period_end: '2026-04-01T00:00:00.000Z',
        },
      ],
      total: 1,
      has_more: false,
    });
    expect(await callers.app.rows(`select 1 from provider_usage_logs where user_id = $1`, [user.id])).toHaveLength(1);
  });

  it('keeps the reason that is given, and refuses one of 501 characters', async () => {
    const user = await callers.app.user();
    await callers.configure(user, { can_reset: true });
    expect(await fieldsOf(callers.post(user, '/reset', { reason: 'x'.repeat(501) }))).toEqual(['reason']);
    callers.clock.advance(1);
    await callers.post(user, '/reset', { reason: 'a new project' });
    callers.clock.advance(1);
    await callers.post(user, '/reset', {});
    const { body } = await callers.get(user, '/history?limit=1');
    expect([body.total, body.has_more, body.data[0].reason]).toEqual([2, true, 'Manual reset by user']);
    const older = (await callers.get(user, '/history?limit=1&offset=1')).body;
    expect([older.has_more, older.data[0].reason]).toEqual([false, 'a new project']);
  });

  it('happens once for one Idempotency-Key', async () => {
    const user = await callers.app.user();
    await callers.configure(user, { can_reset: true });
    const more = { headers: { 'Idempotency-Key': crypto.randomUUID() } };
    const first = await callers.post(user, '/reset', undefined, more);
    callers.clock.advance(5);
    expect((await callers.post(user, '/reset', undefined, more)).body).toEqual(first.body);
    expect((await callers.get(user, '/history')).body.total).toBe(1);
  });
});

describe('POST /api/v1/budget/estimate', () => {
  const estimate = async (user: TestUser, body: object): Promise<Answered['body']> =>
    (await callers.post(user, '/estimate', body)).body;

  it.each([
    [{ provider: 'anthropic', model: 'claude-3-haiku', input_tokens: 1000, output_tokens: 500 }, 875, 0.9],
    [{ provider: 'nobody', model: 'none', input_tokens: 1000, output_tokens: 500 }, 3_000, 0.5],
    [{ provider: 'nobody', model: 'none', service_type: 'stt', minutes: 5 }, 125_000, 0.5],
    [{ provider: 'nobody', model: 'none', service_type: 'tts', characters: 3000 }, 75_000, 0.5],
    [{ provider: 'nobody', model: 'none', service_type: 'dance' }, 10_000, 0.5],
  ])('%j costs %d millionths', async (question, cost, confidence) => {
    const body = await estimate(await callers.app.user(), question);
    expect([body.estimated_cost_micros, body.confidence]).toEqual([cost, confidence]);
  });

  it.each([
    [{ model: 'stt', service_type: 'stt', minutes: 5.5 }, 110_000],
    [{ model: 'tts', service_type: 'tts', characters: 5000 }, 100_000],
  ])('%j costs %d millionths as long as its provider has a price', async (question, cost) => {
    const [user, now] = [await callers.app.user(), callers.clock.now()];
    try {
      callers.clock.set('2025-12-09T23:59:59.999Z');
      expect(await estimate(user, { provider: 'ibm_watson', ...question })).toMatchObject({
        estimated_cost_micros: cost,
        confidence: 0.85,
        basis: 'rate',
        rate_effective_from: '2025-01-01T00:00:00.000Z',
      });
    } finally {
      callers.clock.set(now);
    }
    expect(await estimate(user, { provider: 'ibm_watson', ...question })).toMatchObject({ basis: 'fallback' });
  });

  it('tells whether it fits, with the buffer, and holds nothing', async () => {
    const user = await callers.app.user();
    const speech = { provider: 'nobody', model: 'none', service_type: 'stt', minutes: 160 };
    const fits = await estimate(user, { ...speech, buffer_basis_points: 2500 });
    expect(fits).toMatchObject({
      estimated_cost_micros: 4_000_000,
      cost_with_buffer_micros: 5_000_000,
      basis: 'fallback',
      affordable: true,
      unaffordable_reason: null,
      refused_by: null,
      alert_level: 'green',
      remaining_budget_micros: 5_000_000,
      available_micros: 5_000_000,
    });
    const refused = await estimate(user, { ...speech, buffer_basis_points: 2501 });
    expect(refused).toMatchObject({ affordable: false, unaffordable_reason: 'budget_spent', refused_by: 'user' });
    await callers.spend(user, 4.6);
    expect(await estimate(user, { ...speech, minutes: 2 })).toMatchObject({
      affordable: false,
      unaffordable_reason: 'too_dear_at_red',
      alert_level: 'red',
    });
    expect((await callers.get(user, '/status')).body.held_micros).toBe(0);
  });

  it.each([
    [{}, ['input_tokens', 'output_tokens']],
    [{ minutes: 5 }, ['input_tokens', 'output_tokens']],
    [{ service_type: 'stt', input_tokens: 5 }, ['minutes']],
    [{ service_type: 'tts' }, ['characters']],
  ])('refuses %j, which is about nothing', async (body, needed) => {
    const asked = { provider: 'nobody', model: 'none', ...body };
    const { status, body: answer } = await callers.post(await callers.app.user(), '/estimate', asked);
    expect([status, answer.detail]).toMatchObject([422, { error: 'no_quantity', needed }]);
  });

  it.each([
    [{ model: 'm' }, 'provider'],
    [{ provider: 'p', model: '' }, 'model'],
    [{ provider: 'p', model: 'm', input_tokens: -1 }, 'input_tokens'],
    [{ provider: 'p', model: 'm', output_tokens: 0.5 }, 'output_tokens'],
    [{ provider: 'p', model: 'm', minutes: 1e13 }, 'minutes'],
    [{ provider: 'p', model: 'm', buffer_basis_points: 100_001 }, 'buffer_basis_points'],
  ])('refuses %j by its field', async (body, field) => {
    expect(await fieldsOf(callers.post(await callers.app.user(), '/estimate', body))).toEqual([field]);
  });
});

describe('what became of the money', () => {
  it('is divided by provider, service, model and day, and the dearest operations are named', async () => {
    const user = await callers.app.user();
    const yesterday = new Date(callers.clock.now().getTime() - 24 * 60 * 60 * 1000).toISOString();
    await callers.spend(user, 0.5, { at: yesterday, operation: 'nightly' });
    await callers.spend(user, 0.25, { service_type: 'tts', provider: 'ibm_watson', model: 'tts', tokens: 0 });
    const { body } = await callers.get(user, '/usage/breakdown');
    const slice = (cost_micros: number, tokens: number) => ({ cost_micros, estimated_micros: 0, requests: 1, tokens });
    expect(body).toMatchObject({
      scope: 'user',
      user_id: user.id,
      period_start: '2026-03-01T00:00:00.000Z',
      period_end: '2026-04-01T00:00:00.000Z',
      total: { cost_micros: 750_000, estimated_micros: 0, requests: 2, tokens: 1500 },
      by_provider: [
        { name: 'anthropic', ...slice(500_000, 1500) },
        { name: 'ibm_watson', ...slice(250_000, 0) },
      ],
      by_service_type: [{ name: 'llm' }, { name: 'tts' }],
      by_model: [{ name: 'anthropic/claude-3-haiku' }, { name: 'ibm_watson/tts' }],
      by_day: [
        { date: '2026-03-14', ...slice(500_000, 1500) },
        { date: '2026-03-15', ...slice(250_000, 0) },
      ],
    });
    expect(body.top_expensive_operations).toMatchObject([
      { operation: 'nightly', timestamp: yesterday, cost_micros: 500_000, user_id: user.id, source: 'report' },
      { provider: 'ibm_watson', is_estimate: false, tokens_used: 0, service_type: 'tts' },
    ]);
  });

  it('sets off alerts, recommendations and another strategy', async () => {
    const user = await callers.app.user();
    expect((await callers.get(user, '/strategy')).body).toEqual({
      strategy: 'quality_first',
      alert_level: 'green',
      decided_by: 'user',
      user_alert_level: 'green',
      global_alert_level: null,
    });
    await callers.spend(user, 4.75);
    expect((await callers.get(user, '/strategy')).body).toMatchObject({
      strategy: 'cheapest_first',
      alert_level: 'red',
    });
    const { body: alerts } = await callers.get(user, '/alerts?limit=100');
    expect(alerts.data).toContainEqual(
      expect.objectContaining({
        kind: 'red',
        severity: 'warning',
        title: 'Budget Almost Exhausted',
        message: "You've used 95.0% of your monthly budget",
        action_required: true,
        total_budget_micros: 5_000_000,
        used_budget_micros: 4_750_000,
        percentage_used: 95,
      }),
    );
    expect(alerts.total).toBe(alerts.data.length);
    const { body: advice } = await callers.get(user, '/recommendations');
    expect(advice.data.map(({ type, title }: { type: string; title: string }) => [type, title])).toEqual([
      ['urgent', 'Budget Alert'],
      ['warning', 'Budget Projection'],
    ]);
    expect(advice.data[0]).toMatchObject({ estimated_savings_micros: null, evidence: { used_micros: 4_750_000 } });
  });

  it.each(['limit=0', 'limit=101', 'offset=-1', 'scope=all', 'user_id=7', 'colour=red'])(
    'is not told for ?%s',
    async (query) => {
      const user = await callers.app.user();
      expect((await callers.get(user, `/history?${query}`)).status).toBe(422);
      expect((await callers.get(user, `/alerts?${query}`)).status).toBe(422);
    },
  );
});
