import { ContainerModule } from 'inversify';
import { ActiveAdmins } from '#application/notifications/active-admins';
import { GetNotificationPreferences } from '#application/notifications/get-notification-preferences';
import { ListNotifications } from '#application/notifications/list-notifications';
import { NotificationDispatch } from '#application/notifications/notification-dispatch';
import { NotificationPreferencesChange } from '#application/notifications/notification-preferences-change';
import { NotificationRead } from '#application/notifications/notification-read';
import { NotificationRepository } from '#domain/notifications/notification-repository';
import { SqlActiveAdmins } from '#infrastructure/notifications/sql-active-admins';
import { SqlNotificationRepository } from '#infrastructure/notifications/sql-notification-repository';
import { NotificationController } from '#interfaces/http/notifications/notification.controller';
import { Controller } from '#interfaces/http/shared/operation';

export const notifications = new ContainerModule(({ bind }) => {
  bind(NotificationRepository).to(SqlNotificationRepository);
  bind(ActiveAdmins).to(SqlActiveAdmins);
  bind(NotificationDispatch).toSelf();
  bind(ListNotifications).toSelf();
  bind(NotificationRead).toSelf();
  bind(GetNotificationPreferences).toSelf();
  bind(NotificationPreferencesChange).toSelf();
  bind(Controller).to(NotificationController);
});
