import fc from 'fast-check';
import type { User, UserId } from '#domain/accounts/user';
import { type CreditAccount, settlementKey } from '#domain/credits/credit-account';
import { CREDIT_CATEGORIES } from '#domain/credits/credit-grant';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { AiUsageLog } from '#domain/providers/ai-usage-log';
import { anAiUsageLog } from '#test/support/builders/ai-usage-logs';
import {
  aClawback,
  aCredit,
  aCreditHold,
  aSettlement,
  micros,
  occasion,
  reopened,
} from '#test/support/builders/credits';
import { GivenCredit } from './given-credit.js';
import { HOUR, later, newId, NOW } from './given.js';
import type { Effort, World } from './world.js';

const BEFORE = later(NOW, -1);
const SOON = later(NOW, HOUR);

/**
 * `settleAtOnce` decides without reading the account. Where it answers true, what happened is what `CreditAccount.settled`
 * does, to the last field, and the entry is kept; where it answers false, nothing has happened.
 */
export function aiUsageLogContract(world: () => World, { runs }: Effort): void {
  const { opened, done, holder } = new GivenCredit(world);

  const append = (entry: AiUsageLog): Promise<boolean> => world().transaction.run(() => world().aiLogs.append(entry));

  /** Asked without reading: another entry of the same request is refused if there is one. */
  const isLogged = async (userId: UserId, requestId: string): Promise<boolean> => {
    const notKept = new Error('not kept');
    const trial = world().transaction.run(async () => {
      await world().aiLogs.append(anAiUsageLog(userId, requestId));
      throw notKept;
    });
    return (await trial.catch((error: unknown) => error)) !== notKept;
  };

  const held = async (user: User, amount: number, of: Partial<CreditHold> = {}): Promise<string> => {
    const hold = aCreditHold(user.id, amount, { placedAt: BEFORE, ...of });
    await done(user, (account) => account.heldFor(hold, occasion(BEFORE)), { now: BEFORE });
    return hold.requestId;
  };

  /** Answers whether it was settled, having checked that it was settled by the rules or that nothing happened. */
  const isSettled = async (user: User, requestId: string, amount: number, now = NOW): Promise<boolean> => {
    const account = (): Promise<CreditAccount> => opened(user, { now, requestId });
    const found = () => world().credits.findTransaction(user.id, settlementKey(requestId));
    const before = await account();
    const [entryBefore, wasLogged] = [await found(), await isLogged(user.id, requestId)];
    const settlement = aSettlement(requestId, amount);
    const id = newId<'CreditTransaction'>();
    const at = occasion(now, () => id);
    const entry = anAiUsageLog(user.id, requestId, { cost: micros(amount) });
    if (!(await world().aiLogs.settleAtOnce(entry, settlement, at))) {
      expect(await account()).toEqual(before);
      expect(await found()).toEqual(entryBefore);
      expect(await isLogged(user.id, requestId)).toBe(wasLogged);
      return false;
    }
    const expected = before.settled(settlement, at);
    expect(await account()).toEqual(reopened(expected));
    expect(await found()).toEqual(expected.entries.at(-1) ?? null);
    await append(entry);
    expect(await isLogged(user.id, requestId)).toBe(true);
    return true;
  };

  describe('AiUsageLogRepository.settleAtOnce', () => {
    it.each([0, 1, 59, 60])('charges %i of the 60 that are held of what is spent next', async (cost) => {
      const user = await holder(aCredit(100));
      const requestId = await held(user, 60);
      expect(await isSettled(user, requestId, cost)).toBe(true);
      const { balance, held: left, available } = await opened(user);
      expect([balance.micros, left.micros, available.micros]).toEqual([100n - BigInt(cost), 0n, 100n - BigInt(cost)]);
    });

    it('leaves what becomes free to be spent next, as before it was held', async () => {
      const user = await holder(aCredit(100, { category: 'promotional', expiresAt: SOON }), aCredit(50));
      const requestId = await held(user, 60);
      expect(await isSettled(user, requestId, 10)).toBe(true);
      const { id: userId } = user;
      const next = aCreditHold(userId, 90, { placedAt: NOW });
      expect(await world().credits.holdAtOnce(next, true)).toMatchObject({ parts: [{ micros: 90n }] });
      const another = aCreditHold(userId, 51, { placedAt: NOW });
      await expect(world().credits.holdAtOnce(another, true)).rejects.toMatchObject({ code: 'insufficient_credits' });
    });

    it('makes no entry of nothing, and gives all back', async () => {
      const user = await holder(aCredit(100));
      const { sequence } = await opened(user);
      const requestId = await held(user, 60);
      expect(await isSettled(user, requestId, 0)).toBe(true);
      expect((await opened(user)).sequence).toBe(sequence);
      expect((await opened(user, { requestId })).holds[0]).toMatchObject({ state: 'settled', settled: micros(0) });
    });

    it('leaves a hold of several parts to the rules', async () => {
      const user = await holder(aCredit(60, { category: 'promotional' }), aCredit(100));
      const requestId = await held(user, 61);
      for (const cost of [0, 10, 61]) expect(await isSettled(user, requestId, cost)).toBe(false);
    });

    it('leaves who owes to the rules', async () => {
      const user = await holder(aCredit(100));
      const requestId = await held(user, 60);
      const clawback = aClawback(50);
      await done(user, (account) => account.clawedBack(clawback, occasion(NOW)));
      expect((await opened(user)).debt).toEqual(micros(10));
      for (const cost of [0, 10, 60]) expect(await isSettled(user, requestId, cost)).toBe(false);
    });

    it('leaves what costs more than was held to the rules', async () => {
      const user = await holder(aCredit(100));
      const requestId = await held(user, 60);
      for (const cost of [61, 100, 1000]) expect(await isSettled(user, requestId, cost)).toBe(false);
      expect(await isSettled(user, requestId, 60)).toBe(true);
    });

    it('leaves a hold to the rules from the instant at which it runs out, tidied up or not', async () => {
      const user = await holder(aCredit(100));
      const requestId = await held(user, 60, { expiresAt: NOW });
      for (const cost of [0, 10, 60]) expect(await isSettled(user, requestId, cost)).toBe(false);
      await done(user, (account) => account.tidied(occasion(NOW)), { requestId });
      for (const cost of [0, 10, 60]) expect(await isSettled(user, requestId, cost)).toBe(false);

      const inTime = await held(user, 60, { expiresAt: NOW });
      expect(await isSettled(user, inTime, 10, BEFORE)).toBe(true);
    });

    it('leaves everything to the rules from the instant at which anything else runs out', async () => {
      const expiring = await holder(aCredit(60, { category: 'promotional', expiresAt: NOW }), aCredit(100));
      const ofExpiring = await held(expiring, 10);
      expect(await isSettled(expiring, ofExpiring, 5)).toBe(false);
      expect(await isSettled(expiring, ofExpiring, 10)).toBe(false);

      const working = await holder(aCredit(100));
      const [kept] = [await held(working, 10), await held(working, 20, { expiresAt: NOW })];
      expect(await isSettled(working, kept, 10)).toBe(false);
      expect(await isSettled(working, kept, 10, BEFORE)).toBe(true);
    });

    it('leaves what is closed, and what was never held, to the rules', async () => {
      const user = await holder(aCredit(100));
      const [settled, released] = [await held(user, 10), await held(user, 10)];
      expect(await isSettled(user, settled, 10)).toBe(true);
      await done(user, (account) => account.released(released, occasion(NOW)), { requestId: released });
      for (const requestId of [settled, released, newId()]) {
        for (const cost of [0, 5, 10]) expect(await isSettled(user, requestId, cost)).toBe(false);
      }
      expect(await isSettled(await holder(), newId(), 0)).toBe(false);
      const other = await holder(aCredit(100));
      expect(await isSettled(other, await held(user, 10), 5)).toBe(false);
    });

    it('settles a grant that is no longer spent next only when nothing of it becomes free', async () => {
      const user = await holder(aCredit(60, { category: 'promotional' }), aCredit(100));
      const requestId = await held(user, 60);
      expect((await opened(user)).front).toMatchObject({ category: 'paid' });
      for (const cost of [0, 59]) expect(await isSettled(user, requestId, cost)).toBe(false);
      expect(await isSettled(user, requestId, 60)).toBe(true);
      expect((await opened(user)).front!.free).toEqual(micros(100));
    });

    it('does nothing inside a transaction, whose other deeds it would not see', async () => {
      const user = await holder(aCredit(100));
      const requestId = await held(user, 60);
      const before = await opened(user, { requestId });
      const entry = anAiUsageLog(user.id, requestId, { cost: micros(10) });
      const settlement = aSettlement(requestId, 10);
      const inside = world().transaction.run(() => world().aiLogs.settleAtOnce(entry, settlement, occasion(NOW)));
      expect(await inside).toBe(false);
      expect(await opened(user, { requestId })).toEqual(before);
      expect(await isLogged(user.id, requestId)).toBe(false);
    });

    it('settles once, however many try at once', async () => {
      const user = await holder(aCredit(100));
      const requestId = await held(user, 60);
      const entry = anAiUsageLog(user.id, requestId, { cost: micros(10) });
      const tries = Array.from({ length: 8 }, () =>
        world().aiLogs.settleAtOnce(entry, aSettlement(requestId, 10), occasion(NOW)),
      );
      expect((await Promise.all(tries)).filter((isDone) => isDone)).toHaveLength(1);
      expect((await opened(user)).available.micros).toBe(90n);
    });

    it('charges nothing when its entry cannot be kept', async () => {
      const user = await holder(aCredit(100));
      const requestId = await held(user, 60);
      const before = await opened(user, { requestId });
      const unserved = anAiUsageLog(user.id, requestId, { cost: micros(10), servedPriceId: null });
      await expect(world().aiLogs.settleAtOnce(unserved, aSettlement(requestId, 10), occasion(NOW))).rejects.toThrow();
      expect(await opened(user, { requestId })).toEqual(before);
      expect(await isLogged(user.id, requestId)).toBe(false);
    });

    it('agrees with the rules on any account, and takes no case that it must leave', async () => {
      const grant = fc.record({
        amount: fc.integer({ min: 1, max: 30 }),
        category: fc.constantFrom(...CREDIT_CATEGORIES),
        expiresAt: fc.constantFrom(null, null, SOON, later(SOON, HOUR), NOW),
      });
      const hold = fc.record({
        amount: fc.integer({ min: 1, max: 20 }),
        expiresAt: fc.constantFrom(SOON, SOON, SOON, SOON, NOW),
        /** In hundredths of what is held. */
        cost: fc.constantFrom(0, 30, 100, 100, 130),
        isAtOnce: fc.boolean(),
      });
      const cases = fc.record({
        grants: fc.array(grant, { minLength: 1, maxLength: 3 }),
        holds: fc.array(hold, { minLength: 1, maxLength: 3 }),
        clawedBack: fc.constantFrom(0, 0, 0, 40),
        now: fc.constantFrom(BEFORE, NOW, NOW),
      });
      const seen = { settled: 0, left: 0 };
      await fc.assert(
        fc.asyncProperty(cases, async ({ grants, holds, clawedBack, now }) => {
          const user = await holder(...grants.map(({ amount, ...of }) => aCredit(amount, of)));
          const placed: { requestId: string; amount: number; cost: number }[] = [];
          for (const { amount, expiresAt, cost, isAtOnce } of holds) {
            if ((await opened(user, { now: BEFORE })).available.micros < amount) continue;
            const wanted = aCreditHold(user.id, amount, { placedAt: BEFORE, expiresAt });
            const atOnce = isAtOnce ? await world().credits.holdAtOnce(wanted, false) : null;
            const requestId =
              atOnce?.requestId ?? (await held(user, amount, { requestId: wanted.requestId, expiresAt }));
            placed.push({ requestId, amount, cost: Math.floor((amount * cost) / 100) });
          }
          if (clawedBack > 0) {
            const clawback = aClawback(clawedBack);
            await done(user, (account) => account.clawedBack(clawback, occasion(BEFORE)), { now: BEFORE });
          }
          for (const { requestId, amount, cost } of placed) {
            const account = await opened(user, { now, requestId });
            const mustBeLeft =
              (account.alarmAt !== null && account.alarmAt <= now) ||
              account.debt.isPositive ||
              account.holds.find((one) => one.requestId === requestId)!.parts.length > 1 ||
              cost > amount;
            const settled = await isSettled(user, requestId, cost, now);
            if (mustBeLeft) expect(settled).toBe(false);
            if (settled) seen.settled++;
            else seen.left++;
          }
        }),
        { numRuns: runs },
      );
      expect(Math.min(...Object.values(seen))).toBeGreaterThan(runs / 10);
    });
  });

  describe('AiUsageLogRepository.append', () => {
    it('keeps one entry of a request, however often the same comes, and says which was the first', async () => {
      const user = await holder();
      const entry = anAiUsageLog(user.id, newId());
      expect([await append(entry), await append(entry), await append(entry)]).toEqual([true, false, false]);
      expect(await isLogged(user.id, entry.requestId)).toBe(true);
    });

    it('throws when the request has another entry, and keeps the first', async () => {
      const user = await holder();
      const entry = anAiUsageLog(user.id, newId());
      await append(entry);
      const other = { ...entry, id: newId<'AiUsageLog'>() };
      await expect(append(other)).rejects.toThrow(`Request ${entry.requestId} has another entry already.`);
      await append(entry);
    });

    it('keeps requests of the same name of several users apart, and each id once', async () => {
      const [ana, ben] = [await holder(), await holder()];
      const entry = anAiUsageLog(ana.id, newId());
      await append(entry);
      await append(anAiUsageLog(ben.id, entry.requestId));
      await expect(append({ ...entry, requestId: newId() })).rejects.toThrow();
    });

    it('needs a running transaction, and keeps nothing of one that failed', async () => {
      const user = await holder();
      const entry = anAiUsageLog(user.id, newId());
      await expect(world().aiLogs.append(entry)).rejects.toThrow('running transaction');
      const failing = world().transaction.run(async () => {
        await world().aiLogs.append(entry);
        throw new Error('later');
      });
      await expect(failing).rejects.toThrow('later');
      expect(await isLogged(user.id, entry.requestId)).toBe(false);
    });
  });

  describe('AiUsageLogRepository.listLost', () => {
    /** Long ago, so that what other tests lose does not come first. */
    const AGO = later(NOW, -1000 * HOUR);

    const expired = async (user: User, closedAt: Date, metadata: CreditHold['metadata']): Promise<CreditHold> => {
      const placedAt = later(closedAt, -HOUR);
      const hold = aCreditHold(user.id, 10, { placedAt, expiresAt: closedAt, metadata });
      const { requestId } = hold;
      await done(user, (account) => account.heldFor(hold, occasion(placedAt)), { now: placedAt });
      await done(user, (account) => account.tidied(occasion(closedAt)), { now: closedAt, requestId });
      return hold;
    };

    it('lists holds that ran out before and of which no entry speaks, those that wait longest first', async () => {
      const user = await holder(aCredit(1000));
      const request = { ai_usage_log_id: newId(), model: 'gpt-4o-mini' };
      const [second, first, logged] = [
        await expired(user, later(AGO, -2), request),
        await expired(user, later(AGO, -3), request),
        await expired(user, later(AGO, -4), request),
      ];
      await expired(user, AGO, request);
      await expired(user, later(AGO, -5), {});
      await append(anAiUsageLog(user.id, logged.requestId, { outcome: 'lost' }));
      const lost = (await world().aiLogs.listLost(AGO, 100)).filter(({ userId }) => userId === user.id);
      expect(lost).toEqual(
        [first, second].map(({ requestId, amount, placedAt, expiresAt, metadata }) => {
          return { userId: user.id, requestId, held: amount, placedAt, closedAt: expiresAt, metadata };
        }),
      );
      expect((await world().aiLogs.listLost(AGO, 1)).map(({ requestId }) => requestId)).toEqual([first.requestId]);
    });

    it('lists nothing that is open, settled or released', async () => {
      const user = await holder(aCredit(100));
      const id = newId<'AiUsageLog'>();
      const metadata = { ai_usage_log_id: id };
      const hold = (): CreditHold => aCreditHold(user.id, 10, { placedAt: BEFORE, metadata });
      const [settled, released] = [hold(), hold()];
      for (const one of [settled, released, hold()]) {
        await done(user, (account) => account.heldFor(one, occasion(BEFORE)), { now: BEFORE });
      }
      const { requestId: one } = settled;
      const { requestId: other } = released;
      await done(user, (account) => account.settled(aSettlement(one, 5), occasion(NOW)), { requestId: one });
      await append(anAiUsageLog(user.id, one, { id, cost: micros(5) }));
      await done(user, (account) => account.released(other, occasion(NOW)), { requestId: other });
      const lost = await world().aiLogs.listLost(later(NOW, 1000 * HOUR), 1000);
      expect(lost.filter(({ userId }) => userId === user.id)).toEqual([]);
    });
  });
}
