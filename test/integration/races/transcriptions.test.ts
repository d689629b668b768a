import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { PlanLimits } from '#domain/plans/plan-limits';
import type { SessionId } from '#domain/sessions/session';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { slowMotion } from '#test/support/slow-motion';
import { facts, MINUTE, Stage, tally } from '../stage.js';

const RUNS = 20;
const MANY = 64;
const AT_ONCE = 24;
/** One for each: what is under test is the lock, not the queue for connections. */
const CONNECTIONS = 70;

/** The student's plan without the limit that would hide the one under test. */
const { limits } = DEFAULT_CATALOG.plans.student;
const student = (of: Partial<PlanLimits>): FixedPlanCatalog => {
  const { sessions, minutes, transcriptions, concurrentTranscriptions } = { ...limits, ...of };
  const { fileSizeMb, exportFormats, retentionDays, devices } = limits;
  const changed = [fileSizeMb, exportFormats, concurrentTranscriptions, retentionDays, devices] as const;
  const plan = {
    ...DEFAULT_CATALOG.plans.student,
    limits: new PlanLimits('student', sessions, minutes, transcriptions, ...changed),
  };
  return new FixedPlanCatalog({ ...DEFAULT_CATALOG, plans: { ...DEFAULT_CATALOG.plans, student: plan } });
};

describe('transcriptions that are started at once', () => {
  let app: TestApp;
  let stage: Stage;

  const begin = async (plans: FixedPlanCatalog, clock?: ManualClock): Promise<void> => {
    app = await TestApp.start({ poolSize: CONNECTIONS, plans, ...(clock && { clock }) });
    stage = new Stage(app);
  };
  afterEach(() => app?.stop());

  const startAll = (user: TestUser, sessions: readonly SessionId[]): Promise<Answered[]> =>
    Promise.all(sessions.map((id) => app.call('POST', `/api/v1/sessions/${id}/start-transcription`, { as: user })));

  it(`hold the last minutes once, ${RUNS} times of ${RUNS}, and the others are told the very numbers`, async () => {
    const clock = new ManualClock('2026-01-31T10:00:00.000Z');
    await begin(student({ sessions: 'unlimited', concurrentTranscriptions: 1000 }), clock);
    const user = await app.user('student');
    const sessions = await stage.pending(user, MANY - 1, 6 * MINUTE);
    const motion = await slowMotion(app.databaseUrl, 'holds', { seconds: 0.02 });
    await stage.warm(CONNECTIONS);

    for (let run = 1; run <= RUNS; run++) {
      // A new period each time, in which all but six minutes are used.
      clock.advance(31 * 24 * 60 * MINUTE);
      sessions.push(...(await stage.pending(user, 1, 6 * MINUTE)));
      await stage.completed(user, 494 * MINUTE);
      const answers = await startAll(user, sessions);
      expect(tally(answers)).toEqual({ '200': 1, '403 transcription_limit_exceeded': MANY - 1 });
      const minutes = { current_usage: 494, held: 6, requested: 6, limit: 500 };
      const seconds = {
        current_usage_seconds: 29_640,
        held_seconds: 360,
        requested_seconds: 360,
        limit_seconds: 30_000,
      };
      const refusal = { error: 'transcription_limit_exceeded', plan: 'student', ...minutes, ...seconds };
      const { period_start: start, resets_at: end } = await stage.periodOf(user);
      expect(facts(answers)).toEqual([{ ...refusal, period_start: start, resets_at: end }]);

      // The one that was completed, the one that runs, and nothing of the others: no hold, no order, no job, no move.
      const [ledger] = await app.rows(
        `select (select count(*) from holds where user_id = $1 and placed_at >= $2)::integer as holds,
                (select count(*) from transcription_attempts where user_id = $1 and started_at >= $2)::integer as orders,
                (select count(*) from graphile_worker._private_jobs where payload->>'sessionId' = any($3))::integer as jobs,
                (select count(*) from sessions where user_id = $1 and status = 'processing')::integer as moved`,
        [user.id, start, sessions],
      );
      expect(ledger).toEqual({ holds: 2, orders: 2, jobs: 1, moved: 1 });
      expect((await stage.counters(user)).at(-1)).toEqual({ sessions: 2, seconds: 29_640, transcriptions: 1 });

      const winner = sessions.findIndex((_, n) => answers[n]!.status === 200);
      await stage.land(sessions[winner]!, 1, 6 * MINUTE);
      expect((await stage.counters(user)).at(-1)).toEqual({ sessions: 2, seconds: 30_000, transcriptions: 2 });
      await app.rows(`delete from graphile_worker._private_jobs`);
      sessions.splice(winner, 1);
    }
    await motion.stop();
    await stage.mustBalance(user);
  });

  it('run as many at a time as the plan allows, and not one more', async () => {
    await begin(student({}));
    const user = await app.user('student');
    const sessions = await stage.pending(user, AT_ONCE, MINUTE);
    const motion = await slowMotion(app.databaseUrl, 'holds', { seconds: 0.05 });
    await stage.warm(CONNECTIONS);
    const answers = await startAll(user, sessions);
    await motion.stop();
    expect(tally(answers)).toEqual({ '200': 2, '403 concurrent_transcription_limit_exceeded': AT_ONCE - 2 });
    const refusal = { error: 'concurrent_transcription_limit_exceeded', plan: 'student', current_usage: 2, limit: 2 };
    expect(facts(answers)).toEqual([refusal]);
    expect(await stage.count('holds', user)).toBe(2);
    await stage.mustBalance(user);
  });

  it('use the last counted transcription once', async () => {
    await begin(student({ transcriptions: 3, concurrentTranscriptions: 1000 }));
    const user = await app.user('student');
    await stage.completed(user, MINUTE);
    const sessions = await stage.pending(user, AT_ONCE, MINUTE);
    const motion = await slowMotion(app.databaseUrl, 'holds', { seconds: 0.05 });
    await stage.warm(CONNECTIONS);
    const answers = await startAll(user, sessions);
    await motion.stop();
    expect(tally(answers)).toEqual({ '200': 2, '403 transcription_count_exceeded': AT_ONCE - 2 });
    const refusal = { error: 'transcription_count_exceeded', plan: 'student', current_usage: 1, held: 2, limit: 3 };
    expect(facts(answers)).toEqual([{ ...refusal, ...(await stage.periodOf(user)) }]);
    await stage.mustBalance(user);
  });

  it('of one session are one transcription, whoever asks how often', async () => {
    await begin(student({ concurrentTranscriptions: 1000 }));
    const user = await app.user('student');
    const [session] = (await stage.pending(user, 1, MINUTE)) as [SessionId];
    const motion = await slowMotion(app.databaseUrl, 'holds', { seconds: 0.05 });
    await stage.warm(CONNECTIONS);
    const answers = await startAll(
      user,
      Array.from({ length: AT_ONCE }, () => session),
    );
    await motion.stop();
    expect(tally(answers)).toEqual({ '200': 1, '409 invalid_status_transition': AT_ONCE - 1 });
    expect(facts(answers)).toEqual([{ error: 'invalid_status_transition', from: 'processing', to: 'processing' }]);
    expect(await stage.count('holds', user)).toBe(1);
    expect(await stage.count('transcription_attempts', user)).toBe(1);
  });

  it('and cancelled or deleted in the same moment are one or the other, one after the other', async () => {
    await begin(student({ concurrentTranscriptions: 1000 }));
    const user = await app.user('student');
    const sessions = await stage.pending(user, 12, MINUTE);
    const motion = await slowMotion(app.databaseUrl, 'holds', { seconds: 0.05 });
    await stage.warm(CONNECTIONS);
    const races = sessions.map(async (id, n) => {
      const path = `/api/v1/sessions/${id}`;
      const starting = app.call('POST', `${path}/start-transcription`, { as: user });
      const stopping =
        n % 2 === 0
          ? app.call('PATCH', path, { as: user, body: { status: 'cancelled' } })
          : app.call('DELETE', path, { as: user });
      const [started, stopped] = await Promise.all([starting, stopping]);
      const { status, body } = await app.call('GET', path, { as: user });
      return { deleting: n % 2 === 1, started, stopped, status, session: body };
    });
    const outcomes = await Promise.all(races);
    await motion.stop();
    for (const { deleting, started, stopped, status, session } of outcomes) {
      if (deleting) {
        expect([stopped.status, status]).toEqual([200, 404]);
        expect([200, 404]).toContain(started.status);
      } else {
        expect([started.status, stopped.status].sort()).toEqual([200, 409]);
        expect(session.status).toBe(started.status === 200 ? 'processing' : 'cancelled');
      }
    }
    const running = outcomes.filter(({ started }) => started.status === 200);
    expect(await stage.count('holds', user)).toBe(running.length);
    await stage.mustBalance(user);
  });
});
