import { IsArray, IsBoolean, IsIn } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { MUTABLE_KINDS, type MutableKind } from '#domain/notifications/notification';
import { PageQuery } from '../shared/page.js';

export class NotificationsQuery extends PageQuery {
  @JSONSchema({ description: 'Leaves out what was read.' })
  @IsBoolean()
  unread_only: boolean = false;
}

export class NotificationPreferencesRequest {
  @JSONSchema({ description: 'All kinds that you do not want to be told of; none of them is critical.' })
  @IsArray()
  @IsIn(MUTABLE_KINDS, {
    each: true,
    message: `each of muted_kinds must be one of ${MUTABLE_KINDS.join(', ')}; what is critical cannot be muted`,
  })
  muted_kinds!: MutableKind[];
}
