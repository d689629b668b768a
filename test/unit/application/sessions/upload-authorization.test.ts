import { UploadAuthorization } from '#application/sessions/upload-authorization';
import type { User } from '#domain/accounts/user';
import { FileTooLarge } from '#domain/plans/plan-limits';
import { InvalidStatusTransition, type Session } from '#domain/sessions/session';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { InvalidValue } from '#domain/shared/domain-exception';
import { aRecordedSession, aSession } from '#test/support/builders/sessions';
import { aUser } from '#test/support/builders/users';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { refusalOf } from '#test/support/refusals';
import { type SessionPorts, SessionWorld } from '#test/support/session-world';

const authorizing = (world: SessionWorld, instead: Partial<SessionPorts> = {}) => {
  const { users, plans, sessions, jobs } = {
    users: world.users,
    plans: world.plans,
    sessions: world.sessions,
    jobs: world.jobs,
    ...instead,
  };
  return new UploadAuthorization(
    users,
    plans,
    sessions,
    world.logs,
    world.uploads,
    jobs,
    world.transaction,
    world.clock,
    world.ids,
  );
};
const asked = (session: Session, of: { userId?: User['id']; filename?: string; claimedMb?: number } = {}) => ({
  sessionId: session.id,
  userId: session.userId,
  filename: 'monday.MP3',
  claimedMb: 12.5,
  ...of,
});

describe('UploadAuthorization', () => {
  it('gives one key, bound to the size that the plan allows, for fifteen minutes', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    const { ticket, maxBytes, session: waiting } = await authorizing(world).execute(asked(session));
    expect(maxBytes).toBe(60 * 1024 * 1024);
    expect(ticket.expiresAt).toEqual(new Date(world.clock.now().getTime() + 15 * 60 * 1000));
    expect(world.uploads.tickets).toEqual([{ key: waiting.uploadKey, maxBytes, expiresAt: ticket.expiresAt }]);
    expect(waiting.uploadKey).toMatch(new RegExp(`^${session.userId}/${session.id}/[0-9a-f-]{36}\\.mp3$`));
    expect(await world.now(session)).toEqual(waiting);
  });

  it.each(['failed', 'cancelled'] as const)('lets a %s session begin again, under a new key', async (status) => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id, { status, error: 'unreadable' }));
    const { session: waiting } = await authorizing(world).execute(asked(session));
    expect(waiting).toMatchObject({ status: 'uploading', durationSeconds: null, bytes: null, error: null });
    expect(waiting.uploadKey).not.toBe(session.uploadKey);
    expect(world.jobs.of('remove_recording')).toEqual([
      { task: 'remove_recording', payload: { uploadKey: session.uploadKey }, runAt: null, key: null },
    ]);
  });

  it('removes an upload that was never confirmed twice: now, and when none can arrive any more', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id, { uploadKey: 'first' }));
    await authorizing(world).execute(asked(session));
    const removals = world.jobs.of('remove_recording');
    expect(removals.map(({ payload }) => payload)).toEqual([{ uploadKey: 'first' }, { uploadKey: 'first' }]);
    expect(removals.map(({ runAt }) => runAt)).toEqual([null, new Date(world.clock.now().getTime() + 60 * 60 * 1000)]);
  });

  it.each(['pending', 'processing', 'completed'] as const)(
    'refuses a %s session: it has its recording',
    async (status) => {
      const world = new SessionWorld();
      const session = await world.given(aRecordedSession((await world.user()).id, { status }));
      const refused = await refusalOf(authorizing(world).execute(asked(session)));
      expect(refused).toBeInstanceOf(InvalidStatusTransition);
      expect(refused.facts).toEqual({ from: status, to: 'uploading' });
    },
  );

  it('takes a file as large as the plan allows and refuses a larger one, with both sizes', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    await expect(authorizing(world).execute(asked(session, { claimedMb: 60 }))).resolves.toBeDefined();
    const refused = await refusalOf(authorizing(world).execute(asked(session, { claimedMb: 75 })));
    expect(refused).toBeInstanceOf(FileTooLarge);
    expect(refused.facts).toEqual({ file_size_mb: 75, limit_mb: 60, plan: 'free' });
  });

  it.each([0, -1, NaN, 1e-9])('refuses a file of %p MB', async (claimedMb) => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    const refused = await refusalOf(authorizing(world).execute(asked(session, { claimedMb })));
    expect([refused.constructor, refused.code]).toEqual([InvalidValue, 'invalid_file_size']);
  });

  it.each(['notes.pdf', 'recording.mp3.exe', 'recording.'])('refuses a file called %s', async (filename) => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    const refused = await refusalOf(authorizing(world).execute(asked(session, { filename })));
    expect([refused.constructor, refused.code]).toEqual([InvalidValue, 'unsupported_file_type']);
    expect(world.uploads.tickets).toEqual([]);
  });

  it('answers a foreign session like a missing one', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id));
    const stranger = await world.user();
    const foreign = await refusalOf(authorizing(world).execute(asked(session, { userId: stranger.id })));
    const missing = await refusalOf(authorizing(world).execute(asked(aSession(aUser().id))));
    expect([foreign.constructor, missing.constructor]).toEqual([SessionNotFound, SessionNotFound]);
  });

  it('keeps nothing of an authorisation that could not be saved', async () => {
    const world = new SessionWorld();
    const session = await world.given(aSession((await world.user()).id, { uploadKey: 'first' }));
    const sessions = failingAt(world.sessions, 'save');
    await expect(authorizing(world, { sessions }).execute(asked(session))).rejects.toThrow(DatabaseGone);
    expect([await world.now(session), world.jobs.jobs, world.uploads.tickets]).toEqual([session, [], []]);
  });
});
