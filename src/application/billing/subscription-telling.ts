import type { UserId } from '#domain/accounts/user';
import type { Subscription } from '#domain/billing/subscription';
import type { SubscriptionStep } from '#domain/billing/subscription-repository';
import { tidingsOf } from '#domain/billing/subscription-tidings';
import type { Tidings } from '#domain/notifications/notification';
import { BudgetSettings } from '../budgets/budget-settings.js';
import { NotificationDispatch } from '../notifications/notification-dispatch.js';
import { JobQueue } from '../ports/job-queue.js';
import { UseCase } from '../use-case.js';

/** How steps are named to whoever receives them by webhook. */
export const STEP_EVENT = 'subscription.update';

/** Tells a user what became of a subscription, by notification and by the operator's webhook. */
@UseCase()
export class SubscriptionTelling {
  constructor(
    private readonly dispatch: NotificationDispatch,
    private readonly settings: BudgetSettings,
    private readonly jobs: JobQueue,
  ) {}

  /** In the transaction that wrote the step for the first time. Of most steps nobody is told. */
  async execute(subscription: Subscription, step: SubscriptionStep): Promise<void> {
    const tidings = tidingsOf(subscription, step);
    if (tidings !== null) await this.tell(subscription.userId, STEP_EVENT, tidings, tidings.at);
  }

  /** In the running transaction, under the name `type` by webhook. */
  async tell(userId: UserId, type: string, tidings: Tidings, at: Date): Promise<void> {
    const { kind, severity, title, message, facts, sourceKey } = tidings;
    await this.dispatch.tell(userId, { kind, severity, title, message, facts, sourceKey });
    if (this.settings.webhook === null) return;
    await this.jobs.add('post_webhook', {
      id: sourceKey,
      type,
      timestamp: at.toISOString(),
      data: { kind, severity, user_id: userId, ...facts, title, message },
    });
  }
}
