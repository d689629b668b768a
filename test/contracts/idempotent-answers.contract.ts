import { type KeptAnswer, StillRunning } from '#application/ports/idempotent-answers';
import type { User } from '#domain/accounts/user';
import { UserNotFound } from '#domain/accounts/user-repository';
import { aUser, Given, newId, NOW } from './given.js';
import type { World } from './world.js';

const ANSWER: KeptAnswer = { fingerprint: 'f', status: 201, body: { id: 'x', secret: 'shown once' } };
const KEPT: KeptAnswer = { ...ANSWER, body: { id: 'x', secret: null } };
const REFUSAL: KeptAnswer = { fingerprint: 'f', status: 403, body: { detail: { error: 'session_limit_exceeded' } } };

export function idempotentAnswersContract(world: () => World): void {
  const given = new Given(world);
  const request = (user: User, key: string, fingerprint = 'f') => ({ userId: user.id, key, fingerprint, now: NOW });
  const fault = (): null => null;
  const succeeding = async (): Promise<{ shown: KeptAnswer; kept: KeptAnswer }> => ({ shown: ANSWER, kept: KEPT });

  describe('IdempotentAnswers', () => {
    it('shows the first answer as it was given, and keeps it as it may be kept', async () => {
      const user = await given.user();
      expect(await world().answers.find(user.id, 'k')).toBeNull();
      const first = await world().answers.once(request(user, 'k'), succeeding, fault);
      expect(first).toEqual({ answer: ANSWER, replayed: false });
      expect(await world().answers.find(user.id, 'k')).toEqual(KEPT);
    });

    it('answers the same again for ever, and does nothing a second time', async () => {
      const user = await given.user();
      const effect = aUser();
      let runs = 0;
      const produce = async (): Promise<{ shown: KeptAnswer; kept: KeptAnswer }> => {
        runs++;
        await world().users.add(effect);
        return { shown: ANSWER, kept: KEPT };
      };
      await world().answers.once(request(user, 'k'), produce, fault);
      const again = await world().answers.once({ ...request(user, 'k', 'other'), now: new Date(8e12) }, produce, fault);
      expect(again).toEqual({ answer: KEPT, replayed: true });
      expect(runs).toBe(1);
      expect(await world().users.get(effect.id)).toEqual(effect);
    });

    it('keeps a refusal, and undoes what was written before it', async () => {
      const user = await given.user();
      const effect = aUser();
      const refused = new Error('the limit');
      let asked: unknown = null;
      const produce = async (): Promise<never> => {
        await world().users.add(effect);
        throw refused;
      };
      const answered = await world().answers.once(request(user, 'k'), produce, (error) => {
        asked = error;
        return REFUSAL;
      });
      expect(answered).toEqual({ answer: REFUSAL, replayed: false });
      expect(asked).toBe(refused);
      await expect(world().users.get(effect.id)).rejects.toThrow(UserNotFound);
      const again = await world().answers.once(request(user, 'k'), succeeding, fault);
      expect(again).toEqual({ answer: REFUSAL, replayed: true });
    });

    it('keeps nothing of a fault, so that the same key can be tried again', async () => {
      const user = await given.user();
      const effect = aUser();
      const broken = new Error('the disk is full');
      const produce = async (): Promise<never> => {
        await world().users.add(effect);
        throw broken;
      };
      await expect(world().answers.once(request(user, 'k'), produce, fault)).rejects.toBe(broken);
      expect(await world().answers.find(user.id, 'k')).toBeNull();
      await expect(world().users.get(effect.id)).rejects.toThrow(UserNotFound);
      const again = await world().answers.once(request(user, 'k'), succeeding, fault);
      expect(again.replayed).toBe(false);
    });

    it('keeps an answer without a body', async () => {
      const user = await given.user();
      const empty: KeptAnswer = { fingerprint: 'f', status: 204, body: null };
      await world().answers.once(request(user, 'k'), async () => ({ shown: empty, kept: empty }), fault);
      expect(await world().answers.find(user.id, 'k')).toEqual(empty);
    });

    it('knows the key of one user alone', async () => {
      const [one, other] = [await given.user(), await given.user()];
      await world().answers.once(request(one, 'k'), succeeding, fault);
      expect(await world().answers.find(other.id, 'k')).toBeNull();
      expect((await world().answers.once(request(other, 'k'), succeeding, fault)).replayed).toBe(false);
      expect(await world().answers.find(one.id, `${newId()}`)).toBeNull();
    });

    it('says StillRunning while the first is at work, and replays it when it is done', async () => {
      const user = await given.user();
      let begun = (): void => undefined;
      let finish = (): void => undefined;
      const hasBegun = new Promise<void>((resolve) => (begun = resolve));
      const mayFinish = new Promise<void>((resolve) => (finish = resolve));
      const first = world().answers.once(
        request(user, 'k'),
        async () => {
          begun();
          await mayFinish;
          return { shown: ANSWER, kept: KEPT };
        },
        fault,
      );
      await hasBegun;
      await expect(world().answers.once(request(user, 'k'), succeeding, fault)).rejects.toThrow(StillRunning);
      expect(await world().answers.find(user.id, 'k')).toBeNull();
      finish();
      expect((await first).replayed).toBe(false);
      expect((await world().answers.once(request(user, 'k'), succeeding, fault)).replayed).toBe(true);
    });

    it('keeps an answer in the transaction of its effect, unless one is kept already', async () => {
      const user = await given.user();
      const other: KeptAnswer = { ...ANSWER, fingerprint: 'g' };
      const broken = new Error('the disk is full');
      const undone = world().transaction.run(async () => {
        await world().answers.keep(user.id, 'k', other, NOW);
        throw broken;
      });
      await expect(undone).rejects.toBe(broken);
      expect(await world().answers.find(user.id, 'k')).toBeNull();
      for (const answer of [KEPT, other]) {
        await world().transaction.run(() => world().answers.keep(user.id, 'k', answer, NOW));
      }
      expect(await world().answers.find(user.id, 'k')).toEqual(KEPT);
    });
  });
}
