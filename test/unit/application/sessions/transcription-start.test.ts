import { ProviderUnknown } from '#application/sessions/transcribers';
import { RecordingGone, WrongTranscriptionKind } from '#application/sessions/transcription-start';
import { UserSuspended } from '#domain/accounts/user';
import { UserNotFound } from '#domain/accounts/user-repository';
import { PlanUnknown } from '#domain/plans/plan-catalog';
import type { PlanName } from '#domain/plans/plan-name';
import { ModelNotPriced } from '#domain/providers/rate-card';
import { InvalidStatusTransition, type Session } from '#domain/sessions/session';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { HOLD_LIFETIME_MS } from '#domain/usage/hold';
import { aFailure } from '#test/support/builders/reports';
import { aRecordedSession, aSession } from '#test/support/builders/sessions';
import { aUser } from '#test/support/builders/users';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { ScriptedTranscriber } from '#test/support/fakes/scripted-transcriber';
import { refusalOf } from '#test/support/refusals';
import { SessionWorld } from '#test/support/session-world';

async function aPendingSession(options: ConstructorParameters<typeof SessionWorld>[0] = {}, seconds = 61) {
  const world = new SessionWorld(options);
  const user = await world.user();
  return { world, user, session: await world.given(aRecordedSession(user.id, { seconds })) };
}
const request = (
  session: Session,
  of: { expects?: 'original' | 'retry_failed' | 'retry_success'; sttProvider?: string } = {},
) => ({ sessionId: session.id, userId: session.userId, expects: 'original', sttProvider: null, ...of }) as const;

describe('TranscriptionStart', () => {
  it('holds the measured seconds, orders one attempt and enqueues its job', async () => {
    const { world, user, session } = await aPendingSession();
    const { session: processing, attempt, hold } = await world.start(session);
    expect(processing).toMatchObject({ status: 'processing', attempts: 1, error: null });
    expect(await world.now(session)).toEqual(processing);
    expect(await world.attempts.find(session.id, 1)).toEqual(attempt);
    expect(attempt).toMatchObject({
      ...{ type: 'original', provider: 'sandbox', model: 'sandbox-1', rateCardId: world.price.id },
      ...{ audioSeconds: 61, externalId: null, uploadKey: session.uploadKey, startedAt: world.clock.now() },
    });
    expect(hold).toMatchObject({ seconds: 61, transcriptions: 1, state: 'open', placedAt: world.clock.now() });
    expect(hold.expiresAt.getTime() - hold.placedAt.getTime()).toBe(HOLD_LIFETIME_MS);
    expect(world.jobs.jobs).toMatchObject([
      { task: 'transcribe', payload: { sessionId: session.id, attempt: 1 }, runAt: null },
    ]);
    expect(await world.usageOf(user)).toMatchObject({
      used: { seconds: 0 },
      held: { seconds: 61 },
      running: 1,
      heldTranscriptions: 1,
    });
  });

  it('admits what reaches the limit exactly and refuses one second more, with the numbers it compared', async () => {
    const { world, user, session } = await aPendingSession({ free: { minutes: 10, concurrentTranscriptions: 9 } }, 540);
    await world.start(session);
    const minute = await world.given(aRecordedSession(user.id, { seconds: 61 }));
    const refused = await refusalOf(world.start(minute));
    expect(refused.code).toBe('transcription_limit_exceeded');
    expect(refused.facts).toMatchObject({
      ...{ plan: 'free', current_usage: 0, held: 9, requested: 2, limit: 10 },
      ...{ current_usage_seconds: 0, held_seconds: 540, requested_seconds: 61, limit_seconds: 600 },
    });
    const fitting = await world.given(aRecordedSession(user.id, { seconds: 60 }));
    await expect(world.start(fitting)).resolves.toBeDefined();
  });

  it('leaves everything as it was when it refuses', async () => {
    const { world, user, session } = await aPendingSession({ free: { minutes: 1 } });
    await refusalOf(world.start(session));
    expect([await world.now(session), world.jobs.jobs, world.allHolds]).toEqual([session, [], []]);
    expect(await world.attempts.find(session.id, 1)).toBeNull();
    expect(world.telemetry.counted).toEqual([]);
    expect(await world.usageOf(user)).toMatchObject({ held: { seconds: 0 }, running: 0 });
  });

  it('refuses one transcription more at the same time than the plan runs', async () => {
    const { world, user, session } = await aPendingSession();
    await world.start(session);
    const second = await world.given(aRecordedSession(user.id));
    const refused = await refusalOf(world.start(second));
    expect(refused.code).toBe('concurrent_transcription_limit_exceeded');
    expect(refused.facts).toEqual({ plan: 'free', current_usage: 1, limit: 1 });
  });

  it('refuses one transcription more in the period than the plan counts', async () => {
    const { world, user, session } = await aPendingSession({ free: { transcriptions: 1 } });
    await world.start(session);
    await world.land(session, 1);
    const refused = await refusalOf(world.start(await world.given(aRecordedSession(user.id))));
    expect([refused.code, refused.facts.current_usage, refused.facts.limit]).toEqual([
      'transcription_count_exceeded',
      1,
      1,
    ]);
  });

  it('frees the minutes of a hold that expired by the clock alone', async () => {
    const { world, user, session } = await aPendingSession({ free: { minutes: 2 } }, 120);
    await world.start(session);
    const next = await world.given(aRecordedSession(user.id, { seconds: 120 }));
    expect((await refusalOf(world.start(next))).code).toBe('concurrent_transcription_limit_exceeded');
    world.clock.advance(HOLD_LIFETIME_MS / 1000);
    await expect(world.start(next)).resolves.toBeDefined();
  });

  it('gives the last minutes to exactly one of many that ask for them', async () => {
    const { world, user } = await aPendingSession({ free: { minutes: 10, concurrentTranscriptions: 99 } });
    const sessions = await Promise.all(
      Array.from({ length: 30 }, () => world.given(aRecordedSession(user.id, { seconds: 400 }))),
    );
    const answers = await Promise.allSettled(sessions.map((session) => world.start(session)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await world.usageOf(user)).held.seconds).toBe(400);
  });

  it('starts one session once, however often at the same time', async () => {
    const { world, session } = await aPendingSession({ free: { concurrentTranscriptions: 9 } });
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => world.start(session)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect([world.allHolds.length, world.jobs.jobs.length]).toEqual([1, 1]);
  });

  it('transcribes a recording of 24 hours when the plan has the minutes for it', async () => {
    const { world, session } = await aPendingSession({ free: { minutes: 1440 } }, 86_400);
    expect((await world.start(session)).hold.seconds).toBe(86_400);
  });

  it('takes nothing of the quota for a free retry, but one of the places', async () => {
    const { world, user, session } = await aPendingSession({ free: { minutes: 2, transcriptions: 1 } }, 120);
    await world.start(session);
    await world.land(session, 1, aFailure());
    const { attempt, hold, session: again } = await world.start(session, 'retry_failed');
    expect([attempt.type, attempt.attempt, hold.seconds, hold.transcriptions]).toEqual(['retry_failed', 2, 0, 0]);
    expect(again.error).toBeNull();
    expect(await world.usageOf(user)).toMatchObject({ held: { seconds: 0 }, heldTranscriptions: 0, running: 1 });
    const other = await world.given(aRecordedSession(user.id, { seconds: 1 }));
    expect((await refusalOf(world.start(other))).code).toBe('concurrent_transcription_limit_exceeded');
  });

  it('measures a free retry against the places alone', async () => {
    const { world, user, session } = await aPendingSession({ free: { concurrentTranscriptions: 2 } });
    await world.start(session);
    await world.land(session, 1, aFailure());
    await world.start(await world.given(aRecordedSession(user.id)));
    await world.start(await world.given(aRecordedSession(user.id)));
    expect((await refusalOf(world.start(session, 'retry_failed'))).code).toBe(
      'concurrent_transcription_limit_exceeded',
    );
  });

  it('pays for a re-transcription like for the first time', async () => {
    const { world, user, session } = await aPendingSession();
    await world.start(session);
    await world.land(session, 1);
    const { attempt, hold } = await world.start(session, 'retry_success');
    expect([attempt.type, hold.seconds, hold.transcriptions]).toEqual(['retry_success', 61, 1]);
    expect(await world.usageOf(user)).toMatchObject({ used: { seconds: 61 }, held: { seconds: 61 } });
  });

  it.each([
    ['a first run', 'retry_failed', 'original'],
    ['a first run', 'retry_success', 'original'],
    ['a failed one', 'retry_success', 'retry_failed'],
    ['a completed one', 'retry_failed', 'retry_success'],
    ['a completed one', 'original', 'retry_success'],
  ] as const)('derives from the log that %s is not %s but %s', async (state, asked, is) => {
    const { world, session } = await aPendingSession();
    if (state !== 'a first run') {
      await world.start(session);
      await world.land(session, 1, state === 'a failed one' ? aFailure() : undefined);
    }
    const refused = await refusalOf(world.starting().execute(request(session, { expects: asked })));
    expect(refused).toBeInstanceOf(WrongTranscriptionKind);
    expect(refused.facts).toEqual({ asked, is });
  });

  it('begins a new history with a new recording: nobody retries another file for free', async () => {
    const { world, session } = await aPendingSession();
    await world.start(session);
    await world.land(session, 1, aFailure());
    const failed = await world.now(session);
    const replaced = failed.awaitUpload('another', 'another.mp3', world.clock.now());
    await world.given(
      Object.assign(Object.create(Object.getPrototypeOf(replaced)) as Session, replaced, {
        status: 'pending',
        durationSeconds: 30,
      }),
    );
    expect((await refusalOf(world.start(session, 'retry_failed'))).facts).toMatchObject({ is: 'original' });
    expect((await world.start(session)).attempt).toMatchObject({ type: 'original', attempt: 2, uploadKey: 'another' });
  });

  it.each(['uploading', 'processing', 'cancelled'] as const)('refuses a session that is %s', async (status) => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id, { status }));
    const refused = await refusalOf(world.start(session));
    expect([refused.constructor, refused.facts]).toEqual([InvalidStatusTransition, { from: status, to: 'processing' }]);
  });

  it('refuses when the recording is not kept any more', async () => {
    const world = new SessionWorld();
    const session = await world.given(
      aRecordedSession((await world.user()).id, { status: 'completed', uploadKey: null }),
    );
    expect(await refusalOf(world.start(session, 'retry_success'))).toBeInstanceOf(RecordingGone);
  });

  it('can be told another provider, whose price it is held by', async () => {
    const other = new ScriptedTranscriber('openai', 'whisper-1');
    const { world, session } = await aPendingSession({ others: [other] });
    expect(await refusalOf(world.starting().execute(request(session, { sttProvider: 'nobody' })))).toBeInstanceOf(
      ProviderUnknown,
    );
    expect(await refusalOf(world.starting().execute(request(session, { sttProvider: 'openai' })))).toBeInstanceOf(
      ModelNotPriced,
    );
    world.rateCards.add({ ...world.price, provider: 'openai', model: 'whisper-1', costOf: world.price.costOf });
    const { attempt } = await world.starting().execute(request(session, { sttProvider: 'openai' }));
    expect([attempt.provider, attempt.model]).toEqual(['openai', 'whisper-1']);
  });

  it('counts a start for telemetry when it is committed', async () => {
    const { world, session } = await aPendingSession();
    await world.start(session);
    expect(world.telemetry.counted).toEqual(['transcriptionStarted sandbox original']);
  });

  it('refuses users who do not exist, are suspended or have an unknown plan', async () => {
    const world = new SessionWorld();
    const suspended = await world.user({ suspendedAt: world.clock.now() });
    const lost = await world.user({ plan: 'bespoke' as PlanName });
    const [one, two, three] = [aRecordedSession(aUser().id), aRecordedSession(suspended.id), aRecordedSession(lost.id)];
    for (const session of [one, two, three]) await world.given(session);
    expect(await refusalOf(world.start(one))).toBeInstanceOf(UserNotFound);
    expect(await refusalOf(world.start(two))).toBeInstanceOf(UserSuspended);
    expect(await refusalOf(world.start(three))).toBeInstanceOf(PlanUnknown);
    expect([world.allHolds, world.jobs.jobs]).toEqual([[], []]);
  });

  it('answers a foreign session like a missing one', async () => {
    const { world, session } = await aPendingSession();
    const stranger = await world.user();
    const foreign = world.starting().execute({ ...request(session), userId: stranger.id });
    expect(await refusalOf(foreign)).toBeInstanceOf(SessionNotFound);
    expect(await refusalOf(world.start(aSession(stranger.id)))).toBeInstanceOf(SessionNotFound);
  });

  it.each([
    ['users', 'hold'],
    ['sessions', 'hold'],
    ['sessions', 'save'],
    ['logs', 'listOfSession'],
    ['rateCards', 'priceOf'],
    ['holds', 'placeWithin'],
    ['jobs', 'add'],
  ] as const)('lets an outage at %s.%s through; nothing is held and no work is started', async (port, method) => {
    const { world, user, session } = await aPendingSession();
    const broken = world.starting({ [port]: failingAt(world[port] as object, method as never) });
    await expect(broken.execute(request(session))).rejects.toThrow(DatabaseGone);
    expect([await world.now(session), world.jobs.jobs, world.allHolds]).toEqual([session, [], []]);
    expect((await world.usageOf(user)).running).toBe(0);
  });
});
