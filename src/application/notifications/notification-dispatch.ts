import type { UserId } from '#domain/accounts/user';
import { Notification, type Tidings } from '#domain/notifications/notification';
import { NotificationRepository } from '#domain/notifications/notification-repository';
import { Clock } from '../ports/clock.js';
import { IdGenerator } from '../ports/id-generator.js';
import { UseCase } from '../use-case.js';

/** Tells users what happened, as far as they want to know. */
@UseCase()
export class NotificationDispatch {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /** In the running transaction, and once: again for the same source key changes nothing. */
  async tell(userId: UserId, tidings: Tidings): Promise<void> {
    const preferences = await this.notifications.preferences(userId);
    if (!preferences.allow(tidings)) return;
    await this.notifications.add(Notification.of(this.ids.next(), userId, tidings, this.clock.now()));
  }
}
