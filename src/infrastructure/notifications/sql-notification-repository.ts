import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import {
  type MutableKind,
  Notification,
  type NotificationId,
  type NotificationKind,
  NotificationNotFound,
  type NotificationSeverity,
} from '#domain/notifications/notification';
import { NotificationPreferences } from '#domain/notifications/notification-preferences';
import type { NotificationRepository } from '#domain/notifications/notification-repository';
import type { Facts } from '#domain/shared/domain-exception';
import type { Page, PageOf } from '#domain/shared/page';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlNotificationRepository implements NotificationRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async add(notification: Notification): Promise<void> {
    const { id, userId, kind, severity, title, message, facts, sourceKey, createdAt, readAt } = notification;
    await this.database.writer.query(
      `insert into notifications (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict on constraint notifications_once do nothing`,
      [id, userId, kind, severity, title, message, facts, sourceKey, createdAt, readAt],
    );
  }

  async hold(id: NotificationId, userId: UserId): Promise<Notification> {
    const [row] = await this.database.writer.query<NotificationRow[]>(
      `select ${COLUMNS} from notifications where id = $1 and user_id = $2 for no key update`,
      [id, userId],
    );
    if (!row) throw new NotificationNotFound(id);
    return notificationOf(row);
  }

  async save({ id, userId, readAt }: Notification): Promise<void> {
    await this.database.writer.query(`update notifications set read_at = $3 where id = $1 and user_id = $2`, [
      id,
      userId,
      readAt,
    ]);
  }

  async list(
    userId: UserId,
    { unreadOnly }: { readonly unreadOnly: boolean },
    { limit, offset }: Page,
  ): Promise<PageOf<Notification>> {
    const wanted = unreadOnly ? 'user_id = $1 and read_at is null' : 'user_id = $1';
    const rows = await this.database.reader.query<NotificationRow[]>(
      `select ${COLUMNS} from notifications where ${wanted} order by created_at desc, id desc limit $2 offset $3`,
      [userId, limit, offset],
    );
    const [{ total }] = await this.database.reader.query<[{ total: number }]>(
      `select count(*)::integer as total from notifications where ${wanted}`,
      [userId],
    );
    return { items: rows.map(notificationOf), total };
  }

  async preferences(userId: UserId): Promise<NotificationPreferences> {
    const [row] = await this.database.reader.query<{ muted_kinds: MutableKind[] }[]>(
      `select muted_kinds from notification_preferences where user_id = $1`,
      [userId],
    );
    return row ? NotificationPreferences.muting(userId, row.muted_kinds) : NotificationPreferences.unchanged(userId);
  }

  async savePreferences({ userId, muted }: NotificationPreferences, now: Date): Promise<void> {
    await this.database.writer.query(
      `insert into notification_preferences (user_id, muted_kinds, changed_at) values ($1, $2, $3)
       on conflict (user_id) do update set muted_kinds = excluded.muted_kinds, changed_at = excluded.changed_at`,
      [userId, muted, now],
    );
  }
}

const COLUMNS = 'id, user_id, kind, severity, title, message, facts, source_key, created_at, read_at';

interface NotificationRow {
  readonly id: NotificationId;
  readonly user_id: UserId;
  readonly kind: NotificationKind;
  readonly severity: NotificationSeverity;
  readonly title: string;
  readonly message: string;
  readonly facts: Facts;
  readonly source_key: string;
  readonly created_at: Date;
  readonly read_at: Date | null;
}

function notificationOf(row: NotificationRow): Notification {
  const { id, user_id: userId, kind, severity, title, message, facts, source_key: sourceKey } = row;
  return new Notification(id, userId, kind, severity, title, message, facts, sourceKey, row.created_at, row.read_at);
}
