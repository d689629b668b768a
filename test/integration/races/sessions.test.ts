import { TestApp } from '#test/support/app';
import { slowMotion } from '#test/support/slow-motion';
import { facts, Stage, tally } from '../stage.js';

const RUNS = 20;
const AT_ONCE = 64;

describe('the last session of a period', () => {
  let app: TestApp;
  let stage: Stage;

  beforeAll(async () => {
    app = await TestApp.start({ poolSize: 20 });
    stage = new Stage(app);
  });
  afterAll(() => app?.stop());

  it(`is won by one of ${AT_ONCE} requests at once, ${RUNS} times of ${RUNS}, and the others are told the very numbers`, async () => {
    const users = [];
    for (let run = 0; run < RUNS; run++) users.push(await app.user('free'));
    for (const user of users) await stage.sessions(user, 9);
    const motion = await slowMotion(app.databaseUrl, 'sessions', { seconds: 0.05 });
    await stage.warm(20);

    for (const user of users) {
      const answers = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, n) =>
          app.call('POST', '/api/v1/sessions', { as: user, body: { title: `Race ${n}` } }),
        ),
      );
      expect(tally(answers)).toEqual({ '200': 1, '403 session_limit_exceeded': AT_ONCE - 1 });
      const refusal = { error: 'session_limit_exceeded', plan: 'free', current_usage: 10, limit: 10 };
      expect(facts(answers)).toEqual([{ ...refusal, ...(await stage.periodOf(user)) }]);

      expect(await stage.counters(user)).toEqual([{ sessions: 10, seconds: 0, transcriptions: 0 }]);
      expect(await stage.count('sessions', user)).toBe(10);
      const won = answers.find(({ status }) => status === 200)!.body as { id: string };
      expect((await app.call('GET', `/api/v1/sessions/${won.id}`, { as: user })).status).toBe(200);
      await stage.mustBalance(user);
    }
    await motion.stop();
  });

  it('is won once when it is the first of a period that has no counters yet', async () => {
    const user = await app.user('free');
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, n) =>
        app.call('POST', '/api/v1/sessions', { as: user, body: { title: `Race ${n}` } }),
      ),
    );
    expect(tally(answers)).toEqual({ '200': 10, '403 session_limit_exceeded': 22 });
    expect(await stage.counters(user)).toEqual([{ sessions: 10, seconds: 0, transcriptions: 0 }]);
    await stage.mustBalance(user);
  });
});
