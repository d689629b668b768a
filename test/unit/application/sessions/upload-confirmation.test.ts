import { UploadConfirmation, UploadMissing } from '#application/sessions/upload-confirmation';
import { FileTooLarge } from '#domain/plans/plan-limits';
import { type Recording, RecordingRefused } from '#domain/sessions/recording';
import { InvalidStatusTransition, type Session } from '#domain/sessions/session';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { Duration } from '#domain/shared/duration';
import { aRecordedSession, aSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { StubRecordingProbe } from '#test/support/fakes/stub-recording-probe';
import { refusalOf } from '#test/support/refusals';
import { type SessionPorts, SessionWorld } from '#test/support/session-world';

const KEY = 'upload-1';
const FOUND: Recording = { format: 'mp3', contentType: 'audio/mpeg', bytes: 9, duration: Duration.ofSeconds(61) };

async function aWorldWith(
  file: string | null,
  { of = {}, finding = FOUND }: { readonly of?: Partial<Session>; readonly finding?: Recording | Error } = {},
) {
  const world = new SessionWorld({ free: { fileSizeMb: 1 } });
  const session = await world.given(aSession((await world.user()).id, { uploadKey: KEY, ...of }));
  if (file !== null) world.uploads.files.set(KEY, Buffer.from(file));
  const probe = new StubRecordingProbe(finding);
  const confirming = (instead: Partial<SessionPorts> = {}) => {
    const { users, plans, sessions } = { users: world.users, plans: world.plans, sessions: world.sessions, ...instead };
    return new UploadConfirmation(users, plans, sessions, world.uploads, probe, world.transaction, world.clock);
  };
  const confirm = async (instead: Partial<SessionPorts> = {}): Promise<Session> => {
    const deed = confirming(instead);
    return deed.execute(session.id, session.userId, await deed.measure(session.id, session.userId));
  };
  return { world, session, probe, confirming, confirm };
}

describe('UploadConfirmation', () => {
  it('takes the recording in by what the server measured, not by what the client said', async () => {
    const { world, session, confirm } = await aWorldWith('recording');
    const pending = await confirm();
    expect(pending).toMatchObject({ status: 'pending', contentType: 'audio/mpeg', bytes: 9, durationSeconds: 61 });
    expect(await world.now(session)).toEqual(pending);
  });

  it('changes nothing when it is asked twice', async () => {
    const { world, session, probe, confirm } = await aWorldWith('recording');
    const once = await confirm();
    world.clock.advance(60);
    expect(await confirm()).toEqual(once);
    expect([await world.now(session), probe.measured]).toEqual([once, [KEY]]);
  });

  it.each([
    ['nothing was uploaded', { uploadKey: KEY }],
    ['no upload was ever authorised', { uploadKey: null }],
  ])('refuses when %s', async (_, of) => {
    const { confirm } = await aWorldWith(null, { of });
    expect(await refusalOf(confirm())).toBeInstanceOf(UploadMissing);
  });

  it('refuses a file of no bytes and removes it', async () => {
    const { world, confirm } = await aWorldWith('');
    expect(await refusalOf(confirm())).toMatchObject({ constructor: RecordingRefused, code: 'empty_audio' });
    expect(world.uploads.files.has(KEY)).toBe(false);
  });

  it('refuses a file that is larger than the plan allows, whatever was claimed, and removes it', async () => {
    const { world, session, probe, confirm } = await aWorldWith('x'.repeat(1024 * 1024 + 1));
    const refused = await refusalOf(confirm());
    expect(refused).toMatchObject({
      constructor: FileTooLarge,
      facts: { file_size_mb: 1.01, limit_mb: 1, plan: 'free' },
    });
    expect([world.uploads.files.has(KEY), probe.measured, await world.now(session)]).toEqual([false, [], session]);
  });

  it.each(['not_audio', 'empty_audio', 'audio_too_long', 'unmeasurable_audio'] as const)(
    'removes a file that the probe refuses as %s, and lets another be uploaded',
    async (code) => {
      const { world, session, confirm } = await aWorldWith('?', { finding: new RecordingRefused(code, 'No.') });
      expect((await refusalOf(confirm())).code).toBe(code);
      expect([world.uploads.files.has(KEY), (await world.now(session)).status]).toEqual([false, 'uploading']);
    },
  );

  it('keeps the file when measuring it broke: an outage is not a verdict', async () => {
    const { world, confirm } = await aWorldWith('recording', { finding: new Error('disk on fire') });
    await expect(confirm()).rejects.toThrow('disk on fire');
    expect(world.uploads.files.has(KEY)).toBe(true);
  });

  it('refuses a measurement of a file that another upload has replaced', async () => {
    const { world, session, confirming } = await aWorldWith('recording');
    const measured = await confirming().measure(session.id, session.userId);
    await world.given(session.awaitUpload('upload-2', 'tuesday.mp3', world.clock.now()));
    expect(await refusalOf(confirming().execute(session.id, session.userId, measured))).toBeInstanceOf(UploadMissing);
    expect((await world.now(session)).status).toBe('uploading');
  });

  it('refuses a session that was cancelled while its file was measured', async () => {
    const { world, session, confirming } = await aWorldWith('recording');
    const measured = await confirming().measure(session.id, session.userId);
    await world.given(session.cancelled(world.clock.now()));
    const refused = await refusalOf(confirming().execute(session.id, session.userId, measured));
    expect(refused).toBeInstanceOf(InvalidStatusTransition);
  });

  it('answers a completed session as it is', async () => {
    const world = new SessionWorld();
    const session = await world.given(aRecordedSession((await world.user()).id, { status: 'completed' }));
    const probe = new StubRecordingProbe(FOUND);
    const deed = new UploadConfirmation(
      world.users,
      world.plans,
      world.sessions,
      world.uploads,
      probe,
      world.transaction,
      world.clock,
    );
    expect(await deed.measure(session.id, session.userId)).toBeNull();
    expect(await deed.execute(session.id, session.userId, null)).toEqual(session);
  });

  it('answers a foreign session like a missing one', async () => {
    const { world, session, confirming } = await aWorldWith('recording');
    const stranger = await world.user();
    expect(await refusalOf(confirming().measure(session.id, stranger.id))).toBeInstanceOf(SessionNotFound);
    expect(await refusalOf(confirming().execute(session.id, stranger.id, null))).toBeInstanceOf(SessionNotFound);
  });

  it('lets an outage while saving through, and the session goes on waiting', async () => {
    const { world, session, confirm } = await aWorldWith('recording');
    await expect(confirm({ sessions: failingAt(world.sessions, 'save') })).rejects.toThrow(DatabaseGone);
    expect([await world.now(session), world.uploads.files.has(KEY)]).toEqual([session, true]);
  });
});
