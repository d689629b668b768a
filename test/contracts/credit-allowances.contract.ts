import { micros } from '#test/support/builders/credits';
import { at } from './given.js';
import type { World } from './world.js';

const [EVENING, MIDNIGHT] = [at('2025-09-20T23:59:59.999Z'), at('2025-09-21T00:00:00.000Z')];

export function creditAllowancesContract(world: () => World): void {
  const take = (actor: string, amount: number, most: number, when = EVENING): Promise<boolean> =>
    world().transaction.run(() => world().allowances.take(actor, when, micros(amount), micros(most)));
  const granted = async (actor: string, when = EVENING): Promise<number> =>
    (await world().allowances.grantedOn(actor, when)).toNumber();
  const anActor = (): string => `cli:${crypto.randomUUID()}`;

  describe('CreditAllowances', () => {
    it('adds up what an operator gives on a day, to exactly the most', async () => {
      const actor = anActor();
      expect(await granted(actor)).toBe(0);
      expect(await take(actor, 60, 100)).toBe(true);
      expect(await take(actor, 41, 100)).toBe(false);
      expect(await granted(actor)).toBe(60);
      expect(await take(actor, 40, 100)).toBe(true);
      expect(await take(actor, 1, 100)).toBe(false);
      expect(await granted(actor)).toBe(100);
    });

    it('admits no first sum above the most', async () => {
      const actor = anActor();
      expect(await take(actor, 101, 100)).toBe(false);
      expect(await granted(actor)).toBe(0);
    });

    it('admits nothing more after the most was lowered', async () => {
      const actor = anActor();
      await take(actor, 60, 100);
      expect(await take(actor, 1, 50)).toBe(false);
      expect(await granted(actor)).toBe(60);
    });

    it('keeps operators and days of UTC apart', async () => {
      const [actor, other] = [anActor(), anActor()];
      await take(actor, 100, 100);
      expect(await take(other, 100, 100)).toBe(true);
      expect(await take(actor, 30, 100, MIDNIGHT)).toBe(true);
      expect([await granted(actor), await granted(actor, MIDNIGHT)]).toEqual([100, 30]);
    });

    it('forgets what was taken in a transaction that fails', async () => {
      const actor = anActor();
      const failing = world().transaction.run(async () => {
        await world().allowances.take(actor, EVENING, micros(60), micros(100));
        throw new Error('The grant failed.');
      });
      await expect(failing).rejects.toThrow('The grant failed.');
      expect(await granted(actor)).toBe(0);
    });

    it('admits of many at once only as much as fits', async () => {
      const actor = anActor();
      const taken = await Promise.all(Array.from({ length: 10 }, () => take(actor, 30, 100)));
      expect(taken.filter(Boolean)).toHaveLength(3);
      expect(await granted(actor)).toBe(90);
    });
  });
}
