import type { User } from '#domain/accounts/user';
import { CreditAccount, InsufficientCredits } from '#domain/credits/credit-account';
import type { CreditAccountRepository } from '#domain/credits/credit-account-repository';
import type { CreditHold } from '#domain/credits/credit-hold';
import {
  aCharge,
  aClawback,
  aCredit,
  aCreditHold,
  aSettlement,
  micros,
  occasion,
  reopened,
} from '#test/support/builders/credits';
import { type Deed, GivenCredit } from './given-credit.js';
import { Given, HOUR, later, NOW } from './given.js';
import type { World } from './world.js';

export function creditAccountRepositoryContract(world: () => World): void {
  const given = new Given(world);
  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);
  const credits = (): CreditAccountRepository => world().credits;

  const { opened, done, holder } = new GivenCredit(world);

  describe('CreditAccountRepository', () => {
    it('opens an empty account for a user without entries, each time', async () => {
      const user = await given.user();
      expect(await opened(user)).toEqual(CreditAccount.empty(user.id));
      expect(await opened(user)).toEqual(CreditAccount.empty(user.id));
    });

    it('opens what was saved: balance, grants in spending order, the hold that was asked for', async () => {
      const user = await holder(aCredit(70), aCredit(30, { category: 'promotional', expiresAt: later(NOW, HOUR) }));
      const hold = aCreditHold(user.id, 50, { placedAt: NOW });
      const { requestId } = hold;
      const saved = await done(user, (account) => account.heldFor(hold, occasion(NOW)));
      expect(await opened(user, { requestId })).toEqual(reopened(saved));
      expect(saved.holds[0]!.parts.map((part) => part.micros)).toEqual([30n, 20n]);

      const settled = await done(user, (account) => account.settled(aSettlement(requestId, 130), occasion(NOW)), {
        requestId,
      });
      expect(settled.debt).toEqual(micros(30));
      expect(await opened(user, { requestId })).toEqual(reopened(settled));
    });

    it('opens only holds that ran out or are asked for, and knows when the next of the others runs out', async () => {
      const user = await holder(aCredit(100));
      const aHold = (hours: number): CreditHold =>
        aCreditHold(user.id, 10, { placedAt: NOW, expiresAt: later(NOW, hours * HOUR) });
      const [soon, late, wanted] = [aHold(1), aHold(2), aHold(3)];
      for (const hold of [late, wanted, soon]) await done(user, (account) => account.heldFor(hold, occasion(NOW)));

      const asked = await opened(user, { requestId: wanted.requestId });
      expect(asked.holds.map(({ id }) => id)).toEqual([wanted.id]);
      expect([asked.nextHoldAt, asked.alarmAt]).toEqual([soon.expiresAt, soon.expiresAt]);
      const after = await opened(user, { now: soon.expiresAt });
      expect(after.holds.map(({ id }) => id)).toEqual([soon.id]);
      expect(after.nextHoldAt).toEqual(late.expiresAt);
    });

    it('finds an entry by its key as it was made, and none of another user', async () => {
      const user = await holder(aCredit(100));
      const charge = aCharge(30, { metadata: { model: 'gpt', tokens: 1200, cached: false, region: null } });
      const { entries } = await done(user, (account) => account.spent(charge, occasion(NOW)));
      expect(await credits().findTransaction(user.id, charge.key)).toEqual(entries[0]);
      expect(await credits().findTransaction(user.id, 'another')).toBeNull();
      expect(await credits().findTransaction((await given.user()).id, charge.key)).toBeNull();
    });

    it('keeps all entries of a deed, each beginning where the one before ended', async () => {
      const user = await holder(aCredit(40));
      const { entries } = await done(user, (account) => account.clawedBack(aClawback(100), occasion(NOW)));
      const { entries: paid } = await done(user, (account) => account.granted(aCredit(80), occasion(NOW)));
      const kept = await Promise.all([...entries, ...paid].map(({ key }) => credits().findTransaction(user.id, key)));
      expect(kept).toEqual([...entries, ...paid]);
      expect(kept.map((entry) => [entry!.type, entry!.sequence])).toEqual([
        ['refund', 2],
        ['debt', 3],
        ['purchase', 4],
        ['debt_payment', 5],
      ]);
    });

    it('keeps one entry for a key of a user, whoever forgot to look; another user may use it too', async () => {
      const [user, other] = [await holder(aCredit(100)), await holder(aCredit(100))];
      const charge = aCharge(10);
      const spend: Deed = (account) => account.spent(charge, occasion(NOW));
      const saved = await done(user, spend);
      await expect(done(user, spend)).rejects.toThrow();
      expect(await opened(user)).toEqual(reopened(saved));
      await done(other, spend);
    });

    it('keeps one hold for a request of a user, whatever became of it', async () => {
      const user = await holder(aCredit(100));
      const hold = aCreditHold(user.id, 10, { placedAt: NOW });
      const { requestId } = hold;
      const again = aCreditHold(user.id, 10, { placedAt: NOW, requestId });
      const place: Deed = (account) => account.heldFor(again, occasion(NOW));
      await done(user, (account) => account.heldFor(hold, occasion(NOW)));
      await expect(done(user, place)).rejects.toThrow();
      await done(user, (account) => account.released(requestId, occasion(NOW)), { requestId });
      await expect(done(user, place)).rejects.toThrow();
      const { holds, held } = await opened(user, { requestId });
      expect([holds.map(({ id, state }) => [id, state]), held]).toEqual([[[hold.id, 'released']], micros(0)]);
    });

    it('shows others nothing of a deed before its transaction has ended, and forgets one that was undone', async () => {
      const user = await holder(aCredit(100));
      const charge = aCharge(10);
      const before = await opened(user);
      let saved = (): void => undefined;
      let seen = (): void => undefined;
      const wasSaved = new Promise<void>((resolve) => (saved = resolve));
      const wasSeen = new Promise<void>((resolve) => (seen = resolve));
      const undone = run(async () => {
        await done(user, (account) => account.spent(charge, occasion(NOW)));
        expect(await credits().findTransaction(user.id, charge.key)).not.toBeNull();
        saved();
        await wasSeen;
        throw new Error('changed our mind');
      });
      await wasSaved;
      const looked = await credits().findTransaction(user.id, charge.key);
      seen();
      await expect(undone).rejects.toThrow('changed our mind');
      expect(looked).toBeNull();
      expect(await credits().findTransaction(user.id, charge.key)).toBeNull();
      expect(await opened(user)).toEqual(before);
    });

    it('lets one open an account at a time: who comes later sees what the one before made', async () => {
      const user = await holder(aCredit(20));
      const spend: Deed = (account) => account.spent(aCharge(1), occasion(NOW));
      const spends = await Promise.allSettled(Array.from({ length: 24 }, () => done(user, spend)));
      expect(spends.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
      for (const { reason } of spends.filter((one) => one.status === 'rejected')) {
        expect(reason).toBeInstanceOf(InsufficientCredits);
      }
      const { balance, sequence } = await opened(user);
      expect([balance, sequence]).toEqual([micros(0), 21]);
    });

    it('makes a first account once, whoever opens it at the same time', async () => {
      const user = await given.user();
      const grant = (): Promise<CreditAccount> => done(user, (account) => account.granted(aCredit(5), occasion(NOW)));
      await Promise.all(Array.from({ length: 8 }, grant));
      const { balance, sequence } = await opened(user);
      expect([balance, sequence]).toEqual([micros(40), 8]);
    });

    it('opens and saves nothing outside a transaction', async () => {
      const user = await holder(aCredit(20));
      const account = await opened(user);
      await expect(async () => credits().open(user.id, null, NOW)).rejects.toThrow();
      await expect(async () => credits().save(account.spent(aCharge(1), occasion(NOW)))).rejects.toThrow();
      expect(await opened(user)).toEqual(account);
    });

    it('lists users of whom something ran out, those that wait longest first', async () => {
      const long = new Date('2001-06-01T00:00:00.000Z');
      const due = async (minutes: number): Promise<User> => {
        const user = await given.user();
        const credit = aCredit(10, { expiresAt: later(long, minutes * 60_000) });
        await done(user, (account) => account.granted(credit, occasion(later(long, -HOUR))), { now: long });
        return user;
      };
      const [third, first, second] = [await due(3), await due(1), await due(2)];
      const listed = (minutes: number, most: number): Promise<readonly string[]> =>
        credits().listDue(later(long, minutes * 60_000), most);
      expect(await listed(3, 10)).toEqual([first.id, second.id, third.id]);
      expect(await listed(3, 2)).toEqual([first.id, second.id]);
      expect(await listed(2, 10)).toEqual([first.id, second.id]);
      const tidyAt = later(long, HOUR);
      for (const user of [first, second, third]) {
        await done(user, (account) => account.tidied(occasion(tidyAt)), { now: tidyAt });
      }
      expect(await listed(60, 10)).toEqual([]);
    });
  });
}
