import type { UserId } from '#domain/accounts/user';
import { Payment, PaymentCorrection, type PaymentId, PaymentNotFound } from '#domain/payments/payment';
import { aUser, later, newId, NOW } from './given.js';
import type { World } from './world.js';

const GATEWAY = 'stripe-test';
const MINUTE = 60_000;

export function paymentRepositoryContract(world: () => World): void {
  const inTransaction = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  async function aBuyer(): Promise<UserId> {
    const user = aUser();
    await inTransaction(() => world().users.add(user));
    return user.id;
  }

  function anOrder(userId: UserId, of: Partial<Payment> = {}, now = NOW): Payment {
    const id = newId<'Payment'>();
    const price = { packageId: null, amountMinor: 1000, currency: 'usd', creditMicros: 10_000_000n };
    const urls = { successUrl: 'https://app.example.com/yes', cancelUrl: 'https://app.example.com/no' };
    return Payment.ordered({ id, userId, gateway: GATEWAY, requestKey: `id:${id}`, ...price, ...urls, ...of }, now);
  }

  const kept = (order: Payment): Promise<Payment> => inTransaction(() => world().payments.addOnce(order));

  async function changed(id: PaymentId, change: (payment: Payment) => Payment): Promise<Payment> {
    return inTransaction(async () => {
      const next = change(await world().payments.hold(id));
      await world().payments.save(next);
      return next;
    });
  }

  const aCorrection = (paymentId: PaymentId, of: Partial<PaymentCorrection> = {}): PaymentCorrection =>
    Object.assign(
      new PaymentCorrection(`re_${newId()}`, paymentId, 'refund', 300, 'pending', true, 3_000_000n, 1, NOW, NOW),
      of,
    );

  describe('PaymentRepository', () => {
    it('gives back what was kept, to its owner and to nobody else', async () => {
      const [owner, other] = [await aBuyer(), await aBuyer()];
      const order = await kept(anOrder(owner));
      expect(await world().payments.get(order.id, owner)).toEqual(order);
      expect(await world().payments.find(order.id)).toEqual(order);
      await expect(world().payments.get(order.id, other)).rejects.toThrow(PaymentNotFound);
      await expect(world().payments.get(newId(), owner)).rejects.toThrow(PaymentNotFound);
      expect(await world().payments.find(newId())).toBeNull();
      await expect(inTransaction(() => world().payments.hold(newId()))).rejects.toThrow(PaymentNotFound);
    });

    it('keeps one purchase for each request of a user, also of many at once', async () => {
      const [owner, other] = [await aBuyer(), await aBuyer()];
      const orders = Array.from({ length: 8 }, () => anOrder(owner, { requestKey: 'key:1' }));
      const all = await Promise.all(orders.map(kept));
      expect(new Set(all.map(({ id }) => id)).size).toBe(1);
      expect((await kept(anOrder(other, { requestKey: 'key:1' }))).userId).toBe(other);
      expect((await world().payments.listOf(owner, { limit: 10, offset: 0 })).total).toBe(1);
    });

    it('keeps what a purchase became', async () => {
      const owner = await aBuyer();
      const { id } = await kept(anOrder(owner));
      const checkout = { checkoutId: `cs_${id}`, url: 'https://pay.example.com/1', expiresAt: later(NOW, MINUTE) };
      await changed(id, (payment) =>
        payment.opened(checkout, NOW).knownAs({ checkoutId: null, paymentIntentId: `pi_${id}` }, NOW),
      );
      await changed(id, (payment) => payment.moved('review', 'something differs', NOW));
      const after = await changed(id, (payment) => payment.completed(later(NOW, 1)).returned(300, 200, later(NOW, 2)));
      expect(await world().payments.get(id, owner)).toEqual(after);
    });

    it('is changed by one at a time: the second sees what the first made of it', async () => {
      const { id } = await kept(anOrder(await aBuyer()));
      await Promise.all(
        Array.from({ length: 8 }, () => changed(id, (payment) => payment.returned(payment.refundedMinor + 1, 0, NOW))),
      );
      expect(await world().payments.find(id)).toMatchObject({ refundedMinor: 8, version: 9 });
    });

    it('is found by what its own provider calls it, and by nothing else', async () => {
      const { id } = await kept(anOrder(await aBuyer()));
      const names = { checkoutId: `cs_${id}`, paymentIntentId: `pi_${id}` };
      await changed(id, (payment) => payment.knownAs(names, NOW));
      const found = async (gateway: string, checkoutId: string | null, paymentIntentId: string | null) =>
        (await world().payments.findByReference(gateway, { checkoutId, paymentIntentId }))?.id ?? null;
      expect(await found(GATEWAY, names.checkoutId, null)).toBe(id);
      expect(await found(GATEWAY, null, names.paymentIntentId)).toBe(id);
      expect(await found(GATEWAY, 'cs_unknown', names.paymentIntentId)).toBe(id);
      expect(await found('stripe-live', names.checkoutId, names.paymentIntentId)).toBeNull();
      expect(await found(GATEWAY, names.paymentIntentId, null)).toBeNull();
      expect(await found(GATEWAY, null, null)).toBeNull();
    });

    it('keeps each refund and dispute once, as it is now, the oldest first', async () => {
      const { id } = await kept(anOrder(await aBuyer()));
      const [late, early] = [aCorrection(id), aCorrection(id, { kind: 'dispute', createdAt: later(NOW, -1) })];
      const changedLate = aCorrection(id, {
        id: late.id,
        status: 'failed',
        effective: false,
        takenMicros: 0n,
        moves: 2,
      });
      await inTransaction(async () => {
        await world().payments.hold(id);
        for (const one of [late, early, changedLate]) await world().payments.saveCorrection(one);
      });
      expect(await world().payments.correctionsOf(id)).toEqual([early, changedLate]);
      expect(await world().payments.correctionsOf(newId())).toEqual([]);
    });

    it('lists what has no end: unpaid, or with a refund or a dispute that is not decided', async () => {
      const gateway = `stripe-${newId()}`;
      const owner = await aBuyer();
      const since = (minutes: number): Payment => anOrder(owner, { gateway }, later(NOW, -minutes * MINUTE));
      const [pending, processing, expired] = [since(90), since(80), since(70)];
      const [refunded, disputed, fresh] = [since(60), since(50), since(5)];
      for (const order of [pending, processing, expired, refunded, disputed, fresh]) await kept(order);
      await changed(processing.id, (payment) => payment.moved('processing', null, NOW));
      await changed(expired.id, (payment) => payment.moved('expired', null, NOW));
      for (const [order, status] of [
        [refunded, 'succeeded'],
        [disputed, 'under_review'],
      ] as const) {
        await inTransaction(async () => {
          await world().payments.save((await world().payments.hold(order.id)).completed(NOW));
          await world().payments.saveCorrection(aCorrection(order.id, { status }));
        });
      }
      const listed = async (limit: number) =>
        (await world().payments.listUnfinished(gateway, later(NOW, -15 * MINUTE), limit)).map(({ id }) => id);
      expect(await listed(10)).toEqual([pending.id, processing.id, disputed.id]);
      expect(await listed(2)).toEqual([pending.id, processing.id]);
    });

    it("lists a user's own, the newest first, and counts those that nobody paid", async () => {
      const owner = await aBuyer();
      const orders = [30, 20, 10].map((minutes) => anOrder(owner, {}, later(NOW, -minutes * MINUTE)));
      for (const order of orders) await kept(order);
      await changed(orders[1]!.id, (payment) => payment.moved('failed', 'declined', NOW));
      const page = await world().payments.listOf(owner, { limit: 2, offset: 1 });
      expect([page.items.map(({ id }) => id), page.total]).toEqual([[orders[1]!.id, orders[0]!.id], 3]);
      expect(await world().payments.countPending(owner, later(NOW, -60 * MINUTE))).toBe(2);
      expect(await world().payments.countPending(owner, later(NOW, -10 * MINUTE))).toBe(1);
    });

    it('keeps the first customer of a user at each provider', async () => {
      const owner = await aBuyer();
      const add = (gateway: string, customer: string): Promise<string> =>
        inTransaction(() => world().payments.addCustomerOnce(owner, gateway, customer, NOW));
      const [first, second, other] = [`cus_${newId()}`, `cus_${newId()}`, `cus_${newId()}`];
      expect(await world().payments.findCustomer(owner, GATEWAY)).toBeNull();
      expect([await add(GATEWAY, first), await add(GATEWAY, second), await add('sandbox', other)]).toEqual([
        first,
        first,
        other,
      ]);
      expect(await world().payments.findCustomer(owner, GATEWAY)).toBe(first);
    });

    it('keeps another customer after one that is gone', async () => {
      const owner = await aBuyer();
      const add = (customer: string): Promise<string> =>
        inTransaction(() => world().payments.addCustomerOnce(owner, GATEWAY, customer, NOW));
      const [first, second, third] = [`cus_${newId()}`, `cus_${newId()}`, `cus_${newId()}`];
      await add(first);
      for (let times = 0; times < 2; times++) {
        await inTransaction(() => world().payments.retireCustomer(GATEWAY, first, NOW));
        expect(await add(times === 0 ? second : third)).toBe(second);
      }
      expect(await world().payments.findCustomer(owner, GATEWAY)).toBe(second);
    });
  });
}
