import type { CreditReport, TransactionFilter, TransactionSpan } from '#application/credits/credit-report';
import type { User } from '#domain/accounts/user';
import { Money } from '#domain/shared/money';
import { aCharge, aClawback, aCredit, aCreditHold, aSettlement, occasion } from '#test/support/builders/credits';
import { GivenCredit } from './given-credit.js';
import { Given, HOUR, later, NOW } from './given.js';
import type { World } from './world.js';

const EVERYTHING: TransactionFilter = { type: null, direction: null, from: null, to: null };
const ALL = { limit: 100, offset: 0 };
const ALWAYS = { from: null, to: null };

export function creditReportContract(world: () => World): void {
  const report = (): CreditReport => world().creditReport;
  const { done, holder, opened } = new GivenCredit(world);

  /** A purchase of 100 an hour ago; now 40 spent, 90 refunded: 30 of them are owed, and paid of a bonus of 50 after an hour. */
  async function story(): Promise<User> {
    const user = await holder(aCredit(100));
    await done(user, (account) => account.spent(aCharge(40), occasion(NOW)));
    await done(user, (account) => account.clawedBack(aClawback(90), occasion(NOW)));
    const now = later(NOW, HOUR);
    const bonus = aCredit(50, { category: 'promotional' });
    await done(user, (account) => account.granted(bonus, occasion(now)), { now });
    return user;
  }

  async function typesOf(user: User, filter: Partial<TransactionFilter>, page = ALL): Promise<readonly string[]> {
    const { items, total } = await report().transactions(user.id, { ...EVERYTHING, ...filter }, page);
    if (page === ALL) expect(total).toBe(items.length);
    return items.map(({ type }) => type);
  }

  describe('CreditReport', () => {
    it('tells of a user without entries zeros, and nothing', async () => {
      const { id } = await new Given(world).user();
      const { zero } = Money;
      const standing = { balance: zero, held: zero, debt: zero, alarmAt: null };
      expect(await report().standingOf(id)).toEqual(standing);
      expect(await report().contentsOf(id)).toEqual({ ...standing, grants: [], holds: [] });
      expect(await report().totals(id, ALWAYS)).toEqual({ balance: zero, byType: [] });
      expect(await report().transactions(id, EVERYTHING, ALL)).toEqual({ items: [], total: 0 });
    });

    it('tells what is there, out of which grants in the order they are spent, and which holds are open', async () => {
      const soon = { expiresAt: later(NOW, HOUR) };
      const user = await holder(
        aCredit(10),
        aCredit(20, soon),
        aCredit(30, { category: 'promotional' }),
        aCredit(40, { ...soon, category: 'promotional' }),
        aCredit(50, { category: 'promotional', expiresAt: later(NOW, 2 * HOUR) }),
      );
      await done(user, (account) => account.spent(aCharge(40), occasion(NOW)));
      const late = aCreditHold(user.id, 60, { placedAt: NOW, expiresAt: later(NOW, 3 * HOUR) });
      const early = aCreditHold(user.id, 5, { placedAt: NOW, expiresAt: later(NOW, HOUR / 2) });
      const over = aCreditHold(user.id, 1, { placedAt: NOW });
      for (const hold of [late, early, over]) await done(user, (account) => account.heldFor(hold, occasion(NOW)));
      const settlement = aSettlement(over.requestId, 1);
      await done(user, (account) => account.settled(settlement, occasion(NOW)), { requestId: over.requestId });

      const { balance, held, debt, alarmAt, grants, holds } = await report().contentsOf(user.id);
      expect([balance, held, debt].map((money) => money.toNumber())).toEqual([109, 65, 0]);
      expect(alarmAt).toEqual(early.expiresAt);
      expect(await report().standingOf(user.id)).toEqual({ balance, held, debt, alarmAt });
      expect(
        grants.map((grant) => [grant.amount.toNumber(), grant.remaining.toNumber(), grant.held.toNumber()]),
      ).toEqual([
        [50, 50, 50],
        [30, 29, 15],
        [20, 20, 0],
        [10, 10, 0],
      ]);
      expect(grants[2]).toMatchObject({ type: 'purchase', category: 'paid', description: 'Credit bought', ...soon });
      expect(grants.map(({ createdAt }) => createdAt)).toEqual(grants.map(() => later(NOW, -HOUR)));
      const kept = async (requestId: string) => (await opened(user, { requestId })).holds[0];
      expect(holds).toEqual([await kept(early.requestId), await kept(late.requestId)]);
    });

    it('lists what was saved, newest first, page by page', async () => {
      const user = await story();
      const { items, total } = await report().transactions(user.id, EVERYTHING, ALL);
      expect([total, items.map(({ sequence }) => sequence)]).toEqual([6, [6, 5, 4, 3, 2, 1]]);
      for (const { hash, ...entry } of items) {
        expect(hash).not.toBe('');
        expect(await world().credits.findTransaction(user.id, entry.key)).toEqual(entry);
      }
      const page = await report().transactions(user.id, EVERYTHING, { limit: 2, offset: 4 });
      expect([page.total, page.items.map(({ sequence }) => sequence)]).toEqual([6, [2, 1]]);
      expect(await report().transactions(user.id, EVERYTHING, { limit: 2, offset: 6 })).toEqual({
        items: [],
        total: 6,
      });
    });

    it('filters by type, by direction, in which a debt has no part, and by a span whose end is not in it', async () => {
      const user = await story();
      expect(await typesOf(user, {})).toEqual(['debt_payment', 'bonus', 'debt', 'refund', 'api_usage', 'purchase']);
      expect(await typesOf(user, { type: 'debt' })).toEqual(['debt']);
      expect(await typesOf(user, { direction: 'in' })).toEqual(['bonus', 'purchase']);
      expect(await typesOf(user, { direction: 'out' })).toEqual(['debt_payment', 'refund', 'api_usage']);
      expect(await typesOf(user, { direction: 'in', type: 'debt' })).toEqual([]);
      expect(await typesOf(user, { from: NOW, to: later(NOW, HOUR) })).toEqual(['debt', 'refund', 'api_usage']);
      expect(await typesOf(user, { from: later(NOW, HOUR) })).toEqual(['debt_payment', 'bonus']);
      expect(await typesOf(user, { to: NOW })).toEqual(['purchase']);
      expect(await typesOf(user, { from: later(NOW, HOUR), direction: 'in' }, { limit: 1, offset: 0 })).toEqual([
        'bonus',
      ]);
    });

    it('sums up by type, over everything or a span, beside the balance of now', async () => {
      const user = await story();
      const totals = async (span: TransactionSpan): Promise<unknown> => {
        const { balance, byType } = await report().totals(user.id, span);
        return [balance.toNumber(), ...byType.map(({ type, entries, amount }) => [type, entries, amount.toNumber()])];
      };
      expect(await totals(ALWAYS)).toEqual([
        20,
        ['api_usage', 1, -40],
        ['bonus', 1, 50],
        ['debt', 1, 0],
        ['debt_payment', 1, -30],
        ['purchase', 1, 100],
        ['refund', 1, -60],
      ]);
      expect(await totals({ from: NOW, to: later(NOW, HOUR) })).toEqual([
        20,
        ['api_usage', 1, -40],
        ['debt', 1, 0],
        ['refund', 1, -60],
      ]);
      expect(await totals({ from: later(NOW, 2 * HOUR), to: null })).toEqual([20]);
    });

    it('tells nothing of anybody else', async () => {
      await story();
      const stranger = await holder(aCredit(3));
      const { balance, grants } = await report().contentsOf(stranger.id);
      expect([balance.toNumber(), grants.length, await typesOf(stranger, {})]).toEqual([3, 1, ['purchase']]);
      expect((await report().totals(stranger.id, ALWAYS)).byType).toHaveLength(1);
    });
  });
}
