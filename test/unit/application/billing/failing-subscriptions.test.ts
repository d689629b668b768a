import { jest } from '@jest/globals';
import { GraceEnd } from '#application/billing/grace-end';
import { SubscriptionReminders } from '#application/billing/subscription-reminders';
import { SubscriptionTelling } from '#application/billing/subscription-telling';
import { BudgetSettings } from '#application/budgets/budget-settings';
import type { NotificationDispatch } from '#application/notifications/notification-dispatch';
import { Money } from '#domain/shared/money';
import { BillingWorld } from '#test/support/billing-world';
import { RecordingLog } from '#test/support/fakes/recording-log';

/** Fails for the first user whom it is asked about, always. */
class BadLuck {
  private unlucky: string | null = null;

  befall(userId: string): void {
    this.unlucky ??= userId;
    if (userId === this.unlucky) throw new Error('the database lost this one');
  }
}

let world: BillingWorld;
let log: RecordingLog;

/** Two subscribers whose payment failed now. */
beforeEach(async () => {
  world = new BillingWorld();
  log = new RecordingLog();
  for (const externalId of ['sub_1', 'sub_2']) {
    await world.subscriber({ externalId, status: 'past_due', unpaidSince: world.clock.now() });
  }
});

describe('one subscription that cannot be handled', () => {
  it('keeps no other grace from its end, and is tried again the next time', async () => {
    const { subscriptions, users, effect, telling, transaction, clock } = world;
    const callers = { get: () => null, set: () => undefined, clear: jest.fn() };
    const luck = new BadLuck();
    const ill = {
      execute: async (...of: Parameters<typeof effect.execute>) => (luck.befall(of[0].id), effect.execute(...of)),
    };
    const end = (by: unknown) =>
      new GraceEnd(subscriptions, users, by as typeof effect, telling, callers, transaction, clock, log).execute();
    clock.advance(7 * 86_400);
    expect(await end(ill)).toEqual({ done: 1, failed: 1 });
    expect(log.lines).toMatchObject([{ level: 'error', fields: { subscription_id: expect.any(String) } }]);
    expect(callers.clear).toHaveBeenCalledTimes(1);
    expect(await end(effect)).toEqual({ done: 1, failed: 0 });
    expect(await end(effect)).toEqual({ done: 0, failed: 0 });
  });

  it('keeps no other subscriber from being reminded, and is told the next time', async () => {
    const { subscriptions, users, transaction, clock, jobs } = world;
    const settings = new BudgetSettings(Money.zero, Money.zero, null);
    const [luck, told] = [new BadLuck(), [] as string[]];
    const remind = (unlucky: boolean) => {
      const tell = async (userId: string): Promise<void> => {
        if (unlucky) luck.befall(userId);
        told.push(userId);
      };
      const dispatch = { tell } as unknown as NotificationDispatch;
      return new SubscriptionReminders(
        subscriptions,
        users,
        new SubscriptionTelling(dispatch, settings, jobs),
        transaction,
        clock,
        log,
      ).execute();
    };
    expect(await remind(true)).toEqual({ done: 1, failed: 1 });
    expect(await remind(false)).toEqual({ done: 1, failed: 0 });
    expect(await remind(false)).toEqual({ done: 0, failed: 0 });
    expect(new Set(told).size).toBe(2);
    expect(jobs.jobs.filter(({ task }) => task === 'post_webhook')).toEqual([]);
  });
});
