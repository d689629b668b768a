import type { SessionId } from '#domain/sessions/session';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { slowMotion } from '#test/support/slow-motion';
import { MINUTE, Stage } from '../stage.js';

const AT_ONCE = 16;

describe('one Idempotency-Key, many requests at once', () => {
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start({ poolSize: AT_ONCE + 4 });
    stage = new Stage(app);
    await stage.warm(AT_ONCE + 4);
  });
  afterAll(() => app?.stop());

  const many = (user: TestUser, path: string, body: unknown, key: string): Promise<Answered[]> =>
    Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        app.call('POST', path, { as: user, body, headers: { 'Idempotency-Key': key } }),
      ),
    );

  /** One answer; who comes while it is made is asked to come back; who comes later is told the same. */
  const mustBeOne = (answers: readonly Answered[], status: number): Answered => {
    const done = answers.filter((answer) => answer.status === status);
    const waiting = answers.filter((answer) => answer.status === 409);
    expect(done.length + waiting.length).toBe(AT_ONCE);
    expect(done.filter(({ headers }) => headers.get('Idempotent-Replayed') === null)).toHaveLength(1);
    for (const { body, headers } of waiting) {
      expect([body.detail.error, headers.get('Retry-After')]).toEqual(['idempotency_key_in_use', '1']);
    }
    return done.find(({ headers }) => headers.get('Idempotent-Replayed') === null)!;
  };

  it('create one session, and every answer names it', async () => {
    const user = await app.user('free');
    const motion = await slowMotion(app.databaseUrl, 'sessions', { seconds: 0.1 });
    const answers = await many(user, '/api/v1/sessions', { title: 'Once' }, 'one-session');
    await motion.stop();
    const { body } = mustBeOne(answers, 200);
    expect(await stage.counters(user)).toEqual([{ sessions: 1, seconds: 0, transcriptions: 0 }]);

    const [again] = await many(user, '/api/v1/sessions', { title: 'Once' }, 'one-session');
    expect([again!.status, again!.headers.get('Idempotent-Replayed'), again!.body]).toEqual([200, 'true', body]);
    expect(await stage.count('sessions', user)).toBe(1);
    await stage.mustBalance(user);
  });

  it('use the last session once, and do not take the answer of the winner for a refusal', async () => {
    const user = await app.user('free');
    await stage.sessions(user, 9);
    const motion = await slowMotion(app.databaseUrl, 'sessions', { seconds: 0.1 });
    mustBeOne(await many(user, '/api/v1/sessions', { title: 'Last' }, 'last'), 200);
    await motion.stop();
    expect(await stage.count('sessions', user)).toBe(10);
  });

  it('are refused once: the answer is kept with its numbers, and replayed even when there is room again', async () => {
    const user = await app.user('free');
    await stage.sessions(user, 10);
    const refused = mustBeOne(await many(user, '/api/v1/sessions', { title: 'No' }, 'no'), 403);
    expect(refused.body.detail).toMatchObject({ error: 'session_limit_exceeded', current_usage: 10, limit: 10 });
    await app.rows(`update users set plan = 'pro', version = version + 1 where id = $1`, [user.id]);
    const [again] = await many(user, '/api/v1/sessions', { title: 'No' }, 'no');
    expect([again!.status, again!.headers.get('Idempotent-Replayed'), again!.body]).toEqual([
      403,
      'true',
      refused.body,
    ]);
    expect(await stage.count('sessions', user)).toBe(10);
  });

  it('start one transcription', async () => {
    const user = await app.user('coaching_school');
    const [session] = (await stage.pending(user, 1, MINUTE)) as [SessionId];
    const motion = await slowMotion(app.databaseUrl, 'holds', { seconds: 0.1 });
    mustBeOne(await many(user, `/api/v1/sessions/${session}/start-transcription`, undefined, 'start'), 200);
    await motion.stop();
    expect(await stage.count('holds', user)).toBe(1);
    await stage.mustBalance(user);
  });

  it('show a new key once, to one of them', async () => {
    const user = await app.user('pro');
    const motion = await slowMotion(app.databaseUrl, 'devices', { seconds: 0.1 });
    const answers = await many(user, '/api/v1/devices', { name: 'phone' }, 'device');
    await motion.stop();
    const { body } = mustBeOne(answers, 201);
    expect(body.key).toMatch(/^mb_test_/);
    const [again] = await many(user, '/api/v1/devices', { name: 'phone' }, 'device');
    expect([again!.status, again!.body]).toEqual([201, { ...body, key: null }]);
    expect(answers.filter((answer) => typeof answer.body.key === 'string')).toHaveLength(1);
    expect(await stage.count('devices', user)).toBe(2);
    const kept = await app.rows(`select body::text from idempotent_answers where user_id = $1`, [user.id]);
    expect(JSON.stringify(kept)).not.toContain(body.key);
  });
});
