import type { AuditEntry, AuditFilter, AuditLog, AuditRecord } from '#domain/accounts/audit-log';
import type { Id } from '#domain/shared/id';
import type { Page, PageOf } from '#domain/shared/page';
import type { InMemoryTransaction, Table } from './in-memory-transaction.js';

/** Keeps what was appended, as far as its transaction was committed. */
export class RecordingAuditLog implements AuditLog {
  private readonly rows: Table<AuditEntry>;

  constructor(transaction: InMemoryTransaction) {
    this.rows = transaction.table('audit_log');
  }

  async append(entry: AuditEntry): Promise<void> {
    this.rows.put(`entry ${this.rows.all().length + 1}`, entry);
  }

  /** Instants are made up: a second apart, in the order of appending. */
  async list({ userId, actor, action }: AuditFilter, { limit, offset }: Page): Promise<PageOf<AuditRecord>> {
    const records = this.rows.all().map((entry, index) => ({
      ...entry,
      id: `00000000-0000-7000-9000-${String(index).padStart(12, '0')}` as Id<'Audit'>,
      at: new Date(index * 1000),
    }));
    const found = records
      .filter(
        (entry) =>
          (userId === null || entry.userId === userId) &&
          (actor === null || entry.actor === actor) &&
          (action === null || entry.action === action),
      )
      .reverse();
    return { items: found.slice(offset, offset + limit), total: found.length };
  }

  get entries(): readonly AuditEntry[] {
    return this.rows.all();
  }
}
