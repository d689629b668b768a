import { UserRepository } from '#domain/accounts/user-repository';
import type { Subscription } from '#domain/billing/subscription';
import { nextRemindedAt, reminderAt, TRIAL_REMINDER_DAYS } from '#domain/billing/subscription-reminder';
import { SubscriptionRepository } from '#domain/billing/subscription-repository';
import { Clock } from '../ports/clock.js';
import { Log } from '../ports/log.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import type { Done } from './grace-end.js';
import { SubscriptionTelling } from './subscription-telling.js';

/** How reminders are named to whoever receives them by webhook. */
export const REMINDER_EVENT = 'subscription.reminder';

const BATCH = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Reminds those whose payment failed, and those whose trial ends soon: each of each once, by notification and by webhook. */
@UseCase()
export class SubscriptionReminders {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly users: UserRepository,
    private readonly telling: SubscriptionTelling,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Each reminder is a transaction of its own, and one that fails does not keep the others from theirs. */
  async execute(): Promise<Done> {
    const now = this.clock.now();
    const counted = { done: 0, failed: 0 };
    for await (const subscription of this.concerned(now)) {
      if (reminderAt(subscription, now) !== null) await this.remind(subscription, now, counted);
    }
    return counted;
  }

  /** When the next one becomes due, or grace ends, within a day; null: none does. */
  async nextDue(): Promise<Date | null> {
    const now = this.clock.now();
    let next: Date | null = null;
    for await (const subscription of this.concerned(new Date(now.getTime() + DAY_MS))) {
      const at = nextRemindedAt(subscription, now);
      if (at !== null && (next === null || at < next)) next = at;
    }
    return next;
  }

  private async *concerned(now: Date): AsyncIterable<Subscription> {
    const trialEndsBefore = new Date(now.getTime() + TRIAL_REMINDER_DAYS * DAY_MS);
    for (let after: Subscription['id'] | null = null; ;) {
      const batch: readonly Subscription[] = await this.subscriptions.listToRemind(trialEndsBefore, after, BATCH);
      yield* batch;
      if (batch.length < BATCH) return;
      after = batch.at(-1)!.id;
    }
  }

  private async remind(seen: Subscription, now: Date, counted: { done: number; failed: number }): Promise<void> {
    try {
      if (await this.transaction.run(() => this.tell(seen, now))) counted.done++;
    } catch (error) {
      counted.failed++;
      this.log.error(error, { subscription_id: seen.externalId }, 'a subscriber could not be reminded');
    }
  }

  /** False when it was told before, or is not due any more: what was paid meanwhile is not asked for. */
  private async tell({ id, userId }: Subscription, now: Date): Promise<boolean> {
    await this.users.hold(userId);
    const held = (await this.subscriptions.holdOf(userId)).find((one) => one.id === id);
    const reminder = held ? reminderAt(held, now) : null;
    if (!held || reminder === null) return false;
    const { externalId } = held;
    const { dueAt: at, kind: told, facts } = reminder;
    const isNew = await this.subscriptions.appendStep({
      userId,
      externalId,
      kind: 'reminded',
      at,
      facts: { reminder: told, ...facts },
    });
    if (!isNew) return false;
    await this.telling.tell(userId, REMINDER_EVENT, reminder, at);
    return true;
  }
}
