import { injectable } from 'inversify';
import { ListAuditLog } from '#application/accounts/list-audit-log';
import { findId } from '#domain/shared/id';
import { Controller, operation } from '../shared/operation.js';
import { pageResponse } from '../shared/page.js';
import { AuditLogQuery } from './user-admin.request.js';
import { AuditLogResponse, auditRecordResponse } from './user-admin.response.js';

@injectable()
export class AuditLogController implements Controller {
  constructor(private readonly listAuditLog: ListAuditLog) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/admin/roles/audit-log',
      tag: 'admin',
      summary: 'List what operators changed, newest first',
      access: 'admin',
      query: AuditLogQuery,
      answer: AuditLogResponse,
      handle: async ({ query }) => {
        const { user_id, actor = null, action = null } = query;
        const filter = { userId: findId<'User'>(user_id), actor, action };
        return pageResponse(await this.listAuditLog.execute(filter, query), query, auditRecordResponse);
      },
    }),
  ];
}
