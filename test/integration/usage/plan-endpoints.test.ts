import { HttpApp } from '#interfaces/http/app';
import { openApiDocument } from '#interfaces/http/system/openapi';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type OpenApiCheck, openApiCheck } from '#test/support/openapi-check';
import { Stage } from '../stage.js';

const clock = new ManualClock();
let app: TestApp;
let stage: Stage;
let documented: OpenApiCheck;
beforeAll(async () => {
  app = await TestApp.start({ clock });
  stage = new Stage(app);
  documented = openApiCheck(openApiDocument(app.container.get(HttpApp).operations));
});
afterAll(() => app?.stop());

const call = async (method: string, as: TestUser, path: string, body?: unknown): Promise<Answered> => {
  const answer = await app.call(method, `/api/v1/plans${path}`, { as, body });
  documented.expectDocumented(method, `/api/v1/plans${path}`, answer.status, answer.body);
  return answer;
};

const check = async (user: TestUser, action: string, params?: object): Promise<Answered['body']> => {
  const { status, body } = await call('POST', user, '/validate-action', { action, ...(params && { params }) });
  expect(status).toBe(200);
  return body;
};

describe('GET /api/v1/plans', () => {
  it('lists what is sold, from the smallest to the largest, unlimited by the word', async () => {
    const { body } = await call('GET', await app.user(), '');
    expect([body.total, body.catalogue_version]).toEqual([4, '2026-11-01']);
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(['free', 'student', 'pro', 'coaching_school']);
    expect(body.data[2]).toMatchObject({
      limits: { sessions: 'unlimited', minutes: 3000, file_size_mb: 200, concurrent_transcriptions: 3, devices: 10 },
      monthly_price_micros: 29_990_000,
      yearly_price_micros: 254_920_000,
      currency: 'USD',
      trial_days: 14,
    });
  });
});

describe('GET /api/v1/plans/current', () => {
  it('is the plan of the caller and its period, and follows a change at once', async () => {
    const user = await app.user('student');
    const { body } = await call('GET', user, '/current');
    expect([body.plan.name, body.period_start, body.days_until_reset]).toEqual([
      'student',
      clock.now().toISOString(),
      31,
    ]);
    const admin = await app.user('free', 'admin');
    const change = { plan: 'pro', reason: 'bought it' };
    await app.call('POST', `/api/v1/admin/users/${user.id}/plan`, { as: admin, body: change });
    expect((await call('GET', user, '/current')).body.plan.name).toBe('pro');
  });
});

describe('GET /api/v1/plans/compare', () => {
  it('measures each plan against what was really used', async () => {
    const user = await app.user('student');
    await stage.sessions(user, 11);
    await stage.completed(user, 150 * 60);
    const { body } = await call('GET', user, '/compare');
    expect(body.peak_use).toMatchObject({ periods: 1, sessions: 12, minutes: 150, transcriptions: 1, devices: 1 });
    expect([body.current_plan, body.smallest_fitting_plan]).toEqual(['student', 'student']);
    expect(body.data[0]).toMatchObject({
      fits: false,
      is_current: false,
      sessions: { used: 12, limit: 10, percentage: 120, fits: false },
      minutes: { used: 150, limit: 200, percentage: 75, fits: true },
    });
    expect(body.data[3]).toMatchObject({ fits: true, minutes: { limit: 'unlimited', percentage: null } });
  });
});

describe('POST /api/v1/plans/validate-action', () => {
  it('says yes with the numbers', async () => {
    expect(await check(await app.user('free'), 'create_session')).toEqual({
      action: 'create_session',
      allowed: true,
      refusal: null,
      limit_info: {
        type: 'sessions',
        current: 0,
        held: 0,
        requested: 1,
        limit: 10,
        resets_at: '2026-04-10T12:00:00.000Z',
      },
      upgrade_suggestion: null,
    });
  });

  it('says no with the very refusal of the deed, and the smallest plan that would do', async () => {
    const user = await app.user('free');
    await stage.sessions(user, 10);
    const checked = await check(user, 'create_session');
    const { body } = await app.call('POST', '/api/v1/sessions', { as: user, body: { title: 'One more' } });
    const detail = { ...body.detail };
    delete detail.request_id;
    expect(checked).toMatchObject({
      allowed: false,
      refusal: detail,
      upgrade_suggestion: { plan: 'student', limit: 50 },
    });
    expect(Object.keys(checked.refusal).sort()).toEqual(Object.keys(detail as object).sort());
  });

  it.each([
    ['transcribe', { duration_minutes: 200 }, true],
    ['transcribe', { duration_seconds: 12_001 }, false],
    ['check_minutes', { duration_minutes: 201 }, false],
    ['upload_file', { file_size_mb: 60 }, true],
    ['upload_file', { file_size_mb: 60.1 }, false],
    ['export_transcript', { format: 'TXT' }, true],
    ['export_transcript', { format: 'pdf' }, false],
  ])('%s %j of a free user: allowed is %s', async (action, params, allowed) => {
    const checked = await check(await app.user('free'), action, params);
    expect([checked.allowed, checked.refusal === null, checked.upgrade_suggestion === null]).toEqual([
      allowed,
      allowed,
      allowed,
    ]);
  });

  it.each([
    ['an action that there is not', { action: 'fly' }],
    ['no action', {}],
    ['no parameter', { action: 'upload_file' }],
    ['parameters beside params', { action: 'upload_file', file_size_mb: 75 }],
    ['a format that there is not', { action: 'export_transcript', params: { format: 'mp3' } }],
    ['a recording of more than a day', { action: 'transcribe', params: { duration_minutes: 1441 } }],
  ])('does not answer %s', async (_case, body) => {
    expect((await call('POST', await app.user('coaching_school'), '/validate-action', body)).status).toBe(422);
  });

  it('does not let anything through when the plan is not in the catalogue', async () => {
    const user = await app.user('free');
    await app.rows(`update users set plan = 'enterprise', version = version + 1 where id = $1`, [user.id]);
    for (const body of [{ action: 'create_session' }, { action: 'upload_file', params: { file_size_mb: 1 } }]) {
      const answer = await call('POST', user, '/validate-action', body);
      expect([answer.status, answer.body.detail.error]).toEqual([503, 'plan_unknown']);
    }
  });
});
