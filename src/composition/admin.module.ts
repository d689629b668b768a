import { ContainerModule } from 'inversify';
import { GetAccount } from '#application/accounts/get-account';
import { ListAuditLog } from '#application/accounts/list-audit-log';
import { ListUsers } from '#application/accounts/list-users';
import { AuditLogController } from '#interfaces/http/admin/audit-log.controller';
import { PeriodAdminController } from '#interfaces/http/admin/period-admin.controller';
import { UserAdminController } from '#interfaces/http/admin/user-admin.controller';
import { Controller } from '#interfaces/http/shared/operation';

export const admin = new ContainerModule(({ bind }) => {
  bind(ListUsers).toSelf();
  bind(GetAccount).toSelf();
  bind(ListAuditLog).toSelf();
  bind(Controller).to(UserAdminController);
  bind(Controller).to(PeriodAdminController);
  bind(Controller).to(AuditLogController);
});
