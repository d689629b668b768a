import { type AuditFilter, AuditLog, type AuditRecord } from '#domain/accounts/audit-log';
import type { Page, PageOf } from '#domain/shared/page';
import { UseCase } from '../use-case.js';

/** What operators changed, newest first. */
@UseCase()
export class ListAuditLog {
  constructor(private readonly audit: AuditLog) {}

  execute(filter: AuditFilter, page: Page): Promise<PageOf<AuditRecord>> {
    return this.audit.list(filter, page);
  }
}
