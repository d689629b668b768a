import type { UserId } from '#domain/accounts/user';
import { PlanCheckout, type PlanOrder } from '#domain/billing/subscription-checkouts';
import { aUser, later, newId, NOW } from './given.js';
import type { World } from './world.js';

export function subscriptionCheckoutsContract(world: () => World): void {
  const inTransaction = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  async function aBuyer(): Promise<UserId> {
    const user = aUser();
    await inTransaction(() => world().users.add(user));
    return user.id;
  }

  function aCheckout(userId: UserId, of: Partial<PlanOrder> = {}, now = NOW): PlanCheckout {
    const urls = { successUrl: 'https://app.example.com/yes', cancelUrl: 'https://app.example.com/no' };
    const sold = { plan: 'pro', cycle: 'year' } as const;
    return PlanCheckout.ordered(
      newId(),
      { userId, gateway: 'stripe-test', sold, priceId: 'pro_year', ...urls, ...of },
      14,
      now,
    );
  }

  const added = (one: PlanCheckout): Promise<PlanCheckout> =>
    inTransaction(() => world().subscriptionCheckouts.addOnce(one));
  const changed = (id: PlanCheckout['id'], change: (one: PlanCheckout) => PlanCheckout): Promise<PlanCheckout> =>
    inTransaction(async () => {
      const next = change(await world().subscriptionCheckouts.hold(id));
      await world().subscriptionCheckouts.save(next);
      return next;
    });
  const listOf = (userId: UserId): Promise<readonly PlanCheckout[]> => world().subscriptionCheckouts.listOf(userId);

  describe('SubscriptionCheckouts', () => {
    it('keeps one open checkout for each user, also of many at once, and of other gateways and plans', async () => {
      const [owner, other] = [await aBuyer(), await aBuyer()];
      const wishes = Array.from({ length: 8 }, (_, index) =>
        aCheckout(owner, index % 2 ? { gateway: 'sandbox', priceId: 'student_month' } : {}),
      );
      const answered = await Promise.all(wishes.map(added));
      expect(new Set(answered.map(({ id }) => id)).size).toBe(1);
      expect(await listOf(owner)).toEqual([answered[0]]);
      expect((await added(aCheckout(other))).userId).toBe(other);
    });

    it('keeps its session, and makes room for the next one when it is closed', async () => {
      const owner = await aBuyer();
      const first = await added(aCheckout(owner));
      const opened = await changed(first.id, (one) => one.opened(`cs_${one.id}`, 'https://pay.example.com/1'));
      expect(await added(aCheckout(owner))).toEqual(opened);
      const expired = await changed(first.id, (one) => one.closed('expired'));
      const second = await added(aCheckout(owner, {}, later(NOW, 1000)));
      expect(second.sessionId).toBeNull();
      const complete = await changed(second.id, (one) => one.closed('complete'));
      expect(await listOf(owner)).toEqual([complete, expired]);
    });

    it('is written in a transaction alone', async () => {
      const owner = await aBuyer();
      await expect(world().subscriptionCheckouts.addOnce(aCheckout(owner))).rejects.toThrow();
      const one = await added(aCheckout(owner));
      await expect(world().subscriptionCheckouts.hold(one.id)).rejects.toThrow();
      await expect(world().subscriptionCheckouts.save(one.closed('expired'))).rejects.toThrow();
      await expect(inTransaction(() => world().subscriptionCheckouts.hold(newId()))).rejects.toThrow();
      expect(await listOf(owner)).toEqual([one]);
    });
  });
}
