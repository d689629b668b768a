import { TranscriptExport } from '#application/sessions/transcript-export';
import { LimitExceeded } from '#domain/plans/plan-limits';
import type { PlanName } from '#domain/plans/plan-name';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { TranscriptNotFound } from '#domain/sessions/transcript-repository';
import { InvalidValue } from '#domain/shared/domain-exception';
import { aRecordedSession } from '#test/support/builders/sessions';
import { DatabaseGone, failingAt } from '#test/support/failing';
import { StubTranscriptDocuments } from '#test/support/fakes/stub-transcript-documents';
import { refusalOf } from '#test/support/refusals';
import { type SessionPorts, SessionWorld } from '#test/support/session-world';

const exporting = (world: SessionWorld, instead: Partial<SessionPorts> = {}) => {
  const { sessions, users, plans, transcripts } = { ...portsOf(world), ...instead };
  return new TranscriptExport(sessions, users, plans, transcripts, new StubTranscriptDocuments());
};
const portsOf = ({ sessions, users, plans, transcripts }: SessionWorld) => ({ sessions, users, plans, transcripts });

async function aTranscribedSession(plan: PlanName = 'coaching_school') {
  const world = new SessionWorld();
  const user = await world.user({ plan });
  const session = await world.given(aRecordedSession(user.id));
  await world.start(session);
  await world.land(session, 1);
  return { world, user, session, exported: (format: unknown) => exporting(world).execute(session.id, user.id, format) };
}

describe('TranscriptExport', () => {
  it.each([
    ['json', 'application/json; charset=utf-8', /^\{\n {2}"session_id"/],
    ['txt', 'text/plain; charset=utf-8', /^Transcript: Kick-off with Ana\n/],
    ['vtt', 'text/vtt; charset=utf-8', /^WEBVTT\n/],
    ['srt', 'application/x-subrip; charset=utf-8', /^1\n00:00:00,000 --> /],
    [
      'docx',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      /^docx of "Kick-off with Ana", 2/,
    ],
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', /^xlsx of/],
    ['pdf', 'application/pdf', /^pdf of/],
  ])('writes %s, by its name and kind', async (format, mediaType, content) => {
    const { exported } = await aTranscribedSession();
    const file = await exported(format);
    expect([file.format, file.mediaType]).toEqual([format, mediaType]);
    expect(file.disposition).toContain(`filename="Kick-off with Ana.${format}"`);
    expect(file.content.toString()).toMatch(content);
  });

  it('says who speaks', async () => {
    const { exported } = await aTranscribedSession();
    expect((await exported('txt')).content).toContain(
      '\nCoach:\nWhat brings you here?\n\nClient:\nI say yes too often.\n',
    );
  });

  it.each(['VTT', ' vtt ', 'Vtt'])('takes %j for vtt', async (format) => {
    const { exported } = await aTranscribedSession();
    expect((await exported(format)).format).toBe('vtt');
  });

  it.each(['', ' ', null, undefined, 'mp3', 7, ['vtt']])('refuses the format %j', async (format) => {
    const { exported } = await aTranscribedSession();
    expect(await refusalOf(exported(format))).toMatchObject({
      constructor: InvalidValue,
      code: 'unknown_export_format',
    });
  });

  it.each<[PlanName, readonly string[], readonly string[]]>([
    ['free', ['json', 'txt'], ['vtt', 'srt', 'docx', 'xlsx', 'pdf']],
    ['student', ['json', 'txt', 'vtt', 'srt'], ['docx', 'xlsx', 'pdf']],
    ['pro', ['json', 'txt', 'vtt', 'srt', 'docx', 'xlsx'], ['pdf']],
    ['coaching_school', ['json', 'txt', 'vtt', 'srt', 'docx', 'xlsx', 'pdf'], []],
  ])('gives the %s plan %j and not %j', async (plan, allowed, refused) => {
    const { exported } = await aTranscribedSession(plan);
    for (const format of allowed) expect((await exported(format)).format).toBe(format);
    for (const format of refused) {
      expect(await refusalOf(exported(format))).toMatchObject({
        ...{
          constructor: LimitExceeded,
          code: 'export_format_not_in_plan',
          facts: { plan, format, allowed_formats: allowed },
        },
      });
    }
  });

  it('is there while a re-transcription runs, and not before the first result', async () => {
    const { world, user, session, exported } = await aTranscribedSession();
    await world.start(session, 'retry_success');
    expect((await exported('txt')).format).toBe('txt');
    const pending = await world.given(aRecordedSession(user.id));
    expect(await refusalOf(exporting(world).execute(pending.id, user.id, 'txt'))).toBeInstanceOf(TranscriptNotFound);
  });

  it('answers a foreign session like a missing one, before anything is said about formats', async () => {
    const { world, session } = await aTranscribedSession();
    const stranger = await world.user();
    expect(await refusalOf(exporting(world).execute(session.id, stranger.id, 'nonsense'))).toBeInstanceOf(
      SessionNotFound,
    );
  });

  it('does not take an outage for a missing transcript', async () => {
    const { world, user, session } = await aTranscribedSession();
    const broken = exporting(world, { transcripts: failingAt(world.transcripts, 'latest') });
    await expect(broken.execute(session.id, user.id, 'txt')).rejects.toThrow(DatabaseGone);
  });
});
