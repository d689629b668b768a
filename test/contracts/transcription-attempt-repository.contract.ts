import { TranscriptionAttempt } from '#domain/sessions/transcription-attempt';
import { anAttempt, anotherSessionId, Given } from './given.js';
import type { World } from './world.js';

export function transcriptionAttemptRepositoryContract(world: () => World): void {
  const given = new Given(world);
  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  describe('TranscriptionAttemptRepository', () => {
    it('answers an attempt as it was added, and null for one that never was', async () => {
      const session = await given.session(await given.user());
      const attempt = anAttempt(session, await given.rateCard());
      await run(() => world().attempts.add(attempt));
      const found = await world().attempts.find(session.id, 1);
      expect(found).toBeInstanceOf(TranscriptionAttempt);
      expect(found).toEqual(attempt);
      expect(await world().attempts.find(session.id, 2)).toBeNull();
      expect(await world().attempts.find(anotherSessionId(), 1)).toBeNull();
    });

    it('keeps what the provider calls it', async () => {
      const session = await given.session(await given.user());
      const card = await given.rateCard();
      const [first, second] = [anAttempt(session, card), anAttempt(session, card, { attempt: 2 })];
      await run(async () => {
        await world().attempts.add(first);
        await world().attempts.add(second);
      });
      await run(() => world().attempts.save(first.accepted('order-7')));
      expect(await world().attempts.find(session.id, 1)).toEqual(first.accepted('order-7'));
      expect(await world().attempts.find(session.id, 2)).toEqual(second);
    });

    it('keeps one order for an attempt', async () => {
      const session = await given.session(await given.user());
      const attempt = anAttempt(session, await given.rateCard());
      await run(() => world().attempts.add(attempt));
      await expect(run(() => world().attempts.add(attempt.accepted('again')))).rejects.toThrow();
      expect(await world().attempts.find(session.id, 1)).toEqual(attempt);
    });

    it('adds and changes nothing outside a transaction', async () => {
      const session = await given.session(await given.user());
      const attempt = anAttempt(session, await given.rateCard());
      await expect(async () => world().attempts.add(attempt)).rejects.toThrow();
      expect(await world().attempts.find(session.id, 1)).toBeNull();
      await run(() => world().attempts.add(attempt));
      await expect(async () => world().attempts.save(attempt.accepted('order-7'))).rejects.toThrow();
      expect(await world().attempts.find(session.id, 1)).toEqual(attempt);
    });
  });
}
