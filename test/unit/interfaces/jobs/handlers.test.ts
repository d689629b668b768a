import { jest } from '@jest/globals';
import { PageSessionRemoval } from '#application/accounts/page-session-removal';
import type { Outages } from '#application/ports/outages';
import { DatabaseUnavailable } from '#application/ports/outages';
import { ListLostTranscriptions } from '#application/sessions/list-lost-transcriptions';
import { RetentionSweep } from '#application/sessions/retention-sweep';
import { RefusalSweep } from '#application/usage/refusal-sweep';
import { TranscriptionDispatch } from '#application/sessions/transcription-dispatch';
import { HOLD_LIFETIME_MS } from '#domain/usage/hold';
import { LostTranscriptionsHandler } from '#interfaces/jobs/lost-transcriptions.handler';
import { RecordingRemovalHandler } from '#interfaces/jobs/recording-removal.handler';
import { RetentionHandler } from '#interfaces/jobs/retention.handler';
import { TranscriptionLandingHandler } from '#interfaces/jobs/transcription-landing.handler';
import { TranscriptionHandler } from '#interfaces/jobs/transcription.handler';
import { aFailure, aReport } from '#test/support/builders/reports';
import { aRecordedSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt, withMethods } from '#test/support/failing';
import { RecordingLog } from '#test/support/fakes/recording-log';
import { type SessionPorts, SessionWorld } from '#test/support/session-world';

class ImpatientHandler extends TranscriptionHandler {
  protected override readonly pausesMs = [0, 0, 0];
}

const outages: Outages = { recognise: (error) => (error instanceof DatabaseGone ? new DatabaseUnavailable() : null) };

async function aStartedSession() {
  const world = new SessionWorld();
  const session = await world.given(aRecordedSession((await world.user()).id));
  world.uploads.files.set(session.uploadKey!, Buffer.from('sound'));
  await world.start(session);
  const { sessions, logs, transcribers, jobs, attempts, uploads, transaction, clock } = world;
  const dispatch = new TranscriptionDispatch(attempts, sessions, logs, transcribers, uploads, jobs, transaction, clock);
  const log = new RecordingLog();
  const transcribing = (instead: Partial<SessionPorts> = {}) =>
    new ImpatientHandler(dispatch, world.completing(instead), outages, log);
  return { world, session, payload: { sessionId: session.id, attempt: 1 }, log, transcribing };
}

describe('the job transcribe', () => {
  it('hands an attempt to its provider and lands the result', async () => {
    const { world, session, payload, transcribing } = await aStartedSession();
    await transcribing().handle(payload);
    expect((await world.now(session)).status).toBe('completed');
  });

  it('lands nothing while the provider is at work', async () => {
    const { world, session, payload, transcribing } = await aStartedSession();
    world.transcriber.answers = [{ state: 'running', externalId: 'x', askAgainInSeconds: 1 }, aReport()];
    await transcribing().handle(payload);
    expect((await world.now(session)).status).toBe('processing');
    await transcribing().handle(payload);
    expect((await world.now(session)).status).toBe('completed');
  });

  it('changes nothing and pays nobody when it is delivered again', async () => {
    const { world, session, payload, transcribing } = await aStartedSession();
    await transcribing().handle(payload);
    await transcribing().handle(payload);
    expect([world.transcriber.submitted.length, (await world.logsOf(session)).length]).toEqual([1, 1]);
  });

  it('keeps a result that was paid for while the database is away', async () => {
    const { world, session, payload, log, transcribing } = await aStartedSession();
    let outage = 3;
    const users = withMethods(world.users, {
      hold: (id) => (outage-- > 0 ? Promise.reject(new DatabaseGone()) : world.users.hold(id)),
    });
    await transcribing({ users }).handle(payload);
    expect([world.transcriber.submitted.length, (await world.now(session)).status]).toEqual([1, 'completed']);
    expect(log.lines.map(({ level, message }) => [level, message])).toEqual(
      Array.from({ length: 3 }, () => ['warn', 'a result waits for the database']),
    );
  });

  it('gives a result up when the database stays away, for the next delivery to fetch again', async () => {
    const { world, payload, transcribing } = await aStartedSession();
    const users = failingAt(world.users, 'hold');
    await expect(transcribing({ users }).handle(payload)).rejects.toThrow(DatabaseGone);
  });

  it('does not wait for a fault of ours to pass', async () => {
    const { world, payload, log, transcribing } = await aStartedSession();
    const users = failingAt(world.users, 'hold', { error: new TypeError('a bug') });
    await expect(transcribing({ users }).handle(payload)).rejects.toThrow('a bug');
    expect(log.lines).toEqual([]);
  });

  it.each([null, undefined, {}, { sessionId: 'x', attempt: 1 }, { sessionId: aRecordedSession('u' as never).id }])(
    'breaks for the payload %j',
    async (payload) => {
      const { transcribing } = await aStartedSession();
      await expect(transcribing().handle(payload)).rejects.toThrow('names no attempt');
    },
  );
});

describe('the job land_transcription', () => {
  it('lands a delivered result, and the same one a second time not', async () => {
    const { world, session, payload } = await aStartedSession();
    const handler = new TranscriptionLandingHandler(world.completing());
    await handler.handle({ ...payload, report: aReport() });
    await handler.handle({ ...payload, report: aFailure() });
    expect([(await world.logsOf(session)).length, (await world.now(session)).status]).toEqual([1, 'completed']);
  });

  it.each([undefined, null, {}, { state: 'running' }])('breaks for the report %j', async (report) => {
    const { world, payload } = await aStartedSession();
    const handler = new TranscriptionLandingHandler(world.completing());
    await expect(handler.handle({ ...payload, report })).rejects.toThrow('has none');
  });
});

describe('the job remove_recording', () => {
  it('removes it, and is content when it is gone already', async () => {
    const { uploads } = new SessionWorld();
    uploads.files.set('k', Buffer.from('x'));
    const handler = new RecordingRemovalHandler(uploads);
    await handler.handle({ uploadKey: 'k' });
    await handler.handle({ uploadKey: 'k' });
    expect(uploads.files.size).toBe(0);
  });

  it.each([null, {}, { uploadKey: '' }, { uploadKey: 7 }])('breaks for the payload %j', async (payload) => {
    const { uploads } = new SessionWorld();
    await expect(new RecordingRemovalHandler(uploads).handle(payload)).rejects.toThrow('names none');
  });
});

describe('the job land_lost_transcriptions', () => {
  const sweeping = (world: SessionWorld, log = new RecordingLog(), instead: Partial<SessionPorts> = {}) =>
    new LostTranscriptionsHandler(new ListLostTranscriptions(world.holds, world.clock), world.completing(instead), log);

  it('fails what was lost as timed out, releases its hold and leaves a free retry', async () => {
    const { world, session } = await aStartedSession();
    world.clock.advance(HOLD_LIFETIME_MS / 1000 + 601);
    await sweeping(world).handle();
    expect(await world.now(session)).toMatchObject({ status: 'failed', error: 'timed_out' });
    expect(world.allHolds.map(({ state }) => state)).toEqual(['released']);
    expect((await world.start(session, 'retry_failed')).hold.seconds).toBe(0);
  });

  it('leaves alone what may still come', async () => {
    const { world, session } = await aStartedSession();
    world.clock.advance(HOLD_LIFETIME_MS / 1000);
    await sweeping(world).handle();
    expect((await world.now(session)).status).toBe('processing');
  });

  it('lands the others when one cannot be landed, and says so', async () => {
    const { world, session } = await aStartedSession();
    world.clock.advance(1);
    const other = await world.given(aRecordedSession((await world.user()).id));
    await world.start(other);
    world.clock.advance(HOLD_LIFETIME_MS / 1000 + 601);
    const log = new RecordingLog();
    const users = withMethods(world.users, {
      hold: (id) => (id === session.userId ? Promise.reject(new DatabaseGone()) : world.users.hold(id)),
    });
    await expect(sweeping(world, log, { users }).handle()).rejects.toThrow('1 of 2 lost transcriptions');
    expect([(await world.now(session)).status, (await world.now(other)).status]).toEqual(['processing', 'failed']);
    expect(log.lines).toMatchObject([{ level: 'error', fields: { session_id: session.id, attempt: 1 } }]);
  });

  it('comes by the clock, every minute', async () => {
    expect(sweeping(new SessionWorld()).schedule).toEqual({ cron: '* * * * *', catchUp: false });
  });
});

describe('the job enforce_retention', () => {
  it('comes once a day, also when no worker ran at its time, and says what it removed', async () => {
    const log = new RecordingLog();
    const execute = jest.fn<RetentionSweep['execute']>().mockResolvedValueOnce(0).mockResolvedValue(7);
    const refusals = jest.fn<RefusalSweep['execute']>().mockResolvedValueOnce(0).mockResolvedValue(3);
    const pages = jest.fn<PageSessionRemoval['execute']>().mockResolvedValueOnce(0).mockResolvedValue(5);
    const handler = new RetentionHandler(
      { execute } as unknown as RetentionSweep,
      { execute: refusals } as unknown as RefusalSweep,
      { execute: pages } as unknown as PageSessionRemoval,
      log,
    );
    expect(handler.schedule).toEqual({ cron: '41 2 * * *', catchUp: true });
    await handler.handle();
    await handler.handle();
    expect(log.lines).toMatchObject([
      { level: 'info', fields: { sessions: 7 } },
      { level: 'info', fields: { refusals: 3 } },
      { level: 'info', fields: { page_sessions: 5 } },
    ]);
  });
});
