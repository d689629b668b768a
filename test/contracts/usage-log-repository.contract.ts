import { UsageLog } from '#domain/usage/usage-log';
import { BillingPeriod } from '#domain/usage/billing-period';
import { aLog, anotherSessionId, aSession, august, Given, later, newId, NOW, october } from './given.js';
import type { World } from './world.js';

export function usageLogRepositoryContract(world: () => World): void {
  const given = new Given(world);
  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  describe('UsageLogRepository', () => {
    it('answers an entry as it was appended, money beyond 2^53 and all', async () => {
      const session = await given.session(await given.user());
      const card = await given.rateCard();
      const log = aLog(session, card, {
        costMicros: 9_007_199_254_740_993n,
        countedSeconds: 86_400,
        fileBytes: 3_000_000_000,
        providerMetadata: { nested: { list: [1, 'two', null] } },
      });
      expect(await run(() => world().logs.append(log))).toBe(true);
      const [found, ...others] = await world().logs.listOfSession(session.id, session.userId);
      expect(found).toBeInstanceOf(UsageLog);
      expect(found).toEqual(log);
      expect(others).toEqual([]);
    });

    it('adds what it counts to the counters of its own period, and to no other', async () => {
      const user = await given.user();
      const card = await given.rateCard();
      const session = await given.session(user, { period: august });
      await given.session(user);
      await given.log(session, card, { countedSeconds: 59 });
      const [then, now] = [await given.usage(user, august), await given.usage(user)];
      expect([then.used.seconds, then.transcriptions, then.sessions]).toEqual([59, 1, 1]);
      expect([now.used.seconds, now.transcriptions, now.sessions]).toEqual([0, 0, 1]);
    });

    it('refuses a retry that names no parent, and counts nothing of it', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const card = await given.rateCard();
      const retry = { attempt: 2, transcriptionType: 'retry_success', parentLogId: null } as const;
      await expect(given.log(session, card, retry)).rejects.toThrow();
      expect(await world().logs.listOfSession(session.id, user.id)).toEqual([]);
      expect((await given.usage(user)).used.seconds).toBe(0);
    });

    it('counts nothing for an entry that counts nothing', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const nothing = { billable: false, countedSeconds: 0, countedTranscriptions: 0, costMicros: 0n } as const;
      await given.log(session, await given.rateCard(), { ...nothing, outcome: 'failed' });
      const used = await given.usage(user);
      expect([used.used.seconds, used.transcriptions]).toEqual([0, 0]);
      expect(await world().logs.listOfSession(session.id, user.id)).toHaveLength(1);
    });

    it('appends one entry for an attempt, however often it is told', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const card = await given.rateCard();
      const first = aLog(session, card);
      const again = aLog(session, card, { countedSeconds: 600, costMicros: 60_000n });
      expect(await run(() => world().logs.append(first))).toBe(true);
      expect(await run(() => world().logs.append(first))).toBe(false);
      expect(await run(() => world().logs.append(again))).toBe(false);
      expect(await world().logs.listOfSession(session.id, user.id)).toEqual([first]);
      const used = await given.usage(user);
      expect([used.used.seconds, used.transcriptions]).toEqual([first.countedSeconds, 1]);
    });

    it('appends one entry for an attempt that lands many times at once', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const card = await given.rateCard();
      const landings = Array.from({ length: 6 }, () => run(() => world().logs.append(aLog(session, card))));
      expect((await Promise.all(landings)).filter(Boolean)).toHaveLength(1);
      expect((await given.usage(user)).used.seconds).toBe(61);
    });

    it('refuses an entry of a period that has no counters, and keeps nothing of it', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const card = await given.rateCard();
      await expect(given.log(session, card, { periodStart: october.start })).rejects.toThrow();
      expect(await world().logs.listOfSession(session.id, user.id)).toEqual([]);
      expect((await given.usage(user, october)).used.seconds).toBe(0);
    });

    it('counts in the open period of an imported user', async () => {
      const user = await given.user({ currentMonthStart: null, periodAnchor: null });
      const session = await given.session(user, { period: BillingPeriod.open });
      const log = await given.log(session, await given.rateCard());
      expect(log.periodStart).toBeNull();
      expect(await world().logs.listOfSession(session.id, user.id)).toEqual([log]);
      expect((await given.usage(user, BillingPeriod.open)).used.seconds).toBe(61);
    });

    it('is undone, the count included, with the transaction it was appended in', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const card = await given.rateCard();
      const undone = run(async () => {
        await world().logs.append(aLog(session, card));
        expect((await given.usage(user)).used.seconds).toBe(61);
        throw new Error('changed our mind');
      });
      await expect(undone).rejects.toThrow('changed our mind');
      expect(await world().logs.listOfSession(session.id, user.id)).toEqual([]);
      expect((await given.usage(user)).used.seconds).toBe(0);
    });

    it('appends nothing outside a transaction', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const log = aLog(session, await given.rateCard());
      await expect(async () => world().logs.append(log)).rejects.toThrow();
      expect(await world().logs.listOfSession(session.id, user.id)).toEqual([]);
    });

    it('lists the entries of a session oldest first, and shows a foreign session’s to nobody', async () => {
      const [owner, other] = [await given.user(), await given.user()];
      const session = await given.session(owner);
      const card = await given.rateCard();
      const second = { attempt: 2, transcriptionType: 'retry_success', completedAt: later(NOW, -1) } as const;
      const first = await given.log(session, card);
      const next = await given.log(session, card, { ...second, parentLogId: first.id });
      expect(await world().logs.listOfSession(session.id, owner.id)).toEqual([first, next]);
      expect(await world().logs.listOfSession(session.id, other.id)).toEqual([]);
      expect(await world().logs.listOfSession(anotherSessionId(), owner.id)).toEqual([]);
    });

    it('keeps its entry of a session that is deleted, and of one that never was', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const card = await given.rateCard();
      const log = await given.log(session, card);
      await given.saved(session.deleted(NOW));
      expect(await world().logs.listOfSession(session.id, user.id)).toEqual([log]);
      const stranger = aSession(user);
      const strange = await given.log(stranger, card, { id: newId<'UsageLog'>() });
      expect(await world().logs.listOfSession(stranger.id, user.id)).toEqual([strange]);
    });
  });
}
