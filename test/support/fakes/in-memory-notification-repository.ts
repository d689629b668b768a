import type { UserId } from '#domain/accounts/user';
import { type Notification, type NotificationId, NotificationNotFound } from '#domain/notifications/notification';
import { NotificationPreferences } from '#domain/notifications/notification-preferences';
import type { NotificationRepository } from '#domain/notifications/notification-repository';
import type { Page, PageOf } from '#domain/shared/page';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

export class InMemoryNotificationRepository implements NotificationRepository {
  private readonly rows: Table<Notification>;
  private readonly changed: Table<NotificationPreferences>;

  constructor(private readonly transaction: InMemoryTransaction) {
    this.rows = transaction.table('notifications');
    this.changed = transaction.table('notification_preferences');
  }

  async add(notification: Notification): Promise<void> {
    this.transaction.mustRun();
    const { id, userId, sourceKey } = notification;
    if (this.rows.all().some((told) => told.userId === userId && told.sourceKey === sourceKey)) return;
    this.rows.put(id, notification);
  }

  async hold(id: NotificationId, userId: UserId): Promise<Notification> {
    this.transaction.hold(`notification ${id}`);
    const row = this.rows.get(id);
    if (row?.userId !== userId) throw new NotificationNotFound(id);
    return row;
  }

  async save(notification: Notification): Promise<void> {
    this.transaction.mustHold(`notification ${notification.id}`);
    this.rows.put(notification.id, notification);
  }

  async list(
    userId: UserId,
    { unreadOnly }: { readonly unreadOnly: boolean },
    { limit, offset }: Page,
  ): Promise<PageOf<Notification>> {
    const found = this.rows
      .all()
      .filter((one) => one.userId === userId && (!unreadOnly || one.readAt === null))
      .sort(newestFirst);
    return { items: found.slice(offset, offset + limit), total: found.length };
  }

  async preferences(userId: UserId): Promise<NotificationPreferences> {
    return this.changed.get(userId) ?? NotificationPreferences.unchanged(userId);
  }

  async savePreferences(preferences: NotificationPreferences): Promise<void> {
    this.changed.put(preferences.userId, preferences);
  }
}

function newestFirst(one: Notification, other: Notification): number {
  return other.createdAt.getTime() - one.createdAt.getTime() || (one.id < other.id ? 1 : -1);
}
