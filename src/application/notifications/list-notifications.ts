import type { UserId } from '#domain/accounts/user';
import type { Notification } from '#domain/notifications/notification';
import { NotificationRepository } from '#domain/notifications/notification-repository';
import type { Page, PageOf } from '#domain/shared/page';
import { UseCase } from '../use-case.js';

/** What a user was told, newest first. */
@UseCase()
export class ListNotifications {
  constructor(private readonly notifications: NotificationRepository) {}

  execute(userId: UserId, filter: { readonly unreadOnly: boolean }, page: Page): Promise<PageOf<Notification>> {
    return this.notifications.list(userId, filter, page);
  }
}
