import type { UserId } from '#domain/accounts/user';
import type { Notification, NotificationId } from '#domain/notifications/notification';
import { NotificationRepository } from '#domain/notifications/notification-repository';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';

/** A user has read a notification. Again, it stays read since the first time. */
@UseCase()
export class NotificationRead {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** Throws NotificationNotFound. */
  execute(id: NotificationId, userId: UserId): Promise<Notification> {
    return this.transaction.run(async () => {
      const notification = await this.notifications.hold(id, userId);
      const read = notification.read(this.clock.now());
      if (read !== notification) await this.notifications.save(read);
      return read;
    });
  }
}
