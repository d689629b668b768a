import { injectable } from 'inversify';
import type {
  AccountContents,
  AccountStanding,
  CreditReport,
  CreditTotals,
  CreditTransactionRecord,
  LiveGrant,
  TransactionFilter,
  TransactionSpan,
} from '#application/credits/credit-report';
import type { UserId } from '#domain/accounts/user';
import type { CreditCategory } from '#domain/credits/credit-grant';
import { CreditHold, type CreditHoldId } from '#domain/credits/credit-hold';
import type { CreditTransactionId, CreditTransactionType } from '#domain/credits/credit-transaction';
import { Money } from '#domain/shared/money';
import type { Page, PageOf } from '#domain/shared/page';
import { money } from '../persistence/money.js';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { TRANSACTION_COLUMNS, type TransactionRow, transactionOf } from './credit-transaction.table.js';

@injectable()
export class SqlCreditReport implements CreditReport {
  constructor(private readonly database: TypeOrmTransaction) {}

  async standingOf(userId: UserId): Promise<AccountStanding> {
    const [row] = await this.database.reader.query<StandingRow[]>(
      `select balance_micros, held_micros, debt_micros, nullif(alarm_at, 'infinity') as alarm_at
         from credit_accounts
        where user_id = $1`,
      [userId],
    );
    return row ? standingOf(row) : NOTHING;
  }

  async contentsOf(userId: UserId): Promise<AccountContents> {
    const [row] = await this.database.reader.query<ContentsRow[]>(CONTENTS, [userId]);
    if (!row) return { ...NOTHING, grants: [], holds: [] };
    return {
      ...standingOf(row),
      grants: row.grants.map(grantOf),
      holds: row.holds.map((hold) => holdOf(userId, hold)),
    };
  }

  async transactions(
    userId: UserId,
    { type, direction, from, to }: TransactionFilter,
    { limit, offset }: Page,
  ): Promise<PageOf<CreditTransactionRecord>> {
    const wanted = [userId, type, direction, from, to];
    const rows = await this.database.reader.query<TransactionRow[]>(
      `select ${TRANSACTION_COLUMNS} from credit_transactions where ${WANTED} order by sequence desc limit $6 offset $7`,
      [...wanted, limit, offset],
    );
    const [{ total }] = await this.database.reader.query<[{ total: string }]>(
      `select count(*) as total from credit_transactions where ${WANTED}`,
      wanted,
    );
    return {
      items: rows.map((row) => ({ ...transactionOf(row), hash: row.hash.toString('hex') })),
      total: Number(total),
    };
  }

  async totals(userId: UserId, { from, to }: TransactionSpan): Promise<CreditTotals> {
    const rows = await this.database.reader.query<TotalRow[]>(
      `with totals as (
         select type, count(*) as entries, sum(amount_micros) as amount_micros
           from credit_transactions
          where ${WANTED}
          group by type
       )
       select coalesce(a.balance_micros, 0) as balance_micros, totals.*
         from (values ($1::uuid)) asked (user_id)
         left join credit_accounts a using (user_id)
         left join totals on true
        order by totals.type`,
      [userId, null, null, from, to],
    );
    return {
      balance: money(rows[0]!.balance_micros),
      byType: rows.flatMap(({ type, entries, amount_micros }) =>
        type === null ? [] : [{ type, entries: Number(entries), amount: money(amount_micros) }],
      ),
    };
  }
}

/** One statement, one snapshot: what is there and what it is made of. The order of grants is that of bySpendingOrder. */
const CONTENTS = `
  select a.balance_micros, a.held_micros, a.debt_micros, nullif(a.alarm_at, 'infinity') as alarm_at,
         (select coalesce(json_agg(json_build_object(
                   'id', g.id, 'type', t.type, 'category', g.category, 'description', t.description,
                   'amount', g.amount_micros::text, 'remaining', g.remaining_micros::text, 'held', g.held_micros::text,
                   'expires_at', g.expires_at, 'created_at', g.created_at)
                 order by g.category = 'paid', g.expires_at nulls last, g.created_at, g.id), '[]')
            from credit_grants g
            join credit_transactions t on t.id = g.id
           where g.user_id = a.user_id and g.live) as grants,
         (select coalesce(json_agg(json_build_object(
                   'id', h.id, 'request_id', h.request_id, 'amount', h.amount_micros::text, 'parts', h.parts,
                   'description', h.description, 'placed_at', h.placed_at, 'expires_at', h.expires_at)
                 order by h.expires_at, h.id), '[]')
            from credit_holds h
           where h.user_id = a.user_id and h.state = 'open') as holds
    from credit_accounts a
   where a.user_id = $1`;

/** A debt moves no credit, so it has no direction. */
const WANTED = `
  user_id = $1
  and ($2::text is null or type = $2)
  and ($3::text is null or sign(amount_micros) = case $3 when 'in' then 1 else -1 end)
  and ($4::timestamptz is null or created_at >= $4)
  and ($5::timestamptz is null or created_at < $5)`;

interface StandingRow {
  readonly balance_micros: string;
  readonly held_micros: string;
  readonly debt_micros: string;
  readonly alarm_at: Date | null;
}

/** JSON says its instants as text. */
interface ContentsRow extends StandingRow {
  readonly grants: readonly GrantRow[];
  readonly holds: readonly HoldRow[];
}

interface GrantRow {
  readonly id: CreditTransactionId;
  readonly type: CreditTransactionType;
  readonly category: CreditCategory;
  readonly description: string;
  readonly amount: string;
  readonly remaining: string;
  readonly held: string;
  readonly expires_at: string | null;
  readonly created_at: string;
}

interface HoldRow {
  readonly id: CreditHoldId;
  readonly request_id: string;
  readonly amount: string;
  readonly parts: readonly { readonly grant: CreditTransactionId; readonly micros: number }[];
  readonly description: string;
  readonly placed_at: string;
  readonly expires_at: string;
}

/** Without a type where there are no entries. */
interface TotalRow {
  readonly balance_micros: string;
  readonly type: CreditTransactionType | null;
  readonly entries: string;
  readonly amount_micros: string;
}

const NOTHING: AccountStanding = { balance: Money.zero, held: Money.zero, debt: Money.zero, alarmAt: null };

function standingOf({ balance_micros, held_micros, debt_micros, alarm_at }: StandingRow): AccountStanding {
  return { balance: money(balance_micros), held: money(held_micros), debt: money(debt_micros), alarmAt: alarm_at };
}

function grantOf({ id, type, category, description, ...row }: GrantRow): LiveGrant {
  return {
    id,
    type,
    category,
    description,
    amount: money(row.amount),
    remaining: money(row.remaining),
    held: money(row.held),
    expiresAt: row.expires_at === null ? null : new Date(row.expires_at),
    createdAt: new Date(row.created_at),
  };
}

function holdOf(userId: UserId, { id, description, ...row }: HoldRow): CreditHold {
  const parts = row.parts.map(({ grant, micros }) => ({ grant, micros: BigInt(micros) }));
  const [placedAt, expiresAt] = [new Date(row.placed_at), new Date(row.expires_at)];
  const amount = money(row.amount);
  return new CreditHold(
    id,
    userId,
    row.request_id,
    amount,
    parts,
    description,
    'open',
    null,
    placedAt,
    expiresAt,
    null,
  );
}
