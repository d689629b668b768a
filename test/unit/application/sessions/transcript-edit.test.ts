import { TranscriptEdit } from '#application/sessions/transcript-edit';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { TranscriptNotFound, type TranscriptRepository } from '#domain/sessions/transcript-repository';
import { InvalidValue } from '#domain/shared/domain-exception';
import { aReport } from '#test/support/builders/reports';
import { aRecordedSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { refusalOf } from '#test/support/refusals';
import { SessionWorld } from '#test/support/session-world';

const editing = (world: SessionWorld, transcripts: TranscriptRepository = world.transcripts) =>
  new TranscriptEdit(world.sessions, transcripts, world.transaction);

async function aTranscribedSession() {
  const world = new SessionWorld();
  const user = await world.user();
  const session = await world.given(aRecordedSession(user.id));
  await world.start(session);
  await world.land(session, 1);
  const transcript = () => world.transcripts.latest(session.id, user.id);
  const [first, second] = (await transcript()).segments;
  return { world, user, session, transcript, first: first!, second: second! };
}

describe('TranscriptEdit', () => {
  it('says who the speakers are', async () => {
    const { world, user, session, transcript } = await aTranscribedSession();
    const edited = await editing(world).execute(session.id, user.id, { of: 'speaker_roles', values: { 1: 'client' } });
    expect(edited.speakerRoles).toEqual({ 1: 'client', 2: 'client' });
    expect(await transcript()).toEqual(edited);
  });

  it('says who spoke one segment', async () => {
    const { world, user, session, transcript, first } = await aTranscribedSession();
    await editing(world).execute(session.id, user.id, { of: 'segment_roles', values: { [first.id]: 'unknown' } });
    expect((await transcript()).segments.map(({ role }) => role)).toEqual(['unknown', null]);
  });

  it('corrects what was said', async () => {
    const { world, user, session, transcript, second } = await aTranscribedSession();
    await editing(world).execute(session.id, user.id, { of: 'segment_texts', values: { [second.id]: 'I say no.' } });
    expect((await transcript()).segments.map(({ text }) => text)).toEqual(['What brings you here?', 'I say no.']);
  });

  it('keeps both of two corrections at the same time', async () => {
    const { world, user, session, transcript, first, second } = await aTranscribedSession();
    await Promise.all([
      editing(world).execute(session.id, user.id, { of: 'segment_texts', values: { [first.id]: 'One' } }),
      editing(world).execute(session.id, user.id, { of: 'segment_texts', values: { [second.id]: 'Two' } }),
      editing(world).execute(session.id, user.id, { of: 'speaker_roles', values: { 2: 'unknown' } }),
    ]);
    const { segments, speakerRoles } = await transcript();
    expect([segments.map(({ text }) => text), speakerRoles[2]]).toEqual([['One', 'Two'], 'unknown']);
  });

  it('corrects the latest transcript and leaves older ones alone', async () => {
    const { world, user, session, transcript } = await aTranscribedSession();
    await world.start(session, 'retry_success');
    await world.land(session, 2, aReport());
    await editing(world).execute(session.id, user.id, { of: 'speaker_roles', values: { 1: 'unknown' } });
    expect(await transcript()).toMatchObject({ attempt: 2, speakerRoles: { 1: 'unknown' } });
    expect(world.transaction.table('transcripts').get(`${session.id}:1`)).toMatchObject({
      speakerRoles: { 1: 'coach' },
    });
  });

  it.each([
    ['speaker_roles', {}, 'nothing_to_change'],
    ['speaker_roles', { 3: 'coach' }, 'unknown_speaker'],
    ['speaker_roles', { 1: 'therapist' }, 'unknown_speaker_role'],
    ['segment_roles', { '00000000-0000-4000-8000-000000000000': 'coach' }, 'unknown_segment'],
    ['segment_texts', { '00000000-0000-4000-8000-000000000000': 'x' }, 'unknown_segment'],
  ] as const)('refuses %s %j as %s, and changes nothing', async (of, values, code) => {
    const { world, user, session, transcript } = await aTranscribedSession();
    const before = await transcript();
    const refused = await refusalOf(editing(world).execute(session.id, user.id, { of, values }));
    expect([refused.constructor, refused.code]).toEqual([InvalidValue, code]);
    expect(await transcript()).toEqual(before);
  });

  it('needs a transcript, and a session of one’s own', async () => {
    const { world, user, session } = await aTranscribedSession();
    const pending = await world.given(aRecordedSession(user.id));
    const change = { of: 'speaker_roles', values: { 1: 'coach' } } as const;
    expect(await refusalOf(editing(world).execute(pending.id, user.id, change))).toBeInstanceOf(TranscriptNotFound);
    const stranger = await world.user();
    expect(await refusalOf(editing(world).execute(session.id, stranger.id, change))).toBeInstanceOf(SessionNotFound);
  });

  it('lets an outage while saving through, and changes nothing', async () => {
    const { world, user, session, transcript } = await aTranscribedSession();
    const before = await transcript();
    const broken = editing(world, failingAt(world.transcripts, 'save'));
    const edit = broken.execute(session.id, user.id, { of: 'speaker_roles', values: { 1: 'client' } });
    await expect(edit).rejects.toThrow(DatabaseGone);
    expect(await transcript()).toEqual(before);
  });
});
