import fc from 'fast-check';
import { BillingPeriod } from '#domain/usage/billing-period';
import { Hold, HOLD_LIFETIME_MS } from '#domain/usage/hold';
import { PeriodUsage } from '#domain/usage/period-usage';
import type { Limit } from '#domain/shared/limit';
import { aHold, ANCHOR, anotherSessionId, at, august, Given, later, newId, NO_LIMITS, NOW } from './given.js';
import { september, someLimits } from './given.js';
import { admits, type Effort, type World } from './world.js';

/** Holds placed at this instant run out at NOW, to the millisecond. */
const EXPIRES_NOW = later(NOW, -HOLD_LIFETIME_MS);

/** The states in which an earlier hold can be found when the next is asked for. */
const EARLIER = {
  open: { placedAt: NOW },
  'open for a millisecond more': { placedAt: later(EXPIRES_NOW, 1) },
  'expired this very instant': { placedAt: EXPIRES_NOW },
  'expired long ago': { placedAt: later(EXPIRES_NOW, -86_400_000) },
  settled: { placedAt: NOW, state: 'settled' },
  released: { placedAt: NOW, state: 'released' },
  'open, of the period before': { placedAt: NOW, period: august },
} as const;

type Earlier = keyof typeof EARLIER;

const limit = (...values: number[]): fc.Arbitrary<Limit> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.constant('unlimited' as const) },
  );

export function holdRepositoryContract(world: () => World, { runs }: Effort): void {
  const given = new Given(world);
  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  describe('HoldRepository', () => {
    it('answers a hold as it was placed', async () => {
      const session = await given.session(await given.user());
      const hold = await given.hold(session, { seconds: 61 });
      const found = await world().holds.ofAttempt(session.id, 1, session.userId);
      expect(found).toBeInstanceOf(Hold);
      expect(found).toEqual(hold);
    });

    it('decides as the limits do, beside any use and any holds in any state, and holds exactly what it admits', async () => {
      const card = await given.rateCard();
      const earlier = fc.record({
        how: fc.constantFrom(...(Object.keys(EARLIER) as Earlier[])),
        seconds: fc.constantFrom(1, 59, 60),
        counts: fc.constantFrom(1, 1, 0),
      });
      const cases = fc.record({
        logged: fc.array(fc.constantFrom(1, 60, 61), { maxLength: 2 }),
        earlier: fc.array(earlier, { maxLength: 3 }),
        seconds: fc.constantFrom(1, 59, 60, 61, 120),
        counts: fc.constantFrom(1, 1, 1, 0),
        minutes: limit(0, 1, 2, 3, 4),
        transcriptions: limit(0, 1, 2, 3, 4),
        concurrentTranscriptions: fc.constantFrom(1, 2, 3, 10),
      });
      let [admitted, refused] = [0, 0];
      await fc.assert(
        fc.asyncProperty(cases, async ({ logged, earlier, seconds, counts, ...limited }) => {
          const user = await given.user();
          const session = await given.session(user);
          let attempt = 0;
          for (const countedSeconds of logged) {
            await given.log(session, card, { attempt: ++attempt, countedSeconds });
          }
          for (const { how, seconds, counts } of earlier) {
            await given.hold(session, {
              attempt: ++attempt,
              seconds,
              transcriptions: counts,
              ...EARLIER[how],
            });
          }
          const live = earlier.filter(({ how }) => how.startsWith('open'));
          const here = live.filter(({ how, counts }) => counts === 1 && how !== 'open, of the period before');
          const used = await given.usage(user);
          expect(used.used.seconds).toBe(sum(logged));
          expect(used.transcriptions).toBe(logged.length);
          expect(used.held.seconds).toBe(sum(here.map((hold) => hold.seconds)));
          expect([used.heldTranscriptions, used.running]).toEqual([here.length, live.length]);

          const limits = someLimits(limited);
          const hold = aHold(session, { attempt: ++attempt, seconds, transcriptions: counts });
          const expected = admits(() =>
            counts === 1 ? limits.admitTranscription(used, hold.duration, september) : limits.admitRun(used),
          );
          expect(await given.place(session, hold, limits)).toBe(expected);
          const after = await given.usage(user);
          expect(after.running).toBe(used.running + (expected ? 1 : 0));
          expect(after.held.seconds).toBe(used.held.seconds + (expected ? hold.seconds : 0));
          if (expected) admitted++;
          else refused++;
        }),
        { numRuns: runs },
      );
      // A property that only ever saw one side has shown nothing about the edge.
      expect(Math.min(admitted, refused)).toBeGreaterThan(runs / 10);
    });

    it.each<[string, number, number, boolean]>([
      ['exactly what is left', 40, 20, true],
      ['a second more than is left', 40, 21, false],
      ['anything when all is used', 60, 1, false],
    ])('answers a request for %s: of a minute %i s are used, and %i s asked for', async (_, used, asked, expected) => {
      const session = await given.session(await given.user());
      await given.log(session, await given.rateCard(), { countedSeconds: used });
      const hold = aHold(session, { attempt: 2, seconds: asked });
      expect(await given.place(session, hold, someLimits({ minutes: 1 }))).toBe(expected);
    });

    it('counts a hold until its last millisecond, and not at the instant that it expires', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const { expiresAt } = await given.hold(session, { seconds: 60 });
      expect((await given.usage(user, september, later(expiresAt, -1))).held.seconds).toBe(60);
      expect(await given.usage(user, september, expiresAt)).toEqual(new PeriodUsage(1, ...nothingElse));

      const limits = someLimits({ minutes: 1, concurrentTranscriptions: 1 });
      const place = (attempt: number, placedAt: Date): Promise<boolean> =>
        given.place(session, aHold(session, { attempt, seconds: 60, placedAt }), limits);
      expect(await place(2, later(expiresAt, -1))).toBe(false);
      expect(await place(3, expiresAt)).toBe(true);
    });

    it('counts what runs for another period among the running, and not among the minutes', async () => {
      const user = await given.user();
      const session = await given.session(user);
      await given.hold(session, { seconds: 60, period: august });
      const used = await given.usage(user);
      expect([used.running, used.held.seconds, used.heldTranscriptions]).toEqual([1, 0, 0]);
      const next = aHold(session, { attempt: 2, seconds: 60 });
      expect(await given.place(session, next, someLimits({ minutes: 1, concurrentTranscriptions: 1 }))).toBe(false);
      expect(await given.place(session, next, someLimits({ minutes: 1, concurrentTranscriptions: 2 }))).toBe(true);
    });

    it('measures a free retry by the running ones alone', async () => {
      const user = await given.user();
      const session = await given.session(user);
      await given.log(session, await given.rateCard(), { countedSeconds: 600 });
      const nothingLeft = { minutes: 1, transcriptions: 1 } as const;
      const retry = aHold(session, { attempt: 2, transcriptions: 0 });
      expect(retry.seconds).toBe(0);
      expect(await given.place(session, retry, someLimits({ ...nothingLeft, concurrentTranscriptions: 1 }))).toBe(true);
      const another = aHold(session, { attempt: 3, transcriptions: 0 });
      expect(await given.place(session, another, someLimits({ ...nothingLeft, concurrentTranscriptions: 1 }))).toBe(
        false,
      );
    });

    it('holds nothing of one user against another', async () => {
      const [one, other] = [await given.user(), await given.user()];
      await given.hold(await given.session(one), { seconds: 60 });
      expect(await given.usage(other)).toEqual(PeriodUsage.none);
      const session = await given.session(other);
      const limits = someLimits({ minutes: 1, transcriptions: 1, concurrentTranscriptions: 1 });
      expect(await given.place(session, aHold(session, { seconds: 60 }), limits)).toBe(true);
    });

    it('holds and counts in the open period of an imported user', async () => {
      const user = await given.user({ currentMonthStart: null, periodAnchor: null });
      const session = await given.session(user, { period: BillingPeriod.open });
      const hold = aHold(session, { seconds: 60 });
      const limits = someLimits({ minutes: 1 });
      expect(await given.place(session, hold, limits, BillingPeriod.open)).toBe(true);
      expect(await world().holds.ofAttempt(session.id, 1, user.id)).toEqual(hold);
      expect((await given.usage(user, BillingPeriod.open)).held.seconds).toBe(60);
      const second = aHold(session, { attempt: 2, seconds: 1 });
      expect(await given.place(session, second, limits, BillingPeriod.open)).toBe(false);
    });

    it('holds nothing in a period whose reset was undone', async () => {
      const user = await given.user();
      const newStart = at('2025-09-15T00:00:00.000Z');
      const period = BillingPeriod.containing(newStart, newStart);
      const session = await given.session(user, { period });
      const before = { previousStart: ANCHOR, previousAnchor: ANCHOR, endedPeriod: september };
      const by = { actor: 'test', reason: 'a test' };
      const reset = { id: newId<'PeriodReset'>(), userId: user.id, ...before, newStart, ...by, createdAt: NOW };
      await run(async () => {
        await world().users.hold(user.id);
        await world().resets.add(reset);
        await world().resets.undo(reset, { ...by, at: NOW });
      });
      expect(await given.place(session, aHold(session), NO_LIMITS, period)).toBe(false);
    });

    it('keeps one hold for an attempt: no work is held for twice', async () => {
      const session = await given.session(await given.user());
      const hold = await given.hold(session);
      await expect(given.place(session, aHold(session), NO_LIMITS)).rejects.toThrow();
      expect(await world().holds.ofAttempt(session.id, 1, session.userId)).toEqual(hold);
    });

    it('closes a hold once: what was settled cannot be released', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const hold = await given.hold(session);
      const settled = hold.settled(later(NOW, 1));
      await run(() => world().holds.close(settled));
      await run(() => world().holds.close(hold.released(later(NOW, 2))));
      expect(await world().holds.ofAttempt(session.id, 1, user.id)).toEqual(settled);
      expect((await given.usage(user)).running).toBe(0);
    });

    it('takes a hold that is missing, or foreign, for a fault', async () => {
      const [owner, other] = [await given.user(), await given.user()];
      const session = await given.session(owner);
      await given.hold(session);
      await expect(world().holds.ofAttempt(session.id, 1, other.id)).rejects.toThrow();
      await expect(world().holds.ofAttempt(session.id, 2, owner.id)).rejects.toThrow();
      await expect(world().holds.ofAttempt(anotherSessionId(), 1, owner.id)).rejects.toThrow();
    });

    it('answers zeros of a period in which nothing happened, and of a user who does not exist', async () => {
      const user = await given.user();
      expect(await given.usage(user)).toEqual(PeriodUsage.none);
      expect(await given.usage({ id: newId<'User'>() })).toEqual(PeriodUsage.none);
    });

    it('is undone with the transaction that placed or closed it', async () => {
      const user = await given.user();
      const session = await given.session(user);
      const placed = run(async () => {
        await world().users.hold(user.id);
        expect(await world().holds.placeWithin(aHold(session), september, NO_LIMITS)).toBe(true);
        expect((await given.usage(user)).running).toBe(1);
        throw new Error('changed our mind');
      });
      await expect(placed).rejects.toThrow('changed our mind');
      expect((await given.usage(user)).running).toBe(0);

      const hold = await given.hold(session);
      const closed = run(async () => {
        await world().holds.close(hold.settled(NOW));
        throw new Error('changed our mind');
      });
      await expect(closed).rejects.toThrow('changed our mind');
      expect((await given.usage(user)).running).toBe(1);
    });

    it('places and closes nothing outside a transaction', async () => {
      const user = await given.user();
      const session = await given.session(user);
      await expect(async () => world().holds.placeWithin(aHold(session), september, NO_LIMITS)).rejects.toThrow();
      expect((await given.usage(user)).running).toBe(0);
      const hold = await given.hold(session);
      await expect(async () => world().holds.close(hold.settled(NOW))).rejects.toThrow();
      expect((await given.usage(user)).running).toBe(1);
    });

    it('lists lost work: open holds that ran out before an instant, oldest first', async () => {
      const long = at('2001-06-01T00:00:00.000Z');
      const session = await given.session(await given.user());
      const placed = async (attempt: number, minutes: number, state: 'open' | 'settled' = 'open'): Promise<Hold> =>
        given.hold(session, { attempt, placedAt: later(long, minutes * 60_000), state });
      const [third, first, second] = [await placed(1, 3), await placed(2, 1), await placed(3, 2)];
      await placed(4, 0, 'settled');
      const listed = async (instant: Date, most: number): Promise<string[]> =>
        (await world().holds.listExpiredBefore(instant, most)).map(({ id }) => id);
      expect(await listed(later(third.expiresAt, 1), 10)).toEqual([first.id, second.id, third.id]);
      expect(await listed(third.expiresAt, 10)).toEqual([first.id, second.id]);
      expect(await listed(later(third.expiresAt, 1), 1)).toEqual([first.id]);
    });
  });
}

const nothingElse = [PeriodUsage.none.used, 0, PeriodUsage.none.held, 0, 0] as const;

const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);
