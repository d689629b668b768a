import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { Facts, Refusal } from '#domain/shared/domain-exception';
import type { Page, PageOf } from '#domain/shared/page';
import { KeptRefusal, type RefusalId, type RefusalLog, type RefusalRetention } from '#domain/usage/refusal';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlRefusalLog implements RefusalLog {
  constructor(private readonly database: TypeOrmTransaction) {}

  async add({ id, userId, at, code, kind, message, facts, route, requestId }: KeptRefusal): Promise<void> {
    if (this.database.isRunning) throw new Error('A refusal is kept after its transaction, never as a part of one.');
    await this.database.prepared(ADD, [id, userId, at, code, kind, message, facts, route, requestId]);
  }

  async latestOf(userId: UserId, { limit, offset }: Page): Promise<PageOf<KeptRefusal>> {
    const rows = await this.database.reader.query<RefusalRow[]>(
      `select ${COLUMNS} from refusals where user_id = $1 order by at desc, id desc limit $2 offset $3`,
      [userId, limit, offset],
    );
    const [{ total }] = await this.database.reader.query<[{ total: number }]>(
      `select count(*)::integer as total from refusals where user_id = $1`,
      [userId],
    );
    return { items: rows.map(refusalOf), total };
  }

  async removeBeyond({ before, newest }: RefusalRetention, most: number): Promise<number> {
    const removed = await this.database.writer.query<[unknown, number]>(
      `delete from refusals
        where id in (
          select id
            from (
              select id, at, row_number() over (partition by user_id order by at desc, id desc) as place from refusals
            ) as placed
           where at < $1 or place > $2
           limit $3
        )`,
      [before, newest, most],
    );
    return removed[1];
  }
}

const COLUMNS = 'id, user_id, at, code, kind, message, facts, route, request_id';

/**
 * One statement, so one round trip, that does not wait for the disk: it is what the answer waits for, and after a crash nobody
 * misses the last second of it (https://www.postgresql.org/docs/current/wal-async-commit.html).
 */
const ADD: PreparedStatement = {
  name: 'add_refusal',
  text: `
    insert into refusals (${COLUMNS})
    select $1::uuid, $2::uuid, $3::timestamptz, $4::text, $5::text, $6::text, $7::jsonb, $8::text, $9::text
      from (select set_config('synchronous_commit', 'off', true)) as unhurried`,
};

interface RefusalRow {
  readonly id: RefusalId;
  readonly user_id: UserId;
  readonly at: Date;
  readonly code: string;
  readonly kind: Refusal;
  readonly message: string;
  readonly facts: Facts;
  readonly route: string;
  readonly request_id: string;
}

function refusalOf(row: RefusalRow): KeptRefusal {
  const { id, user_id: userId, at, code, kind, message, facts, route, request_id: requestId } = row;
  return new KeptRefusal(id, userId, at, code, kind, message, facts, route, requestId);
}
