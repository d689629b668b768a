import { User } from '#domain/accounts/user';
import { EmailTaken, UserNotFound } from '#domain/accounts/user-repository';
import { ANCHOR, aUser, at, Given, later, newId, NOW } from './given.js';
import type { World } from './world.js';

export function userRepositoryContract(world: () => World): void {
  const given = new Given(world);
  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  describe('UserRepository', () => {
    it('answers a user as it was added, by id and by address', async () => {
      const user = await given.user({ suspendedAt: NOW, plan: 'pro', role: 'admin' });
      const found = await world().users.get(user.id);
      expect(found).toBeInstanceOf(User);
      expect(found).toEqual(user);
      expect(await world().users.getByEmail(user.email)).toEqual(user);
    });

    it('keeps that an imported user has no period yet', async () => {
      const user = await given.user({ currentMonthStart: null, periodAnchor: null });
      expect(await world().users.get(user.id)).toEqual(user);
    });

    it('finds an address in whatever case it is written', async () => {
      const user = await given.user();
      expect((await world().users.getByEmail(user.email.toUpperCase())).id).toBe(user.id);
    });

    it('says UserNotFound of somebody who does not exist', async () => {
      const nobody = newId<'User'>();
      await expect(world().users.get(nobody)).rejects.toThrow(UserNotFound);
      await expect(world().users.recent(nobody)).rejects.toThrow(UserNotFound);
      await expect(world().users.getByEmail('nobody@example.com')).rejects.toThrow(UserNotFound);
      await expect(run(() => world().users.hold(nobody))).rejects.toThrow(UserNotFound);
    });

    it('refuses a second user with the same address, and keeps the first', async () => {
      const first = await given.user();
      const second = aUser({ email: first.email });
      await expect(run(() => world().users.add(second))).rejects.toThrow(EmailTaken);
      await expect(world().users.get(second.id)).rejects.toThrow(UserNotFound);
      expect(await world().users.getByEmail(first.email)).toEqual(first);
    });

    it('keeps a change of every changeable field, and its version', async () => {
      const user = await given.user();
      const changed = user.withPlan('pro').withRole('admin').suspended(NOW).beginPeriod(at('2025-09-10T00:00:00.000Z'));
      await run(async () => {
        await world().users.hold(user.id);
        await world().users.save(changed);
      });
      expect(await world().users.get(user.id)).toEqual(changed);
      expect(changed.version).toBe(user.version + 4);
    });

    it('answers the new state to the writer’s own next question, recent or not', async () => {
      const user = await given.user();
      await world().users.recent(user.id);
      await run(async () => world().users.save((await world().users.hold(user.id)).withPlan('pro')));
      expect((await world().users.recent(user.id)).plan).toBe('pro');
      expect((await world().users.get(user.id)).plan).toBe('pro');
    });

    it('remembers nothing of a change that was undone', async () => {
      const user = await given.user();
      const undone = run(async () => {
        await world().users.save((await world().users.hold(user.id)).withPlan('pro'));
        expect((await world().users.get(user.id)).plan).toBe('pro');
        throw new Error('changed our mind');
      });
      await expect(undone).rejects.toThrow('changed our mind');
      expect(await world().users.recent(user.id)).toEqual(user);
    });

    it('lets one transaction at a time hold a user, so that no change is lost', async () => {
      const user = await given.user();
      const growth = Array.from({ length: 8 }, () =>
        run(async () => {
          const held = await world().users.hold(user.id);
          await world().users.save(held.withPlan(held.plan));
        }),
      );
      await Promise.all(growth);
      expect((await world().users.get(user.id)).version).toBe(user.version + 8);
    });

    it('holds nobody, adds nobody and changes nobody outside a transaction', async () => {
      const user = await given.user();
      await expect(async () => world().users.hold(user.id)).rejects.toThrow();
      await expect(async () => world().users.save(user.withPlan('pro'))).rejects.toThrow();
      const outsider = aUser();
      await expect(async () => world().users.add(outsider)).rejects.toThrow();
      expect(await world().users.get(user.id)).toEqual(user);
      await expect(world().users.get(outsider.id)).rejects.toThrow(UserNotFound);
    });

    it('lists the newest first, in pages, with the number of all', async () => {
      const search = newId();
      const users: User[] = [];
      for (let n = 0; n < 5; n++) users.push(await given.user({ name: `${search} ${n}`, createdAt: later(ANCHOR, n) }));
      const newestFirst = users.map(({ id }) => id).reverse();
      const first = await world().users.list({ search, page: { limit: 2, offset: 0 } });
      const last = await world().users.list({ search, page: { limit: 2, offset: 4 } });
      expect([first.total, last.total]).toEqual([5, 5]);
      expect(first.items.map(({ id }) => id)).toEqual(newestFirst.slice(0, 2));
      expect(last.items.map(({ id }) => id)).toEqual(newestFirst.slice(4));
      const beyond = await world().users.list({ search, page: { limit: 2, offset: 6 } });
      expect(beyond).toEqual({ items: [], total: 5 });
    });

    it('searches parts of address and name in any case, and takes every character for itself', async () => {
      const token = newId();
      const percent = await given.user({ name: `${token} 100%` });
      const under = await given.user({ name: `${token} a_b\\c` });
      const plain = await given.user({ name: `${token} axb`, email: `${token}-mail@example.com` });
      const found = async (search: string): Promise<string[]> => {
        const { items } = await world().users.list({ search, page: { limit: 10, offset: 0 } });
        return items.map(({ id }) => id).sort();
      };
      expect(await found(`${token} 100%`)).toEqual([percent.id]);
      expect(await found(`${token} %`)).toEqual([]);
      expect(await found(`${token} a_b`)).toEqual([under.id]);
      expect(await found(`A_B\\C`)).toEqual([under.id]);
      expect(await found(`${token.toUpperCase()}-MAIL`)).toEqual([plain.id]);
      expect(await found(token)).toEqual([percent.id, under.id, plain.id].sort());
    });
  });
}
