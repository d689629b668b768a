import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import {
  MUTABLE_KINDS,
  type MutableKind,
  type Notification,
  NOTIFICATION_KINDS,
  NOTIFICATION_SEVERITIES,
  type NotificationKind,
  type NotificationSeverity,
} from '#domain/notifications/notification';
import type { NotificationPreferences } from '#domain/notifications/notification-preferences';
import type { Facts } from '#domain/shared/domain-exception';
import { IsInstant } from '../shared/shapes.js';

export class NotificationResponse {
  @IsUUID() id!: string;
  @IsIn(NOTIFICATION_KINDS) kind!: NotificationKind;
  @IsIn(NOTIFICATION_SEVERITIES) severity!: NotificationSeverity;
  @IsString() title!: string;
  @IsString() message!: string;
  @JSONSchema({ description: 'The figures behind the message, as they were then.' }) @IsObject() facts!: Facts;
  @IsInstant() created_at!: string;
  @JSONSchema({ description: 'Null while it is unread.' })
  @IsOptional()
  @IsInstant()
  read_at!: string | null;
}

export function notificationResponse(notification: Notification): NotificationResponse {
  const { id, kind, severity, title, message, facts, createdAt, readAt } = notification;
  return {
    id,
    kind,
    severity,
    title,
    message,
    facts,
    created_at: createdAt.toISOString(),
    read_at: readAt?.toISOString() ?? null,
  };
}

export class NotificationListResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NotificationResponse)
  data!: NotificationResponse[];
  @IsInt() total!: number;
  @IsBoolean() has_more!: boolean;
}

export class NotificationPreferencesResponse {
  @JSONSchema({ description: 'What you are not told of.' })
  @IsArray()
  @IsIn(MUTABLE_KINDS, { each: true })
  muted_kinds!: MutableKind[];
  @JSONSchema({ description: 'What can be muted: everything that is not critical.' })
  @IsArray()
  @IsIn(MUTABLE_KINDS, { each: true })
  mutable_kinds!: MutableKind[];
}

export function notificationPreferencesResponse({ muted }: NotificationPreferences): NotificationPreferencesResponse {
  return { muted_kinds: [...muted], mutable_kinds: [...MUTABLE_KINDS] };
}
