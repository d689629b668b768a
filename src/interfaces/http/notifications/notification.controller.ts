import { injectable } from 'inversify';
import { GetNotificationPreferences } from '#application/notifications/get-notification-preferences';
import { ListNotifications } from '#application/notifications/list-notifications';
import { NotificationPreferencesChange } from '#application/notifications/notification-preferences-change';
import { NotificationRead } from '#application/notifications/notification-read';
import { NotificationNotFound } from '#domain/notifications/notification';
import { Controller, operation } from '../shared/operation.js';
import { pageResponse } from '../shared/page.js';
import { idParam } from '../shared/params.js';
import { NotificationPreferencesRequest, NotificationsQuery } from './notification.request.js';
import {
  NotificationListResponse,
  notificationPreferencesResponse,
  NotificationPreferencesResponse,
  notificationResponse,
  NotificationResponse,
} from './notification.response.js';

/** What a user was told. */
@injectable()
export class NotificationController implements Controller {
  constructor(
    private readonly listNotifications: ListNotifications,
    private readonly read: NotificationRead,
    private readonly getPreferences: GetNotificationPreferences,
    private readonly preferencesChange: NotificationPreferencesChange,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/notifications',
      tag: 'notifications',
      summary: 'List what you were told, newest first',
      access: 'user',
      query: NotificationsQuery,
      answer: NotificationListResponse,
      handle: async ({ caller, query }) => {
        const page = await this.listNotifications.execute(caller.userId, { unreadOnly: query.unread_only }, query);
        return pageResponse(page, query, notificationResponse);
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/notifications/:id/read',
      tag: 'notifications',
      summary: 'Mark a notification as read',
      description: 'Again, it stays read since the first time.',
      access: 'user',
      answer: NotificationResponse,
      refusals: ['not_found'],
      handle: async (call) =>
        notificationResponse(await this.read.execute(idParam(call, NotificationNotFound), call.caller.userId)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/notifications/preferences',
      tag: 'notifications',
      summary: 'See what you are not told of',
      access: 'user',
      answer: NotificationPreferencesResponse,
      handle: async ({ caller }) => notificationPreferencesResponse(await this.getPreferences.execute(caller.userId)),
    }),
    operation({
      method: 'put',
      path: '/api/v1/notifications/preferences',
      tag: 'notifications',
      summary: 'Choose what you are not told of',
      description: 'In place of what was chosen before. What is critical is told in any case.',
      access: 'user',
      body: NotificationPreferencesRequest,
      answer: NotificationPreferencesResponse,
      handle: async ({ caller, body }) =>
        notificationPreferencesResponse(await this.preferencesChange.execute(caller.userId, body.muted_kinds)),
    }),
  ];
}
