import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import type { Batch, StoredPeriod, StoredPeriods } from '#application/usage/stored-periods';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

@injectable()
export class SqlStoredPeriods implements StoredPeriods {
  constructor(private readonly database: TypeOrmTransaction) {}

  async list(instant: Date, cursor: string | null, limit: number): Promise<Batch> {
    const rows = await this.database.reader.query<Row[]>(BATCH, [instant, ...positionOf(cursor), limit]);
    return batchOf(rows, rows.length === limit);
  }

  async hold(instant: Date, cursor: string | null, limit: number): Promise<Batch> {
    const rows = await this.database.writer.query<Row[]>(`${BATCH} for no key update skip locked`, [
      instant,
      ...positionOf(cursor),
      limit,
    ]);
    // Fewer than asked for may also mean that many were left out: only nothing at all is the end.
    return batchOf(rows, rows.length > 0);
  }

  async move(starts: readonly Pick<StoredPeriod, 'userId' | 'start'>[]): Promise<void> {
    await this.database.writer.query(
      `update users
          set current_month_start = moved.start, version = version + 1
         from unnest($1::uuid[], $2::timestamptz[]) as moved (id, start)
        where users.id = moved.id`,
      [starts.map(({ userId }) => userId), starts.map(({ start }) => start)],
    );
  }
}

/** The position is text from the database and back: its microseconds would not survive a JavaScript date. */
const BATCH = `
  select id, current_month_start, period_anchor, current_month_start::text as position
    from users
   where current_month_start <= $1 and (current_month_start, id) > ($2::timestamptz, $3::uuid)
   order by current_month_start, id
   limit $4`;

const BEFORE_ALL = ['-infinity', '00000000-0000-0000-0000-000000000000'] as const;

interface Row {
  readonly id: UserId;
  readonly current_month_start: Date;
  readonly period_anchor: Date;
  readonly position: string;
}

function positionOf(cursor: string | null): readonly [string, string] {
  if (cursor === null) return BEFORE_ALL;
  const [start, id] = cursor.split('|') as [string, string];
  return [start, id];
}

function batchOf(rows: readonly Row[], more: boolean): Batch {
  const last = rows.at(-1);
  return {
    periods: rows.map((row) => ({ userId: row.id, start: row.current_month_start, anchor: row.period_anchor })),
    next: more && last ? `${last.position}|${last.id}` : null,
  };
}
