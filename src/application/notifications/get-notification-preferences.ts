import type { UserId } from '#domain/accounts/user';
import type { NotificationPreferences } from '#domain/notifications/notification-preferences';
import { NotificationRepository } from '#domain/notifications/notification-repository';
import { UseCase } from '../use-case.js';

/** What a user does not want to be told. */
@UseCase()
export class GetNotificationPreferences {
  constructor(private readonly notifications: NotificationRepository) {}

  execute(userId: UserId): Promise<NotificationPreferences> {
    return this.notifications.preferences(userId);
  }
}
