import { SessionDeletion } from '#application/sessions/session-deletion';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { TranscriptNotFound } from '#domain/sessions/transcript-repository';
import { aRecordedSession, aSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { refusalOf } from '#test/support/refusals';
import { type SessionPorts, SessionWorld } from '#test/support/session-world';

const deleting = (world: SessionWorld, instead: Partial<SessionPorts> = {}) => {
  const { sessions, transcripts, jobs } = {
    sessions: world.sessions,
    transcripts: world.transcripts,
    jobs: world.jobs,
    ...instead,
  };
  return new SessionDeletion(sessions, transcripts, jobs, world.transaction, world.clock);
};

async function aCompletedSession() {
  const world = new SessionWorld();
  const user = await world.user();
  const session = await world.given(aRecordedSession(user.id));
  await world.start(session);
  await world.land(session, 1);
  return { world, user, session };
}

describe('SessionDeletion', () => {
  it('removes what the session says and keeps that it was', async () => {
    const { world, user, session } = await aCompletedSession();
    const deleted = await deleting(world).execute(session.id, user.id);
    expect(deleted).toMatchObject({
      id: session.id,
      title: '',
      uploadKey: null,
      filename: null,
      deletedAt: world.clock.now(),
    });
    expect(await world.now(session)).toEqual(deleted);
    expect(await refusalOf(world.transcripts.latest(session.id, user.id))).toBeInstanceOf(TranscriptNotFound);
    expect(world.transaction.table('transcripts').all()).toEqual([]);
    expect(world.jobs.of('remove_recording')).toMatchObject([
      { payload: { uploadKey: session.uploadKey }, runAt: null },
    ]);
  });

  it('gives no quota back and removes no usage', async () => {
    const { world, user, session } = await aCompletedSession();
    const [usage, logs] = [await world.usageOf(user), await world.logsOf(session)];
    await deleting(world).execute(session.id, user.id);
    expect([await world.usageOf(user), await world.logsOf(session)]).toEqual([usage, logs]);
  });

  it('leaves the recording to the worker while it is being transcribed', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id));
    await world.start(session);
    await deleting(world).execute(session.id, session.userId);
    expect(world.jobs.of('remove_recording')).toEqual([]);
    expect(world.allHolds.map(({ state }) => state)).toEqual(['open']);
  });

  it('has nothing removed of a session that nothing was uploaded to', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    await deleting(world).execute(session.id, session.userId);
    expect(world.jobs.jobs).toEqual([]);
  });

  it.each(['uploading', 'cancelled'] as const)(
    'removes an unconfirmed upload of a session that is %s once more, when none can arrive',
    async (status) => {
      const world = new SessionWorld();
      const session = await world.given(aSession((await world.user()).id, { status, uploadKey: 'k' }));
      await deleting(world).execute(session.id, session.userId);
      const late = new Date(world.clock.now().getTime() + 60 * 60 * 1000);
      expect(world.jobs.of('remove_recording').map(({ runAt }) => runAt)).toEqual([null, late]);
    },
  );

  it('finds nothing to delete the second time, nor of anybody else', async () => {
    const { world, user, session } = await aCompletedSession();
    expect(await refusalOf(deleting(world).execute(session.id, (await world.user()).id))).toBeInstanceOf(
      SessionNotFound,
    );
    await deleting(world).execute(session.id, user.id);
    expect(await refusalOf(deleting(world).execute(session.id, user.id))).toBeInstanceOf(SessionNotFound);
    expect(world.jobs.of('remove_recording')).toHaveLength(1);
  });

  it.each([
    ['sessions', 'save'],
    ['transcripts', 'removeAll'],
    ['jobs', 'add'],
  ] as const)('deletes nothing at all when %s.%s is down', async (port, method) => {
    const { world, user, session } = await aCompletedSession();
    const before = await world.now(session);
    const broken = deleting(world, { [port]: failingAt(world[port] as object, method as never) });
    await expect(broken.execute(session.id, user.id)).rejects.toThrow(DatabaseGone);
    expect(await world.now(session)).toEqual(before);
    expect(await world.transcripts.latest(session.id, user.id)).toBeDefined();
    expect(world.jobs.of('remove_recording')).toEqual([]);
  });
});
