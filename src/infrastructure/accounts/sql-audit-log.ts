import { injectable } from 'inversify';
import { Clock } from '#application/ports/clock';
import { IdGenerator } from '#application/ports/id-generator';
import type { AuditEntry, AuditFilter, AuditLog, AuditRecord } from '#domain/accounts/audit-log';
import type { UserId } from '#domain/accounts/user';
import type { Id } from '#domain/shared/id';
import type { Page, PageOf } from '#domain/shared/page';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlAuditLog implements AuditLog {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  async append({ actor, action, userId, reason, before, after }: AuditEntry): Promise<void> {
    await this.database.writer.query(
      `insert into audit_log (id, actor, action, user_id, reason, before, after, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [this.ids.next<'Audit'>(), actor, action, userId, reason, before, after, this.clock.now()],
    );
  }

  async list({ userId, actor, action }: AuditFilter, { limit, offset }: Page): Promise<PageOf<AuditRecord>> {
    const wanted = `($1::uuid is null or user_id = $1) and ($2::text is null or actor = $2) and ($3::text is null or action = $3)`;
    const filter = [userId, actor, action];
    const rows = await this.database.reader.query<AuditRow[]>(
      `select id, actor, action, user_id, reason, before, after, created_at
         from audit_log
        where ${wanted}
        order by created_at desc, id desc
        limit $4 offset $5`,
      [...filter, limit, offset],
    );
    const [{ total }] = await this.database.reader.query<[{ total: number }]>(
      `select count(*)::integer as total from audit_log where ${wanted}`,
      filter,
    );
    return { items: rows.map(recordOf), total };
  }
}

interface AuditRow {
  readonly id: Id<'Audit'>;
  readonly actor: string;
  readonly action: string;
  readonly user_id: UserId | null;
  readonly reason: string | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly created_at: Date;
}

function recordOf({ user_id: userId, created_at: at, ...row }: AuditRow): AuditRecord {
  return { ...row, userId, at };
}
