import type { UserId } from '#domain/accounts/user';
import type { Invoice, InvoiceId, InvoiceSnapshot } from '#domain/billing/invoice';
import { anInvoice } from '#test/support/builders/subscriptions';
import { aUser, later, newId, NOW } from './given.js';
import type { World } from './world.js';

const GATEWAY = 'stripe-test';
const DAY = 24 * 60 * 60 * 1000;

export function invoiceRepositoryContract(world: () => World): void {
  const inTransaction = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  async function aPayer(): Promise<UserId> {
    const user = aUser();
    await inTransaction(() => world().users.add(user));
    return user.id;
  }

  async function saved(userId: UserId, snapshot: InvoiceSnapshot, gateway = GATEWAY): Promise<InvoiceId> {
    const id = newId<'Invoice'>();
    await inTransaction(() => world().invoices.save(id, userId, gateway, snapshot));
    return id;
  }

  const listOf = (userId: UserId, limit = 10, offset = 0): Promise<{ items: readonly Invoice[]; total: number }> =>
    world().invoices.listOf(userId, { limit, offset });
  const a = (of: Partial<InvoiceSnapshot> = {}): InvoiceSnapshot => anInvoice({ externalId: `in_${newId()}`, ...of });
  const bare = { number: null, reason: null, subscriptionId: null, paidAt: null, hostedUrl: null, pdfUrl: null };

  describe('InvoiceRepository', () => {
    it('gives back every field, newest first and page by page, to whose they are', async () => {
      const [owner, other] = [await aPayer(), await aPayer()];
      const open = a({ status: 'open', createdAt: NOW, dueAt: later(NOW, DAY), nextAttemptAt: later(NOW, 2 * DAY) });
      // More than fits in 32 bits: a year of a large school in a small currency.
      const draft = a({ ...bare, status: 'draft', createdAt: later(NOW, -DAY), total: 9_000_000_000, tax: -1 });
      await saved(owner, draft);
      await saved(owner, open);
      const { items, total } = await listOf(owner);
      expect([items.map(({ snapshot }) => snapshot), total]).toEqual([[open, draft], 2]);
      expect(items[0]).toMatchObject({ userId: owner, gateway: GATEWAY });
      expect((await listOf(owner, 1, 1)).items.map(({ snapshot }) => snapshot)).toEqual([draft]);
      expect(await listOf(owner, 1, 5)).toEqual({ items: [], total: 2 });
      expect(await listOf(other)).toEqual({ items: [], total: 0 });
    });

    it('replaces what was known, and keeps the id that it was first heard under', async () => {
      const owner = await aPayer();
      const draft = a({ ...bare, status: 'draft' });
      const id = await saved(owner, draft);
      const paid = { ...draft, status: 'paid', number: 'MB-7', amountPaid: 2999, paidAt: NOW } as const;
      await saved(owner, paid);
      expect((await listOf(owner)).items.map((one) => [one.id, one.snapshot])).toEqual([[id, paid]]);
    });

    it('never goes back: an answer that was longer on its way than a newer one changes nothing', async () => {
      const owner = await aPayer();
      const [draft, open, tried] = [
        { status: 'draft', attempts: 0 },
        { status: 'open', attempts: 0 },
        { status: 'open' },
      ] as const;
      const life: Partial<InvoiceSnapshot>[] = [draft, open, tried, { status: 'uncollectible' }, { status: 'paid' }];
      const invoice = a();
      for (const [index, state] of life.entries()) {
        await saved(owner, { ...invoice, ...state });
        for (const older of life.slice(0, index)) await saved(owner, { ...invoice, ...older, total: 1 });
        expect((await listOf(owner)).items.map(({ snapshot }) => snapshot)).toEqual([{ ...invoice, ...state }]);
      }
      await saved(owner, { ...invoice, total: 7 });
      expect((await listOf(owner)).items[0]!.snapshot.total).toBe(7);
    });

    it('tells how far back the provider must be asked: to the oldest that is not settled, or else to the newest', async () => {
      const owner = await aPayer();
      const since = (): Promise<Date | null> => world().invoices.findOldestUnsettled(owner, GATEWAY);
      expect(await since()).toBeNull();
      await saved(owner, a({ createdAt: later(NOW, -30 * DAY) }));
      await saved(owner, a({ createdAt: NOW, status: 'void' }));
      await saved(owner, a({ createdAt: later(NOW, -90 * DAY), status: 'open' }), 'another');
      expect(await since()).toEqual(NOW);
      const open = a({ createdAt: later(NOW, -20 * DAY), status: 'open' });
      await saved(owner, open);
      await saved(owner, a({ createdAt: later(NOW, -10 * DAY), status: 'draft' }));
      expect(await since()).toEqual(open.createdAt);
      await saved(owner, { ...open, status: 'uncollectible' });
      expect(await since()).toEqual(later(NOW, -10 * DAY));
    });

    it('is written in a transaction alone', async () => {
      const owner = await aPayer();
      await expect(world().invoices.save(newId(), owner, GATEWAY, a())).rejects.toThrow();
      expect((await listOf(owner)).total).toBe(0);
    });
  });
}
