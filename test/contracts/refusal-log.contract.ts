import type { Transaction } from '#application/ports/transaction';
import type { UserId } from '#domain/accounts/user';
import { KeptRefusal, type RefusalLog } from '#domain/usage/refusal';
import { newId } from './given.js';

export interface RefusalWorld {
  readonly transaction: Transaction;
  readonly refusals: RefusalLog;
  /** A user who was refused nothing yet. */
  givenUser(): Promise<UserId>;
}

const NOW = new Date('2026-03-10T12:00:00.000Z');
const WHOLE = { limit: 100, offset: 0 };
const LONG_AGO = new Date('2020-01-01T00:00:00.000Z');

function refusal(userId: UserId, secondsAgo: number): KeptRefusal {
  return new KeptRefusal(
    newId<'Refusal'>(),
    userId,
    new Date(NOW.getTime() - secondsAgo * 1000),
    'export_format_not_in_plan',
    'forbidden',
    'The free plan exports json, txt, not pdf.',
    { plan: 'free', format: 'pdf', allowed_formats: ['json', 'txt'], limit: 3, resets_at: null, told: true },
    '/api/v1/sessions/:id/transcript',
    'a-request',
  );
}

export function refusalLogContract(given: () => RefusalWorld): void {
  const kept = async (userId: UserId, ...secondsAgo: readonly number[]): Promise<readonly KeptRefusal[]> => {
    const all = secondsAgo.map((seconds) => refusal(userId, seconds));
    for (const one of all) await given().refusals.add(one);
    return all;
  };
  const remove = (before: Date, newest: number, most: number): Promise<number> =>
    given().transaction.run(() => given().refusals.removeBeyond({ before, newest }, most));

  describe('Refusals', () => {
    beforeEach(() => remove(LONG_AGO, 0, 10_000));

    it('are answered as they were added, newest first, in parts, to their own user', async () => {
      const [user, stranger] = [await given().givenUser(), await given().givenUser()];
      const [oldest, newest, middle] = await kept(user, 30, 10, 20);
      expect(await given().refusals.latestOf(user, WHOLE)).toEqual({ items: [newest, middle, oldest], total: 3 });
      expect(await given().refusals.latestOf(user, { limit: 1, offset: 1 })).toEqual({ items: [middle], total: 3 });
      expect(await given().refusals.latestOf(stranger, WHOLE)).toEqual({ items: [], total: 0 });
    });

    it('are no part of a transaction, which would take them along when it is undone', async () => {
      const user = await given().givenUser();
      const inside = given().transaction.run(() => given().refusals.add(refusal(user, 0)));
      await expect(inside).rejects.toThrow('transaction');
      expect((await given().refusals.latestOf(user, WHOLE)).total).toBe(0);
    });

    it('are let go when they are old, in parts', async () => {
      const user = await given().givenUser();
      await kept(user, 100, 90, 80);
      const [edge] = await kept(user, 70);
      expect(await remove(edge!.at, 1000, 2)).toBe(2);
      expect((await given().refusals.latestOf(user, WHOLE)).total).toBe(2);
      expect(await remove(edge!.at, 1000, 2)).toBe(1);
      expect(await remove(edge!.at, 1000, 2)).toBe(0);
      expect((await given().refusals.latestOf(user, WHOLE)).items).toEqual([edge]);
      expect(await remove(new Date(edge!.at.getTime() + 1), 1000, 2)).toBe(1);
    });

    it('are let go beyond the newest of each user, and not of all users', async () => {
      const [one, other] = [await given().givenUser(), await given().givenUser()];
      const mine = await kept(one, 1, 2, 3, 4);
      const theirs = await kept(other, 50, 60);
      expect(await remove(LONG_AGO, 2, 100)).toBe(2);
      expect((await given().refusals.latestOf(one, WHOLE)).items).toEqual(mine.slice(0, 2));
      expect((await given().refusals.latestOf(other, WHOLE)).items).toEqual(theirs);
      expect(await remove(LONG_AGO, 0, 100)).toBe(4);
    });

    it('are not let go outside a transaction', async () => {
      const outside = given().refusals.removeBeyond({ before: NOW, newest: 0 }, 1);
      await expect(outside).rejects.toThrow('transaction');
    });
  });
}
