import { SessionDeletion } from '#application/sessions/session-deletion';
import type { FinalReport } from '#application/sessions/transcriber';
import type { Session } from '#domain/sessions/session';
import { TranscriptNotFound } from '#domain/sessions/transcript-repository';
import { HOLD_LIFETIME_MS } from '#domain/usage/hold';
import { aFailure, aReport } from '#test/support/builders/reports';
import { aRecordedSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { refusalOf } from '#test/support/refusals';
import { SessionWorld } from '#test/support/session-world';

async function aStartedSession(seconds = 61, options: ConstructorParameters<typeof SessionWorld>[0] = {}) {
  const world = new SessionWorld(options);
  const user = await world.user();
  const session = await world.given(aRecordedSession(user.id, { seconds }));
  await world.start(session);
  world.clock.advance(90);
  return { world, user, session, land: (report?: FinalReport, attempt = 1) => world.land(session, attempt, report) };
}
const remove = ({ sessions, transcripts, jobs, transaction, clock }: SessionWorld, session: Session) =>
  new SessionDeletion(sessions, transcripts, jobs, transaction, clock).execute(session.id, session.userId);

describe('TranscriptionCompletion of a success', () => {
  it('logs it, counts it, settles the hold, keeps the transcript and completes the session', async () => {
    const { world, user, session, land } = await aStartedSession();
    expect(await land()).toBe('landed');
    expect(await world.now(session)).toMatchObject({ status: 'completed', error: null, attempts: 1 });
    expect(world.allHolds).toMatchObject([{ state: 'settled', closedAt: world.clock.now() }]);
    expect(await world.usageOf(user)).toMatchObject({
      used: { seconds: 61 },
      held: { seconds: 0 },
      transcriptions: 1,
      running: 0,
    });
    const transcript = await world.transcripts.latest(session.id, user.id);
    expect([transcript.language, transcript.segments.map(({ text }) => text)]).toEqual([
      'en-US',
      ['What brings you here?', 'I say yes too often.'],
    ]);
  });

  it('writes an entry that tells everything by itself', async () => {
    const { world, user, session, land } = await aStartedSession();
    await land();
    const [log] = await world.logsOf(session);
    expect(log).toMatchObject({
      ...{ userId: user.id, sessionId: session.id, attempt: 1, periodStart: new Date('2026-02-15T09:30:00.000Z') },
      ...{ transcriptionType: 'original', outcome: 'completed', parentLogId: null, uploadKey: session.uploadKey },
      ...{ audioSeconds: 61, countedSeconds: 61, countedTranscriptions: 1 },
      ...{ billable: true, billingReason: 'transcription_completed', costMicros: 6100n, providerCostMicros: 6100n },
      ...{ provider: 'sandbox', model: 'sandbox-1', rateCardId: world.price.id, plan: 'free', planVersion: 'test' },
      ...{ language: 'en-US', filename: 'monday.mp3', fileBytes: 976_000, completedAt: world.clock.now() },
      ...{ providerMetadata: { model: 'sandbox-1', duration_source: 'measured' } },
    });
    expect(log!.planLimits).toMatchObject({ sessions: 10, minutes: 200 });
    expect(log!.completedAt.getTime() - log!.startedAt.getTime()).toBe(90_000);
  });

  it.each([
    ['less than was held', 59.2, 60],
    ['more than was held', 100, 100],
    ['one millisecond', 0.001, 1],
    ['24 hours', 86_400, 86_400],
  ])('settles what the provider reports: %s', async (_, reportedSeconds, counted) => {
    const { world, user, session, land } = await aStartedSession();
    await land(aReport({ reportedSeconds }));
    const [log] = await world.logsOf(session);
    expect([log!.countedSeconds, log!.providerMetadata.duration_source]).toEqual([counted, 'provider']);
    expect((await world.usageOf(user)).used.seconds).toBe(counted);
  });

  it.each([0, -61, 86_400.5, 1e9, NaN, Infinity, null])(
    'falls back on its own measurement when the provider reports %p',
    async (reportedSeconds) => {
      const { world, session, land } = await aStartedSession();
      await land(aReport({ reportedSeconds }));
      const [log] = await world.logsOf(session);
      expect([log!.audioSeconds, log!.countedSeconds, log!.costMicros]).toEqual([61, 61, 6100n]);
      expect(log!.providerMetadata.duration_source).toBe('measured');
    },
  );

  it('counts 59 seconds as 59 seconds', async () => {
    const { world, user, land } = await aStartedSession(59);
    await land();
    expect((await world.usageOf(user)).used.seconds).toBe(59);
  });

  it.each([undefined, null])('lands a result whose provider metadata is %p', async (metadata) => {
    const { world, session, land } = await aStartedSession();
    await land(aReport({ metadata: metadata as never }));
    expect((await world.logsOf(session))[0]!.providerMetadata).toEqual({ duration_source: 'measured' });
  });

  it('completes a recording in which nobody speaks, and counts it', async () => {
    const { world, user, session, land } = await aStartedSession();
    await land(aReport({ segments: [] }));
    expect((await world.transcripts.latest(session.id, user.id)).segments).toEqual([]);
    expect((await world.usageOf(user)).used.seconds).toBe(61);
  });

  it('takes the session’s language when the provider names none', async () => {
    const { world, session, land } = await aStartedSession();
    await land(aReport({ language: null }));
    expect((await world.transcripts.latest(session.id, session.userId)).language).toBe('en-US');
  });

  it('charges by the price it was held by, whatever the price has become', async () => {
    const { world, session, land } = await aStartedSession(60);
    world.rateCards.add(
      Object.assign(Object.create(Object.getPrototypeOf(world.price)) as typeof world.price, world.price, {
        id: 'new',
        microsPerMinute: 1n,
      }),
    );
    await land();
    expect((await world.logsOf(session))[0]).toMatchObject({ costMicros: 6000n, rateCardId: world.price.id });
  });

  it('is counted in the period that it was held in, however late it lands', async () => {
    const { world, user, land } = await aStartedSession();
    world.clock.set('2026-03-15T09:30:01.000Z');
    await land();
    expect((await world.usageOf(user)).used.seconds).toBe(0);
    world.clock.set('2026-03-15T09:29:59.000Z');
    expect((await world.usageOf(user)).used.seconds).toBe(61);
  });

  it('is settled although its hold has expired: the provider did the work', async () => {
    const { world, user, session, land } = await aStartedSession();
    world.clock.advance(HOLD_LIFETIME_MS / 1000);
    expect(await land()).toBe('landed');
    expect([(await world.now(session)).status, world.allHolds[0]!.state]).toEqual(['completed', 'settled']);
    expect((await world.usageOf(user)).used.seconds).toBe(61);
  });

  it('is settled for a user who was suspended or downgraded meanwhile', async () => {
    const { world, user, session, land } = await aStartedSession();
    await world.transaction.run(async () => {
      const held = await world.users.hold(user.id);
      await world.users.save(held.withPlan('student').suspended(world.clock.now()));
    });
    await land();
    expect((await world.logsOf(session))[0]!.plan).toBe('student');
  });

  it('tells telemetry once', async () => {
    const { world, land } = await aStartedSession();
    world.telemetry.counted.length = 0;
    await land();
    await land();
    expect(world.telemetry.counted).toEqual(['transcriptionFinished sandbox completed 61', 'holdClosed settled 90']);
  });
});

describe('TranscriptionCompletion of a failure', () => {
  it('logs it, counts and charges nothing, releases the hold and fails the session with the reason', async () => {
    const { world, user, session, land } = await aStartedSession();
    await land(aFailure({ reason: 'unreadable', metadata: { code: 7 } }));
    expect(await world.now(session)).toMatchObject({ status: 'failed', error: 'unreadable' });
    expect(world.allHolds).toMatchObject([{ state: 'released' }]);
    expect(await world.usageOf(user)).toMatchObject({
      used: { seconds: 0 },
      held: { seconds: 0 },
      transcriptions: 0,
      running: 0,
    });
    expect(await world.logsOf(session)).toMatchObject([
      {
        ...{ outcome: 'failed', audioSeconds: 61, countedSeconds: 0, countedTranscriptions: 0, billable: false },
        ...{ billingReason: 'transcription_failed', costMicros: 0n, providerCostMicros: 0n },
        ...{ providerMetadata: { code: 7, reason: 'unreadable', duration_source: 'measured' } },
      },
    ]);
    expect(await refusalOf(world.transcripts.latest(session.id, user.id))).toBeInstanceOf(TranscriptNotFound);
  });
});

describe('TranscriptionCompletion of another run', () => {
  it('logs a free retry under the first entry, counts nothing and costs the user nothing', async () => {
    const { world, user, session, land } = await aStartedSession();
    await land(aFailure());
    await world.start(session, 'retry_failed');
    await land(aReport(), 2);
    const [first, retry] = await world.logsOf(session);
    expect(retry).toMatchObject({
      ...{ transcriptionType: 'retry_failed', outcome: 'completed', parentLogId: first!.id, attempt: 2 },
      ...{ countedSeconds: 0, countedTranscriptions: 0, billable: false, billingReason: 'retry_after_failure' },
      ...{ costMicros: 0n, providerCostMicros: 6100n },
    });
    expect(await world.usageOf(user)).toMatchObject({ used: { seconds: 0 }, transcriptions: 0 });
  });

  it('charges a re-transcription under the first entry, and shows its transcript from then on', async () => {
    const { world, user, session, land } = await aStartedSession();
    await land();
    await world.start(session, 'retry_success');
    await land(aReport({ segments: [] }), 2);
    const [first, second] = await world.logsOf(session);
    expect(second).toMatchObject({
      transcriptionType: 'retry_success',
      parentLogId: first!.id,
      costMicros: 6100n,
      billingReason: 'retranscription',
    });
    expect((await world.usageOf(user)).used.seconds).toBe(122);
    expect((await world.transcripts.latest(session.id, user.id)).attempt).toBe(2);
  });

  it('shows the old transcript after a re-transcription that failed', async () => {
    const { world, user, session, land } = await aStartedSession();
    await land();
    await world.start(session, 'retry_success');
    await land(aFailure(), 2);
    expect((await world.transcripts.latest(session.id, user.id)).attempt).toBe(1);
    expect((await world.now(session)).status).toBe('failed');
  });
});

describe('TranscriptionCompletion, delivered again', () => {
  it.each([
    ['the same result', aReport()],
    ['a failure', aFailure()],
    ['a longer result', aReport({ reportedSeconds: 9999 })],
  ])('changes nothing for %s', async (_, second) => {
    const { world, user, session, land } = await aStartedSession();
    await land();
    const [logs, kept] = [await world.logsOf(session), await world.now(session)];
    world.clock.advance(10);
    expect(await land(second)).toBe('duplicate');
    expect([await world.logsOf(session), await world.now(session)]).toEqual([logs, kept]);
    expect(await world.usageOf(user)).toMatchObject({ used: { seconds: 61 }, transcriptions: 1 });
  });

  it('lands once, however many deliver it at the same time', async () => {
    const { world, user, land } = await aStartedSession();
    const answers = await Promise.all(Array.from({ length: 20 }, () => land()));
    expect(answers.filter((answer) => answer === 'landed')).toHaveLength(1);
    expect((await world.usageOf(user)).used.seconds).toBe(61);
  });

  it('does not touch the attempt that runs now when an older one comes late', async () => {
    const { world, session, land } = await aStartedSession();
    await land(aFailure());
    await world.start(session, 'retry_failed');
    expect(await land(aReport(), 1)).toBe('duplicate');
    expect(await world.now(session)).toMatchObject({ status: 'processing', attempts: 2 });
    expect(world.allHolds.map(({ state }) => state)).toEqual(['released', 'open']);
  });
});

describe('TranscriptionCompletion for a deleted session', () => {
  it.each([
    ['a success', aReport(), 61],
    ['a failure', aFailure(), 0],
  ])('counts %s, keeps no transcript and has the recording removed', async (_, report, seconds) => {
    const { world, user, session, land } = await aStartedSession();
    await remove(world, session);
    expect(world.jobs.of('remove_recording')).toEqual([]);
    expect(await land(report)).toBe('landed');
    expect((await world.usageOf(user)).used.seconds).toBe(seconds);
    expect(world.transaction.table('transcripts').all()).toEqual([]);
    expect(world.jobs.of('remove_recording')).toMatchObject([{ payload: { uploadKey: session.uploadKey } }]);
    expect(await world.now(session)).toMatchObject({ title: '', deletedAt: world.clock.now() });
  });
});

describe('TranscriptionCompletion when something breaks', () => {
  it.each([
    ['users', 'hold'],
    ['sessions', 'holdEvenDeleted'],
    ['holds', 'ofAttempt'],
    ['rateCards', 'get'],
    ['logs', 'listOfSession'],
    ['logs', 'append'],
    ['holds', 'close'],
    ['sessions', 'save'],
    ['transcripts', 'add'],
  ] as const)('counts nothing and keeps the hold for the next delivery when %s.%s is down', async (port, method) => {
    const { world, user, session, land } = await aStartedSession();
    world.telemetry.counted.length = 0;
    const broken = world.completing({ [port]: failingAt(world[port] as object, method as never) });
    await expect(broken.execute(session.id, 1, aReport())).rejects.toThrow(DatabaseGone);
    expect([await world.logsOf(session), world.allHolds.map(({ state }) => state)]).toEqual([[], ['open']]);
    expect([(await world.now(session)).status, world.telemetry.counted]).toEqual(['processing', []]);
    expect(await world.usageOf(user)).toMatchObject({ used: { seconds: 0 }, held: { seconds: 61 } });

    expect(await land()).toBe('landed');
    expect((await world.usageOf(user)).used.seconds).toBe(61);
  });

  it('breaks for an attempt that was never ordered', async () => {
    const { world, session } = await aStartedSession();
    await expect(world.land(session, 2)).rejects.toThrow('has no attempt 2');
  });

  it('charges no parent in the place of one that cannot be read', async () => {
    const { world, session, land } = await aStartedSession();
    await land();
    await world.start(session, 'retry_success');
    const broken = world.completing({ logs: failingAt(world.logs, 'listOfSession') });
    await expect(broken.execute(session.id, 2, aReport())).rejects.toThrow(DatabaseGone);
    expect(await world.logsOf(session)).toHaveLength(1);
  });
});
