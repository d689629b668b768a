import { UserNotFound } from '#domain/accounts/user-repository';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { aSession, aUser, Given, NO_LIMITS, september } from './given.js';
import type { World } from './world.js';

export function transactionContract(world: () => World): void {
  const given = new Given(world);
  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  describe('Transaction', () => {
    it('keeps all of its work, and answers what the work answers', async () => {
      const [one, other] = [aUser(), aUser()];
      const answer = await run(async () => {
        await world().users.add(one);
        await world().users.add(other);
        return 'done';
      });
      expect(answer).toBe('done');
      expect(await world().users.get(one.id)).toEqual(one);
      expect(await world().users.get(other.id)).toEqual(other);
    });

    it('keeps nothing when the work throws, and lets the very error through', async () => {
      const user = aUser();
      const before = await given.user();
      const error = new Error('changed our mind');
      const undone = run(async () => {
        await world().users.add(user);
        await world().users.save((await world().users.hold(before.id)).withPlan('pro'));
        throw error;
      });
      await expect(undone).rejects.toBe(error);
      await expect(world().users.get(user.id)).rejects.toThrow(UserNotFound);
      expect(await world().users.get(before.id)).toEqual(before);
    });

    it('reads its own writes', async () => {
      const user = aUser();
      await run(async () => {
        await world().users.add(user);
        expect(await world().users.get(user.id)).toEqual(user);
      });
    });

    it('takes part in the one that is running: the outer one decides', async () => {
      const [kept, undone] = [aUser(), aUser()];
      await run(() => run(() => world().users.add(kept)));
      const failing = run(async () => {
        await run(() => world().users.add(undone));
        throw new Error('changed our mind');
      });
      await expect(failing).rejects.toThrow('changed our mind');
      expect(await world().users.get(kept.id)).toEqual(kept);
      await expect(world().users.get(undone.id)).rejects.toThrow(UserNotFound);
    });

    it('is over when it has ended: a write that nobody waited for throws, and writes nothing', async () => {
      const [user, stray] = [await given.user(), aUser()];
      const session = aSession(user);
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      let added: Promise<void> = Promise.resolve();
      let claimed: Promise<boolean> = Promise.resolve(true);
      await run(async () => {
        added = ended.then(() => world().users.add(stray));
        const claim = { userVersion: 1, period: september, limits: NO_LIMITS };
        claimed = ended.then(() => world().sessions.addWithin(session, claim));
      });
      end();
      await expect(added).rejects.toThrow();
      await expect(claimed).rejects.toThrow();
      await expect(world().users.get(stray.id)).rejects.toThrow(UserNotFound);
      await expect(world().sessions.get(session.id, user.id)).rejects.toThrow(SessionNotFound);
    });

    it('shows others nothing before it has ended', async () => {
      const user = aUser();
      let added = (): void => undefined;
      let seen = (): void => undefined;
      const wasAdded = new Promise<void>((resolve) => (added = resolve));
      const wasSeen = new Promise<void>((resolve) => (seen = resolve));
      const running = run(async () => {
        await world().users.add(user);
        added();
        await wasSeen;
      });
      await wasAdded;
      const looked = world().users.get(user.id);
      await expect(looked).rejects.toThrow(UserNotFound);
      seen();
      await running;
      expect(await world().users.get(user.id)).toEqual(user);
    });
  });
}
