import { TranscriberUnavailable } from '#application/sessions/transcriber';
import { ProviderUnknown } from '#application/sessions/transcribers';
import { TranscriptionDispatch } from '#application/sessions/transcription-dispatch';
import { SessionDeletion } from '#application/sessions/session-deletion';
import type { SessionId } from '#domain/sessions/session';
import { ConfiguredTranscribers } from '#infrastructure/providers/configured-transcribers';
import { aFailure, aReport } from '#test/support/builders/reports';
import { aRecordedSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { ScriptedTranscriber } from '#test/support/fakes/scripted-transcriber';
import { refusalOf } from '#test/support/refusals';
import { type SessionPorts, SessionWorld } from '#test/support/session-world';

const dispatching = (world: SessionWorld, instead: Partial<SessionPorts> = {}) => {
  const { sessions, logs, transcribers, jobs, attempts, uploads, transaction, clock } = {
    ...portsOf(world),
    ...instead,
  };
  return new TranscriptionDispatch(attempts, sessions, logs, transcribers, uploads, jobs, transaction, clock);
};
const portsOf = ({ sessions, logs, transcribers, jobs, attempts, uploads, transaction, clock }: SessionWorld) => ({
  ...{ sessions, logs, transcribers, jobs, attempts, uploads, transaction, clock },
});

async function aStartedSession() {
  const world = new SessionWorld();
  const session = await world.given(aRecordedSession((await world.user()).id));
  world.uploads.files.set(session.uploadKey!, Buffer.from('sound'));
  await world.start(session);
  const dispatch = (instead: Partial<SessionPorts> = {}) => dispatching(world, instead).execute(session.id, 1);
  /** Jobs enqueued by dispatching, without the one that the start enqueued. */
  const asked = () => world.jobs.of('transcribe').slice(1);
  return { world, session, dispatch, asked, transcriber: world.transcriber };
}

const RUNNING = { state: 'running', externalId: 'job-7', askAgainInSeconds: 5 } as const;

describe('TranscriptionDispatch', () => {
  it('hands the order over as it was measured, under a key of its own, and answers the result', async () => {
    const { world, session, dispatch, transcriber } = await aStartedSession();
    expect(await dispatch()).toEqual(aReport());
    const { open, ...order } = transcriber.submitted[0]!;
    expect(order).toEqual({
      ...{ attemptKey: `${session.id}:1`, model: 'sandbox-1', language: 'en-US', filename: 'monday.mp3' },
      ...{ contentType: 'audio/mpeg', bytes: 976_000, seconds: 61 },
    });
    expect(Buffer.concat(await (await open()).toArray()).toString()).toBe('sound');
    expect(world.jobs.of('transcribe')).toHaveLength(1);
  });

  it('answers a failure of the provider like any other result', async () => {
    const { dispatch, transcriber } = await aStartedSession();
    transcriber.answers = [aFailure()];
    expect(await dispatch()).toEqual(aFailure());
  });

  it('remembers an order that runs, and asks again when the provider says', async () => {
    const { world, session, dispatch, asked, transcriber } = await aStartedSession();
    transcriber.answers = [RUNNING];
    expect(await dispatch()).toBeNull();
    expect((await world.attempts.find(session.id, 1))?.externalId).toBe('job-7');
    expect(asked()).toEqual([
      {
        task: 'transcribe',
        payload: { sessionId: session.id, attempt: 1 },
        runAt: new Date(world.clock.now().getTime() + 5000),
        key: `transcribe:${session.id}:1`,
      },
    ]);
  });

  it('asks after an order that was accepted and never hands it over again', async () => {
    const { dispatch, transcriber } = await aStartedSession();
    transcriber.answers = [RUNNING, RUNNING, aReport()];
    await dispatch();
    await dispatch();
    expect(await dispatch()).toEqual(aReport());
    expect([transcriber.submitted.length, transcriber.polled]).toEqual([1, ['job-7', 'job-7']]);
  });

  it('asks once when a crash has doubled the delivery', async () => {
    const { dispatch, asked, transcriber } = await aStartedSession();
    transcriber.answers = [RUNNING];
    await dispatch();
    await dispatch();
    expect(asked()).toHaveLength(1);
  });

  it.each([
    ['a pause of two days', 172_800, 900],
    ['a pause that is over', -5, 0],
  ])('cuts %s to a quarter of an hour at most and none at least', async (_, askAgainInSeconds, seconds) => {
    const { world, dispatch, asked, transcriber } = await aStartedSession();
    transcriber.answers = [{ ...RUNNING, askAgainInSeconds }];
    await dispatch();
    expect(asked()[0]!.runAt!.getTime() - world.clock.now().getTime()).toBe(seconds * 1000);
  });

  it('comes back when a provider that cannot be asked says when', async () => {
    const { world, dispatch, asked, transcriber } = await aStartedSession();
    transcriber.answers = [new TranscriberUnavailable('429', 30)];
    expect(await dispatch()).toBeNull();
    expect(asked().map(({ runAt }) => runAt)).toEqual([new Date(world.clock.now().getTime() + 30_000)]);
  });

  it('leaves the pause to the queue when a provider does not say when', async () => {
    const { dispatch, asked, transcriber } = await aStartedSession();
    transcriber.answers = [new TranscriberUnavailable('time-out')];
    await expect(dispatch()).rejects.toThrow(TranscriberUnavailable);
    expect(asked()).toEqual([]);
  });

  it('leaves an attempt alone that has landed', async () => {
    const { world, session, dispatch, transcriber } = await aStartedSession();
    await world.land(session, 1);
    expect(await dispatch()).toBeNull();
    expect(transcriber.submitted).toEqual([]);
  });

  it('finishes what was paid for although the session was deleted meanwhile', async () => {
    const { world, session, dispatch, transcriber } = await aStartedSession();
    const { sessions, transcripts, jobs, transaction, clock } = world;
    await new SessionDeletion(sessions, transcripts, jobs, transaction, clock).execute(session.id, session.userId);
    expect(await dispatch()).toEqual(aReport());
    expect(transcriber.submitted[0]).toMatchObject({ filename: 'recording.mp3', bytes: 976_000 });
  });

  it('lets the loss of a recording through: no provider has failed', async () => {
    const { world, session, dispatch, transcriber } = await aStartedSession();
    world.uploads.files.delete(session.uploadKey!);
    await dispatch();
    await expect(transcriber.submitted[0]!.open()).rejects.toThrow('There is no file');
  });

  it('refuses to hand an order to another provider than the one it was held and priced for', async () => {
    const { dispatch } = await aStartedSession();
    const transcribers = new ConfiguredTranscribers([new ScriptedTranscriber('openai', 'whisper-1')]);
    expect(await refusalOf(dispatch({ transcribers }))).toBeInstanceOf(ProviderUnknown);
  });

  it('breaks for an attempt that was never ordered', async () => {
    const { world, session } = await aStartedSession();
    await expect(dispatching(world).execute(session.id, 2)).rejects.toThrow('has no attempt 2');
    await expect(dispatching(world).execute(world.ids.next() as SessionId, 1)).rejects.toThrow('has no attempt 1');
  });

  it.each([
    ['logs', 'listOfSession'],
    ['sessions', 'getEvenDeleted'],
  ] as const)('asks no provider while %s.%s is down', async (port, method) => {
    const { world, dispatch, transcriber } = await aStartedSession();
    await expect(dispatch({ [port]: failingAt(world[port] as object, method as never) })).rejects.toThrow(DatabaseGone);
    expect(transcriber.submitted).toEqual([]);
  });
});
