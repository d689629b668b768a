import type { User } from '#domain/accounts/user';
import { BillingPeriod } from '#domain/usage/billing-period';
import { NothingToUndo, PeriodAlreadyReset, type PeriodReset } from '#domain/usage/period-reset';
import { aHold, aLog, ANCHOR, at, Given, later, newId, NOW, september, someLimits } from './given.js';
import type { World } from './world.js';

const RESET_AT = at('2025-09-15T08:00:00.000Z');
const fresh = BillingPeriod.containing(NOW, RESET_AT);
const BY = { actor: 'cli:ada', reason: 'a mistake', at: NOW };

export function periodResetRepositoryContract(world: () => World): void {
  const given = new Given(world);

  /** In a transaction that holds the user, as the port asks. */
  const run = <T>({ id }: User, work: () => Promise<T>): Promise<T> =>
    world().transaction.run(async () => {
      await world().users.hold(id);
      return work();
    });

  const reset = async (user: User, of: Partial<PeriodReset> = {}): Promise<PeriodReset> => {
    const made = aReset(user, of);
    await run(user, () => world().resets.add(made));
    return made;
  };

  describe('PeriodResetRepository', () => {
    it('answers the latest reset as it was added', async () => {
      const user = await given.user();
      await reset(user);
      const second = await reset(user, { newStart: later(RESET_AT, 1000), createdAt: later(NOW, 1) });
      expect(await run(user, () => world().resets.latest(user.id))).toEqual(second);
    });

    it('remembers that the open period was ended', async () => {
      const user = await given.user({ currentMonthStart: null, periodAnchor: null });
      const open = { previousStart: null, previousAnchor: null, endedPeriod: BillingPeriod.open };
      const made = await reset(user, open);
      expect(await run(user, () => world().resets.latest(user.id))).toEqual(made);
    });

    it('lets a period begin once, even when the reset was undone', async () => {
      const [user, other] = [await given.user(), await given.user()];
      const made = await reset(user);
      await expect(reset(user)).rejects.toThrow(PeriodAlreadyReset);
      await run(user, () => world().resets.undo(made, BY));
      await expect(reset(user)).rejects.toThrow(PeriodAlreadyReset);
      await reset(other);
    });

    it('is overruled by what others begin from an instant on, and by undoing what the actor began', async () => {
      const overruled = (user: User, since = RESET_AT): Promise<boolean> =>
        run(user, () => world().resets.isOverruled(user.id, 'subscription', since));
      const [user, other] = [await given.user(), await given.user()];
      const own = await reset(user, { actor: 'subscription' });
      expect(await overruled(user)).toBe(false);
      await run(user, () => world().resets.undo(own, BY));
      expect(await overruled(user)).toBe(true);
      const theirs = await reset(other, { actor: 'cli:ada' });
      expect([await overruled(other), await overruled(other, later(RESET_AT, 1))]).toEqual([true, false]);
      await run(other, () => world().resets.undo(theirs, BY));
      expect(await overruled(other)).toBe(false);
    });

    it('has nothing to undo for a user without resets, or with none left', async () => {
      const [user, other] = [await given.user(), await given.user()];
      await reset(other);
      const latest = (): Promise<PeriodReset> => run(user, () => world().resets.latest(user.id));
      await expect(latest()).rejects.toThrow(NothingToUndo);
      const first = await reset(user);
      const second = await reset(user, { newStart: later(RESET_AT, 1000), createdAt: later(NOW, 1) });
      await run(user, () => world().resets.undo(second, BY));
      expect(await latest()).toEqual(first);
      await run(user, () => world().resets.undo(first, BY));
      await expect(latest()).rejects.toThrow(NothingToUndo);
    });

    it('lets everything counted and held since the reset count in the period it had ended', async () => {
      const user = await given.user();
      const card = await given.rateCard();
      const before = await given.session(user);
      await given.log(before, card, { countedSeconds: 100 });
      const made = await reset(user);
      const since = await given.session(user, { period: fresh });
      await given.log(since, card, { countedSeconds: 30 });
      const hold = await given.hold(since, { attempt: 2, seconds: 40, period: fresh });
      const settled = await given.hold(since, { attempt: 3, seconds: 7, period: fresh, state: 'settled' });

      await run(user, () => world().resets.undo(made, BY));
      const used = await given.usage(user);
      expect([used.sessions, used.used.seconds, used.transcriptions]).toEqual([2, 130, 2]);
      expect([used.held.seconds, used.heldTranscriptions, used.running]).toEqual([40, 1, 1]);
      const moved = await world().holds.ofAttempt(since.id, 2, user.id);
      expect(moved).toEqual(
        Object.assign(Object.create(Object.getPrototypeOf(hold) as object), hold, { periodStart: september.start }),
      );
      expect(await world().holds.ofAttempt(since.id, 3, user.id)).toEqual(settled);

      // What was counted stays readable where it was counted, so that its evidence can be found.
      const there = await given.usage(user, fresh);
      expect([there.sessions, there.used.seconds, there.held.seconds]).toEqual([1, 30, 0]);
    });

    it('settles work that outlives the undoing in the period that counts again', async () => {
      const user = await given.user();
      const made = await reset(user);
      const session = await given.session(user, { period: fresh });
      await given.hold(session, { seconds: 40, period: fresh });
      await run(user, () => world().resets.undo(made, BY));
      const { periodStart } = await world().holds.ofAttempt(session.id, 1, user.id);
      await given.log(session, await given.rateCard(), { periodStart, countedSeconds: 40 });
      expect((await given.usage(user)).used.seconds).toBe(40);
    });

    it('closes the undone period even when nothing was counted in it', async () => {
      const user = await given.user();
      const made = await reset(user);
      await run(user, () => world().resets.undo(made, BY));
      const session = await given.session(user);
      expect(await given.place(session, aHold(session, { periodStart: fresh.start }), someLimits(), fresh)).toBe(false);
      const used = await given.usage(user);
      expect([used.sessions, used.used.seconds]).toEqual([1, 0]);
    });

    it('merges into the open period of a user who had none before', async () => {
      const user = await given.user({ currentMonthStart: null, periodAnchor: null });
      const session = await given.session(user, { period: BillingPeriod.open });
      const card = await given.rateCard();
      await given.log(session, card, { countedSeconds: 5 });
      const made = await reset(user, { previousStart: null, previousAnchor: null, endedPeriod: BillingPeriod.open });
      await given.log(await given.session(user, { period: fresh }), card, { countedSeconds: 6 });
      await run(user, () => world().resets.undo(made, BY));
      const used = await given.usage(user, BillingPeriod.open);
      expect([used.sessions, used.used.seconds, used.transcriptions]).toEqual([2, 11, 2]);
    });

    it('merges every period since the reset into an open one, which has no end', async () => {
      const user = await given.user({ currentMonthStart: null, periodAnchor: null });
      const card = await given.rateCard();
      const made = await reset(user, { previousStart: null, previousAnchor: null, endedPeriod: BillingPeriod.open });
      const november = at('2025-11-20T00:00:00.000Z');
      for (const now of [NOW, at('2025-10-20T00:00:00.000Z'), november]) {
        const period = BillingPeriod.containing(now, RESET_AT);
        await given.log(await given.session(user, { period }), card, { countedSeconds: 7 });
      }
      await run(user, () => world().resets.undo(made, { ...BY, at: november }));
      const used = await given.usage(user, BillingPeriod.open);
      expect([used.sessions, used.used.seconds, used.transcriptions]).toEqual([3, 21, 3]);
    });

    it('merges what a reset had taken in when it was undone, once, into the one before', async () => {
      const user = await given.user();
      const card = await given.rateCard();
      const first = await reset(user);
      const secondStart = at('2025-09-18T00:00:00.000Z');
      const before = { previousStart: RESET_AT, previousAnchor: RESET_AT, endedPeriod: fresh };
      const second = await reset(user, { ...before, newStart: secondStart, createdAt: later(NOW, 1) });
      const period = BillingPeriod.containing(NOW, secondStart);
      await given.log(await given.session(user, { period }), card, { countedSeconds: 7 });
      await run(user, () => world().resets.undo(second, BY));
      expect((await given.usage(user, fresh)).used.seconds).toBe(7);
      await run(user, () => world().resets.undo(first, BY));
      const used = await given.usage(user);
      expect([used.sessions, used.used.seconds, used.transcriptions]).toEqual([1, 7, 1]);
    });

    it('touches nothing of anybody else', async () => {
      const [user, other] = [await given.user(), await given.user()];
      const card = await given.rateCard();
      const theirs = await given.session(other, { period: fresh });
      await given.log(theirs, card);
      await given.hold(theirs, { attempt: 2, period: fresh });
      const before = await given.usage(other, fresh);
      const made = await reset(user);
      await run(user, () => world().resets.undo(made, BY));
      expect(await given.usage(other, fresh)).toEqual(before);
      expect((await given.usage(other)).used.seconds).toBe(0);
    });

    it('is undone with its transaction', async () => {
      const user = await given.user();
      const session = await given.session(user, { period: fresh });
      const made = await reset(user);
      const undone = run(user, async () => {
        await world().logs.append(aLog(session, await given.rateCard()));
        await world().resets.undo(made, BY);
        throw new Error('changed our mind');
      });
      await expect(undone).rejects.toThrow('changed our mind');
      expect(await run(user, () => world().resets.latest(user.id))).toEqual(made);
      expect((await given.usage(user)).used.seconds).toBe(0);
    });

    it('resets and undoes nothing outside a transaction', async () => {
      const user = await given.user();
      await expect(async () => world().resets.add(aReset(user))).rejects.toThrow();
      const made = await reset(user);
      await expect(async () => world().resets.undo(made, BY)).rejects.toThrow();
      expect(await run(user, () => world().resets.latest(user.id))).toEqual(made);
    });
  });
}

function aReset(user: User, of: Partial<PeriodReset> = {}): PeriodReset {
  return {
    id: newId(),
    userId: user.id,
    previousStart: ANCHOR,
    previousAnchor: ANCHOR,
    endedPeriod: september,
    newStart: RESET_AT,
    actor: 'cli:ada',
    reason: 'asked for by the user',
    createdAt: NOW,
    ...of,
  };
}
