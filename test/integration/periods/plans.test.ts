import { TestApp } from '#test/support/app';
import { tinyWav } from '#test/support/audio';
import { facts, Stage } from '../stage.js';
import { refusal, succeeded, Visitor } from '../visitor.js';

describe('a plan that changes in the middle of a period', () => {
  let app: TestApp;
  let stage: Stage;
  let admin: Visitor;
  beforeAll(async () => {
    app = await TestApp.start();
    stage = new Stage(app);
    admin = new Visitor(app, await app.user('free', 'admin'));
  });
  afterAll(() => app?.stop());

  const change = async ({ user }: Visitor, plan: string): Promise<void> => {
    await succeeded(admin.post(`/api/v1/admin/users/${user.id}/plan`, { plan, reason: 'a test' }));
  };
  const create = (visitor: Visitor) => visitor.post('/api/v1/sessions', { title: 'One more' });

  it('upgraded: the new limits apply at once, and what was used stays used', async () => {
    const visitor = new Visitor(app, await app.user('free'));
    await stage.completed(visitor.user, 199 * 60 + 1);
    await stage.sessions(visitor.user, 8);
    const id = await visitor.recorded(60);
    const before = await visitor.usage();
    expect(await refusal(create(visitor))).toBe('403 session_limit_exceeded');
    expect(await refusal(visitor.deed(id, 'start-transcription'))).toBe('403 transcription_limit_exceeded');
    await change(visitor, 'student');
    expect((await create(visitor)).status).toBe(200);
    await succeeded(visitor.deed(id, 'start-transcription'));
    await stage.work();
    const after = await visitor.usage();
    expect([after.period_start, after.period_end]).toEqual([before.period_start, before.period_end]);
    expect(after).toMatchObject({
      plan: 'student',
      sessions: { used: 11, limit: 50 },
      minutes: { used_seconds: 199 * 60 + 61, limit: 500 },
    });
    await stage.mustBalance(visitor.user);
  });

  it('downgraded: what is beyond the new limits stays, and nothing more is admitted, with the very numbers', async () => {
    const visitor = new Visitor(app, await app.user('student'));
    await stage.completed(visitor.user, 300 * 60);
    await stage.sessions(visitor.user, 11);
    const id = await visitor.recorded(30);
    await change(visitor, 'free');
    const [created, started] = [await create(visitor), await visitor.deed(id, 'start-transcription')];
    const period = await stage.periodOf(visitor.user);
    expect(facts([created, started])).toEqual([
      { error: 'session_limit_exceeded', plan: 'free', ...period, current_usage: 13, limit: 10 },
      {
        error: 'transcription_limit_exceeded',
        plan: 'free',
        ...period,
        current_usage: 300,
        held: 0,
        requested: 1,
        limit: 200,
        current_usage_seconds: 18_000,
        held_seconds: 0,
        requested_seconds: 30,
        limit_seconds: 12_000,
      },
    ]);
    expect(await visitor.usage()).toMatchObject({
      plan: 'free',
      sessions: { used: 13, limit: 10, remaining: 0 },
      minutes: { used: 300, limit: 200, remaining: 0, remaining_seconds: 0 },
    });
    await stage.mustBalance(visitor.user);
  });

  it('downgraded while transcriptions run: they finish, and the next waits for the smaller number', async () => {
    const visitor = new Visitor(app, await app.user('student'));
    await visitor.started(10);
    await visitor.started(10);
    const third = await visitor.recorded(10);
    await change(visitor, 'free');
    const refused = await visitor.deed(third, 'start-transcription');
    expect(refused.body.detail).toMatchObject({
      error: 'concurrent_transcription_limit_exceeded',
      current_usage: 2,
      limit: 1,
    });
    await stage.work();
    await succeeded(visitor.deed(third, 'start-transcription'));
    const plans = await app.rows(`select distinct plan from usage_logs where user_id = $1`, [visitor.user.id]);
    expect(plans).toEqual([{ plan: 'free' }]);
  });

  it('exports: a format is there from the upgrade on, and gone with the downgrade', async () => {
    const visitor = new Visitor(app, await app.user('free'));
    const id = await visitor.started(10);
    await stage.work();
    const vtt = () => visitor.get(`/api/v1/sessions/${id}/transcript?format=VTT`);
    const refused = await vtt();
    expect(facts([refused])).toEqual([
      { error: 'export_format_not_in_plan', plan: 'free', format: 'vtt', allowed_formats: ['json', 'txt'] },
    ]);
    await change(visitor, 'student');
    expect((await vtt()).status).toBe(200);
    await change(visitor, 'free');
    expect((await vtt()).status).toBe(403);
  });

  it('a recording larger than the plan allows is refused by its claim, and by its measure, and is removed', async () => {
    const visitor = new Visitor(app, await app.user('free'));
    const id = await visitor.create();
    const refused = await visitor.deed(id, 'upload-url', { filename: 'a.wav', file_size_mb: 75 });
    expect([refused.status, ...facts([refused])]).toEqual([
      413,
      { error: 'file_size_exceeded', file_size_mb: 75, limit_mb: 60, plan: 'free' },
    ]);
    expect((await visitor.deed(id, 'upload-url', { filename: 'a.wav', file_size_mb: 60 })).status).toBe(200);

    // Uploaded under a larger plan, confirmed under a smaller one: what counts is the plan of now.
    await change(visitor, 'student');
    await visitor.put(id, Buffer.concat([tinyWav(10), Buffer.alloc(61 * 1024 * 1024)]));
    await change(visitor, 'free');
    const measured = await visitor.deed(id, 'confirm-upload');
    expect([measured.status, measured.body.detail.error]).toEqual([413, 'file_size_exceeded']);
    expect(measured.body.detail.file_size_mb).toBeGreaterThan(61);
    expect(await refusal(visitor.deed(id, 'confirm-upload'))).toBe('409 upload_missing');
    expect(await visitor.status(id)).toBe('uploading');
  });

  it('a device too many is refused after a downgrade, and those that are there keep working', async () => {
    const visitor = new Visitor(app, await app.user('student'));
    const { body } = await succeeded(visitor.post('/api/v1/devices', { name: 'phone' }));
    await change(visitor, 'free');
    const refused = await visitor.post('/api/v1/devices', { name: 'tablet' });
    expect(facts([refused])).toEqual([{ error: 'device_limit_exceeded', plan: 'free', current_usage: 2, limit: 1 }]);
    expect((await app.call('GET', '/api/v1/me', { as: { id: visitor.user.id, key: body.key } })).status).toBe(200);
  });
});

describe('a plan or a price that is not there', () => {
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start();
    stage = new Stage(app);
  });
  afterAll(() => app?.stop());

  it('a plan that the catalogue does not know admits nothing: 503, and nothing is counted', async () => {
    const visitor = new Visitor(app, await app.user('pro'));
    const [waiting, recorded] = [await visitor.create(), await visitor.recorded(10)];
    const before = await stage.counters(visitor.user);
    await app.rows(`update users set plan = 'enterprise', version = version + 1 where id = $1`, [visitor.user.id]);
    const asked = [
      await visitor.post('/api/v1/sessions', { title: 'One more' }),
      await visitor.deed(waiting, 'upload-url', { filename: 'a.wav', file_size_mb: 1 }),
      await visitor.deed(recorded, 'start-transcription'),
      await visitor.post('/api/v1/plans/validate-action', { action: 'create_session' }),
      await visitor.post('/api/v1/devices', { name: 'phone' }),
      await visitor.get(`/api/v1/sessions/${recorded}/transcript`),
    ];
    const { version } = app.foundation.plans;
    for (const { status, body, headers } of asked) {
      expect([status, headers.get('Retry-After')]).toEqual([503, '1']);
      expect(body.detail).toMatchObject({ error: 'plan_unknown', plan: 'enterprise', catalogue: version });
    }
    expect(await stage.counters(visitor.user)).toEqual(before);
    expect(await stage.count('holds', visitor.user)).toBe(0);
    expect(await stage.count('devices', visitor.user)).toBe(1);
    expect(await visitor.status(recorded)).toBe('pending');
  });

  it('a model without a price is not served: 503, and nothing is held', async () => {
    const visitor = new Visitor(app, await app.user('pro'));
    const id = await visitor.recorded(10);
    await app.rows(`alter table rate_cards disable trigger user`);
    await app.rows(`update rate_cards set effective_from = '2100-01-01' where provider = 'sandbox'`);
    const refused = await visitor.deed(id, 'start-transcription');
    await app.rows(`update rate_cards set effective_from = '2025-01-01' where provider = 'sandbox'`);
    await app.rows(`alter table rate_cards enable trigger user`);
    expect([refused.status, refused.body.detail]).toMatchObject([
      503,
      { error: 'model_not_priced', provider: 'sandbox', model: 'sandbox-1' },
    ]);
    expect(await stage.count('holds', visitor.user)).toBe(0);
    expect(await visitor.status(id)).toBe('pending');
    await succeeded(visitor.deed(id, 'start-transcription'));
  });
});
