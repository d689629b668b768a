import type { UserId } from '../accounts/user.js';
import type { Page, PageOf } from '../shared/page.js';
import type { Notification, NotificationId } from './notification.js';
import type { NotificationPreferences } from './notification-preferences.js';

/** What users were told: each has only the own ones. */
export abstract class NotificationRepository {
  /** Once for a user and a source key: nothing happens when there is one already. */
  abstract add(notification: Notification): Promise<void>;

  /** Held until the running transaction ends. Throws NotificationNotFound, also when it is somebody else's. */
  abstract hold(id: NotificationId, userId: UserId): Promise<Notification>;

  /** Whether it was read; nothing else of it changes. Only for one held in the running transaction. */
  abstract save(notification: Notification): Promise<void>;

  /** Newest first. */
  abstract list(userId: UserId, filter: { readonly unreadOnly: boolean }, page: Page): Promise<PageOf<Notification>>;

  /** As the user left them. */
  abstract preferences(userId: UserId): Promise<NotificationPreferences>;

  /** In place of what was there before. */
  abstract savePreferences(preferences: NotificationPreferences, now: Date): Promise<void>;
}
