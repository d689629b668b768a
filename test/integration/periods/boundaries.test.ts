import { TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { facts, Stage } from '../stage.js';
import { refusal, succeeded, Visitor } from '../visitor.js';

const create = (visitor: Visitor): Promise<string> => refusal(visitor.post('/api/v1/sessions', { title: 'One more' }));

describe('the billing period, by the clock', () => {
  const clock = new ManualClock();
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start({ clock });
    stage = new Stage(app);
  });
  afterAll(() => app?.stop());

  const registeredAt = async (instant: string, plan: 'free' | 'student' = 'free'): Promise<Visitor> => {
    clock.set(instant);
    return new Visitor(app, await app.user(plan));
  };

  it('ends at an instant: a millisecond before it nothing is left, and at it everything is', async () => {
    const visitor = await registeredAt('2026-01-31T10:20:30.456Z');
    await stage.sessions(visitor.user, 10);
    const boundaries = ['2026-02-28T10:20:30.456Z', '2026-03-31T10:20:30.456Z', '2026-04-30T10:20:30.456Z'];
    let start = '2026-01-31T10:20:30.456Z';
    for (const end of boundaries) {
      clock.set(new Date(Date.parse(end) - 1));
      const refused = await visitor.post('/api/v1/sessions', { title: 'One more' });
      const numbers = { error: 'session_limit_exceeded', plan: 'free', current_usage: 10, limit: 10 };
      expect(facts([refused])).toEqual([{ ...numbers, period_start: start, resets_at: end }]);
      clock.set(end);
      expect((await visitor.usage()).sessions).toMatchObject({ used: 0, remaining: 10 });
      await stage.sessions(visitor.user, 10);
      expect(await create(visitor)).toBe('403 session_limit_exceeded');
      start = end;
    }
    await stage.mustBalance(visitor.user);
  });

  it('needs nobody to act: whoever comes back after years is in the period that contains today', async () => {
    const visitor = await registeredAt('2024-02-29T23:59:59.999Z');
    await stage.sessions(visitor.user, 10);
    clock.set('2027-03-01T00:00:00.000Z');
    expect(await visitor.usage()).toMatchObject({
      period_start: '2027-02-28T23:59:59.999Z',
      period_end: '2027-03-29T23:59:59.999Z',
      sessions: { used: 0 },
    });
    expect(await create(visitor)).toBe('200 undefined');
  });

  it('holds no history against anybody: twelve full months block nothing in the thirteenth', async () => {
    const visitor = await registeredAt('2025-01-15T08:00:00.000Z');
    for (let month = 0; month < 12; month++) {
      clock.set(new Date(Date.UTC(2025, month, 20)));
      await stage.sessions(visitor.user, 9);
      await stage.completed(visitor.user, 200 * 60);
      expect(await create(visitor)).toBe('403 session_limit_exceeded');
    }
    clock.set('2026-01-15T08:00:00.000Z');
    expect((await visitor.usage()).minutes).toMatchObject({ used_seconds: 0, remaining: 200 });
    const id = await visitor.started(61);
    await stage.work();
    expect(await visitor.status(id)).toBe('completed');
    expect(await stage.counters(visitor.user)).toHaveLength(13);
    await stage.mustBalance(visitor.user);
  });

  it('does not refuse minutes to a session that was created and recorded in the period before', async () => {
    const visitor = await registeredAt('2026-05-01T00:00:00.000Z');
    const id = await visitor.recorded(61);
    await stage.completed(visitor.user, 200 * 60);
    expect(await refusal(visitor.deed(id, 'start-transcription'))).toBe('403 transcription_limit_exceeded');
    clock.set('2026-06-01T00:00:00.000Z');
    await succeeded(visitor.deed(id, 'start-transcription'));
    await stage.work();
    expect(await stage.counters(visitor.user)).toEqual([
      { sessions: 2, seconds: 12_000, transcriptions: 1 },
      { sessions: 0, seconds: 61, transcriptions: 1 },
    ]);
    await stage.mustBalance(visitor.user);
  });

  it('keeps what runs over its end out of the minutes of the next, and among the running', async () => {
    const visitor = await registeredAt('2026-05-01T00:00:00.000Z');
    const next = await visitor.recorded(61);
    clock.set('2026-05-31T23:30:00.000Z');
    await visitor.started(100);
    clock.set('2026-06-01T00:10:00.000Z');
    const usage = await visitor.usage();
    expect([usage.minutes.held_seconds, usage.concurrent_transcriptions.running]).toEqual([0, 1]);
    expect(await refusal(visitor.deed(next, 'start-transcription'))).toBe(
      '403 concurrent_transcription_limit_exceeded',
    );
    await stage.work();
    await succeeded(visitor.deed(next, 'start-transcription'));
  });
});

describe('an imported user, who was never given a period', () => {
  const clock = new ManualClock();
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start({ clock });
    stage = new Stage(app);
  });
  afterAll(() => app?.stop());

  const imported = async (): Promise<Visitor> => {
    const user: TestUser = await app.user('free');
    await app.rows(
      `update users set current_month_start = null, period_anchor = null, version = version + 1 where id = $1`,
      [user.id],
    );
    return new Visitor(app, user);
  };

  it('is in the open period: everything counts, and nothing resets it', async () => {
    const visitor = await imported();
    await stage.sessions(visitor.user, 9);
    const id = await visitor.started(61);
    await stage.work();
    expect(await visitor.status(id)).toBe('completed');
    clock.advance(400 * 24 * 3600);
    expect(await visitor.usage()).toMatchObject({
      period_start: null,
      period_end: null,
      sessions: { used: 10 },
      minutes: { used_seconds: 61 },
    });
    const refused = await visitor.post('/api/v1/sessions', { title: 'One more' });
    expect(refused.body.detail).toMatchObject({ period_start: null, resets_at: null, current_usage: 10 });
    await stage.mustBalance(visitor.user);
  });

  it('is given a period by the first reset, and everything counts again when that is undone', async () => {
    const admin = new Visitor(app, await app.user('free', 'admin'));
    const visitor = await imported();
    await stage.sessions(visitor.user, 10);
    clock.advance(60);
    const path = `/api/v1/admin/users/${visitor.user.id}`;
    await succeeded(admin.post(`${path}/reset-period`, { reason: 'welcome' }));
    expect(await visitor.usage()).toMatchObject({ period_start: clock.now().toISOString(), sessions: { used: 0 } });
    const id = await visitor.started(61);
    await stage.work();
    clock.advance(60 * 24 * 3600);
    await stage.completed(visitor.user, 30);
    await succeeded(admin.post(`${path}/undo-reset-period`, { reason: 'too early' }));
    expect(await visitor.usage()).toMatchObject({
      period_start: null,
      sessions: { used: 12 },
      minutes: { used_seconds: 91 },
      transcriptions: { used: 2 },
    });
    expect(await visitor.runs(id)).toHaveLength(1);
    expect(await create(visitor)).toBe('403 session_limit_exceeded');
    await stage.mustBalance(visitor.user);
  });
});
