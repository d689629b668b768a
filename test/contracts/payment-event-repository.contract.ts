import { PaymentEvent, PaymentEventNotFound } from '#domain/payments/payment-event';
import { later, newId, NOW } from './given.js';
import type { World } from './world.js';

export function paymentEventRepositoryContract(world: () => World): void {
  const inTransaction = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  const anEvent = (type = 'refund.created', receivedAt = NOW, payload: unknown = { object: 'event' }): PaymentEvent => {
    const notice = { id: `evt_${newId()}`, gateway: 'stripe-test', type, apiVersion: '2022-11-15', live: false };
    return PaymentEvent.received({ ...notice, createdAt: later(NOW, -1000), payload }, receivedAt);
  };
  const kept = (event: PaymentEvent): Promise<boolean> => inTransaction(() => world().events.addOnce(event));

  describe('PaymentEventRepository', () => {
    it('keeps each event once, to the letter, also of many deliveries at once', async () => {
      const event = anEvent('refund.created', NOW, { z: 1, a: [null, 'ü\u2028'], nested: { n: 0.1 } });
      const all = await Promise.all(Array.from({ length: 8 }, () => kept(event)));
      expect(all.filter((first) => first)).toHaveLength(1);
      expect(await world().events.get(event.id)).toEqual(event);
      await expect(world().events.get('evt_unknown')).rejects.toThrow(PaymentEventNotFound);
      await expect(inTransaction(() => world().events.hold('evt_unknown'))).rejects.toThrow(PaymentEventNotFound);
    });

    it('keeps what became of an event, decided by one at a time', async () => {
      const event = anEvent();
      await kept(event);
      await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          inTransaction(async () => {
            const held = await world().events.hold(event.id);
            await world().events.save(held.failed(`failure ${n}`, 8, NOW));
          }),
        ),
      );
      expect(await world().events.get(event.id)).toMatchObject({ failures: 8, status: 'dead', closedAt: NOW });
    });

    it('lists the newest first, by status and type', async () => {
      const type = `type.${newId()}`;
      const aged = (ms: number): PaymentEvent => anEvent(type, later(NOW, -ms));
      const [old, middle, fresh] = [aged(20), aged(10), aged(0)];
      for (const event of [middle, fresh, old]) await kept(event);
      await inTransaction(async () => world().events.save((await world().events.hold(middle.id)).ignored(NOW)));
      const listed = async (status: PaymentEvent['status'] | null, offset = 0) => {
        const { items, total } = await world().events.list({ status, type }, { limit: 2, offset });
        return [items.map(({ id }) => id), total];
      };
      expect(await listed(null)).toEqual([[fresh.id, middle.id], 3]);
      expect(await listed(null, 2)).toEqual([[old.id], 3]);
      expect(await listed('ignored')).toEqual([[middle.id], 1]);
      expect(await listed('received')).toEqual([[fresh.id, old.id], 2]);
    });
  });
}
