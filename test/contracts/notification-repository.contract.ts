import type { Transaction } from '#application/ports/transaction';
import type { UserId } from '#domain/accounts/user';
import { Notification, NotificationNotFound, type Tidings } from '#domain/notifications/notification';
import { NotificationPreferences } from '#domain/notifications/notification-preferences';
import type { NotificationRepository } from '#domain/notifications/notification-repository';
import { newId } from './given.js';

export interface NotificationWorld {
  readonly transaction: Transaction;
  readonly notifications: NotificationRepository;
  /** A user who was told nothing yet. */
  givenUser(): Promise<UserId>;
}

const at = new Date('2026-03-10T12:00:00.000Z');
const WHOLE = { limit: 100, offset: 0 };

function tidings(sourceKey: string): Tidings {
  return {
    kind: 'global_budget_red',
    severity: 'warning',
    title: 'Budget Almost Exhausted',
    message: "You've used 90.0% of your monthly budget",
    facts: { budget: 'global', user_id: null, used_micros: 27_000_000, percentage_used: 90.5, action_required: true },
    sourceKey,
  };
}

export function notificationRepositoryContract(given: () => NotificationWorld): void {
  const run = <T>(work: (notifications: NotificationRepository) => Promise<T>): Promise<T> =>
    given().transaction.run(() => work(given().notifications));
  const told = (userId: UserId, sourceKey: string, when = at) =>
    Notification.of(newId<'Notification'>(), userId, tidings(sourceKey), when);
  const listed = async (userId: UserId, unreadOnly = false, page = WHOLE) =>
    given().notifications.list(userId, { unreadOnly }, page);

  describe('Notifications', () => {
    it('are answered as they were added, newest first, in parts', async () => {
      const user = await given().givenUser();
      const all = [0, 1, 2].map((minutes) =>
        told(user, `source ${minutes}`, new Date(at.getTime() + minutes * 60_000)),
      );
      for (const one of all) await run((notifications) => notifications.add(one));
      const newest = all.toReversed();
      expect(await listed(user)).toEqual({ items: newest, total: 3 });
      expect(await listed(user, false, { limit: 1, offset: 1 })).toEqual({ items: [newest[1]], total: 3 });
    });

    it('are told once for a user and a source', async () => {
      const [one, other] = [await given().givenUser(), await given().givenUser()];
      const first = told(one, 'source');
      await run((notifications) => notifications.add(first));
      await run((notifications) => notifications.add(told(one, 'source')));
      await run((notifications) => notifications.add(told(other, 'source')));
      expect(await listed(one)).toEqual({ items: [first], total: 1 });
      expect((await listed(other)).total).toBe(1);
    });

    it('are told once when many try at the same time', async () => {
      const user = await given().givenUser();
      await Promise.all(
        Array.from({ length: 8 }, () => run((notifications) => notifications.add(told(user, 'source')))),
      );
      expect((await listed(user)).total).toBe(1);
    });

    it('are read by their own user alone, and then are no longer among the unread', async () => {
      const [owner, stranger] = [await given().givenUser(), await given().givenUser()];
      const [one, other] = [told(owner, 'one'), told(owner, 'other')];
      for (const each of [one, other]) await run((notifications) => notifications.add(each));
      const foreign = run((notifications) => notifications.hold(one.id, stranger));
      await expect(foreign).rejects.toThrow(NotificationNotFound);
      const missing = run((notifications) => notifications.hold(newId<'Notification'>(), owner));
      await expect(missing).rejects.toThrow(NotificationNotFound);

      const readAt = new Date('2026-03-10T13:00:00.000Z');
      await run(async (notifications) => notifications.save((await notifications.hold(one.id, owner)).read(readAt)));
      expect(await listed(owner, true)).toEqual({ items: [other], total: 1 });
      const { items } = await listed(owner);
      expect(items.find(({ id }) => id === one.id)).toEqual({ ...one, readAt });
    });

    it('are not added outside a transaction, nor kept of one that failed', async () => {
      const user = await given().givenUser();
      await expect(given().notifications.add(told(user, 'outside'))).rejects.toThrow('transaction');
      const failed = run(async (notifications) => {
        await notifications.add(told(user, 'undone'));
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      expect(await listed(user)).toEqual({ items: [], total: 0 });
    });
  });

  describe('Preferences of notifications', () => {
    it('are what a user left them at, and each has the own ones', async () => {
      const [one, other] = [await given().givenUser(), await given().givenUser()];
      const change = (muted: NotificationPreferences) => run((all) => all.savePreferences(muted, at));
      expect(await given().notifications.preferences(one)).toEqual(NotificationPreferences.unchanged(one));
      await change(NotificationPreferences.muting(one, ['budget_forecast', 'global_budget_orange']));
      await change(NotificationPreferences.muting(other, ['budget_orange']));
      await change(NotificationPreferences.muting(one, ['budget_red']));
      expect((await given().notifications.preferences(one)).muted).toEqual(['budget_red']);
      expect((await given().notifications.preferences(other)).muted).toEqual(['budget_orange']);
      await change(NotificationPreferences.muting(one, []));
      expect(await given().notifications.preferences(one)).toEqual(NotificationPreferences.unchanged(one));
    });
  });
}
