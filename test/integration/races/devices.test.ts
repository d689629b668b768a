import { TestApp } from '#test/support/app';
import { slowMotion } from '#test/support/slow-motion';
import { facts, Stage, tally } from '../stage.js';

const AT_ONCE = 24;
const RUNS = 5;

describe('the last device of a plan', () => {
  let app: TestApp;
  let stage: Stage;
  beforeAll(async () => {
    app = await TestApp.start({ poolSize: AT_ONCE + 4 });
    stage = new Stage(app);
  });
  afterAll(() => app?.stop());

  const add = (user: Awaited<ReturnType<TestApp['user']>>, name: string, key?: string) =>
    app.call('POST', '/api/v1/devices', { as: user, body: { name }, headers: key ? { 'Idempotency-Key': key } : {} });

  it(`is registered by one of ${AT_ONCE} requests at once, ${RUNS} times of ${RUNS}`, async () => {
    const motion = await slowMotion(app.databaseUrl, 'devices', { seconds: 0.03 });
    await stage.warm(AT_ONCE + 4);
    for (let run = 0; run < RUNS; run++) {
      const user = await app.user('student');
      expect((await add(user, 'phone')).status).toBe(201);
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => add(user, `device ${n}`)));
      expect(tally(answers)).toEqual({ '201': 1, '403 device_limit_exceeded': AT_ONCE - 1 });
      const refusal = { error: 'device_limit_exceeded', plan: 'student', current_usage: 3, limit: 3 };
      expect(facts(answers)).toEqual([refusal]);
      expect(await stage.count('devices', user)).toBe(3);
    }
    await motion.stop();
  });

  it('has one name: of requests at once for the same name one succeeds', async () => {
    const user = await app.user('pro');
    const motion = await slowMotion(app.databaseUrl, 'devices', { seconds: 0.03 });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => add(user, n % 2 ? 'Tablet' : 'tablet')));
    await motion.stop();
    expect(tally(answers)).toEqual({ '201': 1, '409 device_name_taken': 7 });
    expect(await stage.count('devices', user)).toBe(2);
  });
});
