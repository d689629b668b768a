import fc from 'fast-check';
import { Session } from '#domain/sessions/session';
import { Transcript } from '#domain/sessions/transcript';
import { SessionNotFound } from '#domain/sessions/session-repository';
import type { Limit } from '#domain/shared/limit';
import { BillingPeriod } from '#domain/usage/billing-period';
import type { PeriodReset } from '#domain/usage/period-reset';
import type { UserId } from '#domain/accounts/user';
import { ANCHOR, anotherSessionId, aSession, at, august, Given, HOUR, later, newId, NO_LIMITS, NOW } from './given.js';
import { october, september, someLimits } from './given.js';
import { admits, type Effort, type World } from './world.js';

const DAY = 24 * HOUR;

/** Small numbers around each other, so that most cases are near the edge. */
const limit = (most: number): fc.Arbitrary<Limit> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: most }) },
    { weight: 1, arbitrary: fc.constant('unlimited' as const) },
  );

export function sessionRepositoryContract(world: () => World, { runs }: Effort): void {
  const given = new Given(world);
  const run = <T>(work: () => Promise<T>): Promise<T> => world().transaction.run(work);

  describe('SessionRepository', () => {
    it('answers a session as it was opened', async () => {
      const session = await given.session(await given.user());
      const found = await world().sessions.get(session.id, session.userId);
      expect(found).toBeInstanceOf(Session);
      expect(found).toEqual(session);
    });

    it('keeps a session of the open period in the open period', async () => {
      const user = await given.user({ currentMonthStart: null, periodAnchor: null });
      const session = await given.session(user, { period: BillingPeriod.open });
      expect((await world().sessions.get(session.id, user.id)).periodStart).toBeNull();
      expect((await given.usage(user, BillingPeriod.open)).sessions).toBe(1);
    });

    it('decides as admitSession does, for any use and any limits, and counts exactly what it admits', async () => {
      const card = await given.rateCard();
      const cases = fc.record({
        sessions: fc.integer({ min: 0, max: 3 }),
        seconds: fc.constantFrom(0, 1, 59, 60, 61, 119, 120, 180),
        sessionLimit: limit(4),
        minuteLimit: limit(3),
      });
      let [admitted, refused] = [0, 0];
      await fc.assert(
        fc.asyncProperty(cases, async ({ sessions, seconds, sessionLimit, minuteLimit }) => {
          const user = await given.user();
          for (let n = 0; n < sessions; n++) await given.session(user);
          if (seconds > 0) await given.log(await given.session(user), card, { countedSeconds: seconds });
          const used = await given.usage(user);
          expect([used.sessions, used.used.seconds]).toEqual([sessions + (seconds > 0 ? 1 : 0), seconds]);

          const limits = someLimits({ sessions: sessionLimit, minutes: minuteLimit });
          const expected = admits(() => limits.admitSession(used, september));
          const session = aSession(user);
          const answered = await world().sessions.addWithin(session, { userVersion: 1, period: september, limits });
          expect(answered).toBe(expected);
          expect((await given.usage(user)).sessions).toBe(used.sessions + (expected ? 1 : 0));
          const kept = world().sessions.get(session.id, user.id);
          if (expected) expect(await kept).toEqual(session);
          else await expect(kept).rejects.toThrow(SessionNotFound);
          if (expected) admitted++;
          else refused++;
        }),
        { numRuns: runs },
      );
      // A property that only ever saw one side has shown nothing about the edge.
      expect(Math.min(admitted, refused)).toBeGreaterThan(runs / 10);
    });

    it.each<[string, number, number, Limit, Limit, boolean]>([
      ['the last of the limit', 2, 0, 3, 'unlimited', true],
      ['one more than the limit', 3, 0, 3, 'unlimited', false],
      ['the first of a limit of zero', 0, 0, 0, 'unlimited', false],
      ['the first when no minute is allowed at all', 0, 0, 'unlimited', 0, false],
      ['one more while a single second is left', 1, 179, 'unlimited', 3, true],
      ['one more when the last second is used', 1, 180, 'unlimited', 3, false],
      ['one more when more than all was used', 1, 240, 'unlimited', 3, false],
      ['any when nothing is limited', 3, 900, 'unlimited', 'unlimited', true],
    ])('answers %s: %i sessions and %i s used, of %s sessions and %s minutes', async (...row) => {
      const [, sessions, seconds, sessionLimit, minuteLimit, expected] = row;
      const user = await given.user();
      const earlier: Session[] = [];
      for (let n = 0; n < sessions; n++) earlier.push(await given.session(user));
      if (seconds > 0) await given.log(earlier[0]!, await given.rateCard(), { countedSeconds: seconds });
      const limits = someLimits({ sessions: sessionLimit, minutes: minuteLimit });
      const claim = { userVersion: 1, period: september, limits };
      expect(await world().sessions.addWithin(aSession(user), claim)).toBe(expected);
    });

    it('holds no earlier and no later period against anyone', async () => {
      const user = await given.user();
      const card = await given.rateCard();
      for (const period of [august, october]) {
        const session = await given.session(user, { period });
        await given.log(session, card, { periodStart: period.start, countedSeconds: 86_400 });
      }
      const claim = { userVersion: 1, period: september, limits: someLimits({ sessions: 1, minutes: 1 }) };
      expect(await world().sessions.addWithin(aSession(user), claim)).toBe(true);
      expect(await world().sessions.addWithin(aSession(user), claim)).toBe(false);
    });

    it('admits nothing, and counts nothing, by a claim phrased for an older or a newer version of the user', async () => {
      const user = await given.user({ version: 5 });
      for (const userVersion of [4, 6]) {
        const session = aSession(user);
        const claim = { userVersion, period: september, limits: NO_LIMITS };
        expect(await world().sessions.addWithin(session, claim)).toBe(false);
        await expect(world().sessions.get(session.id, user.id)).rejects.toThrow(SessionNotFound);
      }
      expect((await given.usage(user)).sessions).toBe(0);
    });

    it('admits nothing for a user who was suspended, or does not exist', async () => {
      const suspended = await given.user({ suspendedAt: NOW });
      const nobody = { ...suspended, id: newId<'User'>() } as typeof suspended;
      for (const user of [suspended, nobody]) {
        const claim = { userVersion: 1, period: september, limits: NO_LIMITS };
        expect(await world().sessions.addWithin(aSession(user), claim)).toBe(false);
      }
      expect((await given.usage(suspended)).sessions).toBe(0);
    });

    it('admits nothing into a period whose reset was undone', async () => {
      const user = await given.user();
      const reset = aReset(user.id);
      const period = BillingPeriod.containing(reset.newStart, reset.newStart);
      await given.session(user, { period });
      await run(async () => {
        await world().users.hold(user.id);
        await world().resets.add(reset);
        await world().resets.undo(reset, { actor: 'test', reason: 'a mistake', at: NOW });
      });
      const claim = { userVersion: 1, period, limits: NO_LIMITS };
      expect(await world().sessions.addWithin(aSession(user, { period }), claim)).toBe(false);
    });

    it('takes part in a running transaction, and is undone with it, the count included', async () => {
      const user = await given.user();
      const session = aSession(user);
      const undone = run(async () => {
        const claim = { userVersion: 1, period: september, limits: NO_LIMITS };
        expect(await world().sessions.addWithin(session, claim)).toBe(true);
        expect((await world().sessions.get(session.id, user.id)).id).toBe(session.id);
        throw new Error('changed our mind');
      });
      await expect(undone).rejects.toThrow('changed our mind');
      await expect(world().sessions.get(session.id, user.id)).rejects.toThrow(SessionNotFound);
      expect((await given.usage(user)).sessions).toBe(0);
    });

    it('keeps every change of a session', async () => {
      const session = await given.session(await given.user());
      const key = `${session.userId}/${session.id}/1.mp3`;
      const changed = Object.assign(
        Object.create(Session.prototype) as Session,
        session.awaitUpload(key, 'a.mp3', NOW),
        {
          status: 'failed',
          title: 'Second meeting',
          contentType: 'audio/mpeg',
          bytes: 3_000_000_000,
          durationSeconds: 86_400,
          attempts: 3,
          error: 'It was too quiet.',
          updatedAt: later(NOW, 1),
        },
      );
      await given.saved(changed);
      expect(await world().sessions.get(session.id, session.userId)).toEqual(changed);
    });

    it('shows a deleted session to nobody but the work that must still be finished', async () => {
      const session = await given.session(await given.user());
      const deleted = await given.saved(session.deleted(NOW));
      const { sessions } = world();
      await expect(sessions.get(session.id, session.userId)).rejects.toThrow(SessionNotFound);
      await expect(run(() => sessions.hold(session.id, session.userId))).rejects.toThrow(SessionNotFound);
      expect(await sessions.getEvenDeleted(session.id, session.userId)).toEqual(deleted);
      expect(await run(() => sessions.holdEvenDeleted(session.id, session.userId))).toEqual(deleted);
      expect((await given.usage({ id: session.userId })).sessions).toBe(1);
    });

    it('answers a foreign session like a missing one, at every door', async () => {
      const [owner, other] = [await given.user(), await given.user()];
      const session = await given.session(owner);
      const { sessions } = world();
      for (const [id, userId] of [
        [session.id, other.id],
        [anotherSessionId(), owner.id],
      ] as const) {
        await expect(sessions.get(id, userId)).rejects.toThrow(SessionNotFound);
        await expect(sessions.getEvenDeleted(id, userId)).rejects.toThrow(SessionNotFound);
        await expect(run(() => sessions.hold(id, userId))).rejects.toThrow(SessionNotFound);
        await expect(run(() => sessions.holdEvenDeleted(id, userId))).rejects.toThrow(SessionNotFound);
      }
      const stolen = Object.assign(Object.create(Session.prototype) as Session, session, {
        userId: other.id,
        title: 'Mine',
      });
      await expect(run(() => sessions.save(stolen))).rejects.toThrow();
      expect(await sessions.get(session.id, owner.id)).toEqual(session);
    });

    it('lets one transaction at a time hold a session, so that no change is lost', async () => {
      const session = await given.session(await given.user());
      const growth = Array.from({ length: 6 }, () =>
        run(async () => {
          const held = await world().sessions.hold(session.id, session.userId);
          await world().sessions.save(held.renamed(`${held.title}+`, NOW));
        }),
      );
      await Promise.all(growth);
      expect((await world().sessions.get(session.id, session.userId)).title).toBe('First meeting++++++');
    });

    it('holds and changes nothing outside a transaction', async () => {
      const session = await given.session(await given.user());
      const { sessions } = world();
      await expect(async () => sessions.hold(session.id, session.userId)).rejects.toThrow();
      await expect(async () => sessions.holdEvenDeleted(session.id, session.userId)).rejects.toThrow();
      await expect(async () => sessions.save(session.renamed('x', NOW))).rejects.toThrow();
      expect(await sessions.get(session.id, session.userId)).toEqual(session);
    });

    it('lists one user’s sessions newest first, in pages, by status, without the deleted', async () => {
      const [user, other] = [await given.user(), await given.user()];
      await given.session(other);
      const opened: Session[] = [];
      for (let n = 0; n < 5; n++) opened.push(await given.session(user, { createdAt: later(NOW, n), title: `${n}` }));
      await given.saved(opened[1]!.deleted(NOW));
      await given.saved(opened[2]!.cancelled(NOW));
      const titles = async (status: 'cancelled' | null, limit: number, offset: number): Promise<unknown> => {
        const { items, total } = await world().sessions.list(user.id, { status, page: { limit, offset } });
        return [items.map(({ title }) => title), total];
      };
      expect(await titles(null, 20, 0)).toEqual([['4', '3', '2', '0'], 4]);
      expect(await titles(null, 2, 1)).toEqual([['3', '2'], 4]);
      expect(await titles(null, 2, 4)).toEqual([[], 4]);
      expect(await titles('cancelled', 20, 0)).toEqual([['2'], 1]);
    });

    it('names what is kept longer than its owner’s plan keeps it, oldest first', async () => {
      const long = at('2001-01-01T00:00:00.000Z');
      const [free, pro, school] = [
        await given.user({ plan: 'free' }),
        await given.user({ plan: 'pro' }),
        await given.user({ plan: 'coaching_school' }),
      ];
      const recorded = async (
        user: typeof free,
        daysAfter: number,
        status: Session['status'] = 'completed',
      ): Promise<Session> => {
        const session = await given.session(user);
        const key = `${user.id}/${session.id}/1.mp3`;
        const changed = { uploadKey: key, status, updatedAt: later(long, daysAfter * DAY) };
        return given.saved(Object.assign(Object.create(Session.prototype) as Session, session, changed));
      };
      const second = await recorded(free, 2);
      const first = await recorded(free, 1);
      await recorded(free, 1, 'processing');
      await recorded(free, 3);
      await recorded(school, 0);
      const proOld = await recorded(pro, 0);
      await given.saved((await recorded(free, 0)).withoutRecording(long));
      const words = await given.saved((await recorded(free, 2.5)).withoutRecording(later(long, 2.5 * DAY)));
      const spoken = { sessionId: words.id, attempt: 1, language: 'en-US', segments: [] };
      const transcript = Transcript.ofSpeech(spoken, () => newId());
      await run(() => world().transcripts.add(transcript, free.id, long));

      const keptSince = new Map([
        ['free', later(long, 3 * DAY)],
        ['pro', later(long, 1)],
      ]);
      const listed = async (most: number): Promise<string[]> =>
        (await world().sessions.listBeyondRetention(keptSince, most)).map(({ id }) => id);
      expect(await listed(10)).toEqual([proOld.id, first.id, second.id, words.id]);
      expect(await listed(2)).toEqual([proOld.id, first.id]);
    });
  });

  function aReset(userId: UserId): PeriodReset {
    const newStart = at('2025-09-15T00:00:00.000Z');
    const before = { previousStart: ANCHOR, previousAnchor: ANCHOR, endedPeriod: september };
    return { id: newId(), userId, ...before, newStart, actor: 'test', reason: 'a test', createdAt: NOW };
  }
}
