import { Transcript } from '#domain/sessions/transcript';
import { TranscriptNotFound } from '#domain/sessions/transcript-repository';
import type { Session } from '#domain/sessions/session';
import { anotherSessionId, Given, newId, NOW } from './given.js';
import type { World } from './world.js';

export function transcriptRepositoryContract(world: () => World): void {
  const given = new Given(world);
  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  describe('TranscriptRepository', () => {
    it('answers a transcript as it was added', async () => {
      const session = await given.session(await given.user());
      const transcript = await added(session);
      const found = await world().transcripts.latest(session.id, session.userId);
      expect(found).toBeInstanceOf(Transcript);
      expect(found).toEqual(transcript);
    });

    it('keeps the transcript of a recording in which nobody speaks', async () => {
      const session = await given.session(await given.user());
      const silent = await added(session, 1, []);
      expect(await world().transcripts.latest(session.id, session.userId)).toEqual(silent);
    });

    it('answers the latest attempt, whichever was added last', async () => {
      const session = await given.session(await given.user());
      const second = await added(session, 2, ['Once more.']);
      await added(session, 1, ['For the first time.']);
      expect(await world().transcripts.latest(session.id, session.userId)).toEqual(second);
    });

    it('keeps changed roles and texts, of this attempt alone', async () => {
      const session = await given.session(await given.user());
      const first = await added(session, 1);
      const second = await added(session, 2);
      const [segment, other] = second.segments;
      const changed = second
        .withSpeakerRoles({ 1: 'coach', 2: 'client' })
        .withSegmentRoles({ [segment!.id]: 'client' })
        .withSegmentTexts({ [segment!.id]: 'What a week, “they” said.', [other!.id]: '' });
      await run(() => world().transcripts.save(changed, session.userId));
      expect(await world().transcripts.latest(session.id, session.userId)).toEqual(changed);
      const following = changed.withSegmentRoles({ [segment!.id]: null });
      await run(() => world().transcripts.save(following, session.userId));
      expect(await world().transcripts.latest(session.id, session.userId)).toEqual(following);
      expect(first.segments.map(({ text }) => text)).toEqual(['How was your week?', 'Long.']);
    });

    it('answers a foreign transcript like a missing one, and lets nobody change or remove it', async () => {
      const [owner, other] = [await given.user(), await given.user()];
      const session = await given.session(owner);
      const transcript = await added(session);
      const { transcripts } = world();
      await expect(transcripts.latest(session.id, other.id)).rejects.toThrow(TranscriptNotFound);
      await expect(transcripts.latest(anotherSessionId(), owner.id)).rejects.toThrow(TranscriptNotFound);
      const [segment] = transcript.segments;
      const stolen = transcript.withSpeakerRoles({ 1: 'client' }).withSegmentTexts({ [segment!.id]: 'Mine.' });
      await run(() => transcripts.save(stolen, other.id)).catch(() => undefined);
      await run(() => transcripts.removeAll(session.id, other.id)).catch(() => undefined);
      await expect(run(() => transcripts.add(transcriptOf(session, 2, ['Mine.']), other.id, NOW))).rejects.toThrow();
      expect(await transcripts.latest(session.id, owner.id)).toEqual(transcript);
    });

    it('says TranscriptNotFound of a session that has none, or was deleted', async () => {
      const session = await given.session(await given.user());
      await expect(world().transcripts.latest(session.id, session.userId)).rejects.toThrow(TranscriptNotFound);
      await added(session);
      await given.saved(session.deleted(NOW));
      await expect(world().transcripts.latest(session.id, session.userId)).rejects.toThrow(TranscriptNotFound);
    });

    it('removes every attempt of a session, and is content when there is none', async () => {
      const session = await given.session(await given.user());
      await added(session, 1);
      await added(session, 2);
      for (let time = 0; time < 2; time++) {
        await run(() => world().transcripts.removeAll(session.id, session.userId));
        await expect(world().transcripts.latest(session.id, session.userId)).rejects.toThrow(TranscriptNotFound);
      }
    });

    it('keeps one transcript for an attempt', async () => {
      const session = await given.session(await given.user());
      const first = await added(session, 1);
      await expect(added(session, 1)).rejects.toThrow();
      expect(await world().transcripts.latest(session.id, session.userId)).toEqual(first);
    });

    it('changes nothing outside a transaction', async () => {
      const session = await given.session(await given.user());
      const transcript = await added(session);
      const { transcripts } = world();
      const { id, userId } = session;
      await expect(async () => transcripts.add(transcriptOf(session, 2), userId, NOW)).rejects.toThrow();
      await expect(async () =>
        transcripts.save(transcript.withSpeakerRoles({ 1: 'client' }), userId),
      ).rejects.toThrow();
      await expect(async () => transcripts.removeAll(id, userId)).rejects.toThrow();
      expect(await transcripts.latest(id, userId)).toEqual(transcript);
    });
  });

  async function added(session: Session, attempt = 1, texts?: readonly string[]): Promise<Transcript> {
    const transcript = transcriptOf(session, attempt, texts);
    await run(() => world().transcripts.add(transcript, session.userId, NOW));
    return transcript;
  }
}

function transcriptOf(
  session: Session,
  attempt: number,
  texts: readonly string[] = ['How was your week?', 'Long.'],
): Transcript {
  const segments = texts.map((text, n) => ({
    speaker: n % 2 === 0 ? 'A' : 'B',
    startMs: n * 2000,
    endMs: n * 2000 + 1500,
    text,
    confidence: n % 2 === 0 ? 0.5 : null,
  }));
  return Transcript.ofSpeech({ sessionId: session.id, attempt, language: 'en-US', segments }, () => newId());
}
