import { injectable } from 'inversify';
import type {
  AccountStanding,
  CreditReport,
  CreditTransactionRecord,
  LiveGrant,
  TransactionFilter,
  TypeTotal,
} from '#application/credits/credit-report';
import type { UserId } from '#domain/accounts/user';
import type { CreditCategory } from '#domain/credits/credit-grant';
import { CreditHold, type CreditHoldId } from '#domain/credits/credit-hold';
import type { CreditTransactionId, CreditTransactionType } from '#domain/credits/credit-transaction';
import { Money } from '#domain/shared/money';
import type { Page, PageOf } from '#domain/shared/page';
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
    if (!row) return { balance: Money.zero, held: Money.zero, debt: Money.zero, alarmAt: null };
    return {
      balance: money(row.balance_micros),
      held: money(row.held_micros),
      debt: money(row.debt_micros),
      alarmAt: row.alarm_at,
    };
  }

  async liveGrants(userId: UserId): Promise<readonly LiveGrant[]> {
    // The order is that of bySpendingOrder in the domain.
    const rows = await this.database.reader.query<GrantRow[]>(
      `select g.id, t.type, g.category, t.description, g.amount_micros, g.remaining_micros, g.held_micros, g.expires_at, g.created_at
         from credit_grants g
         join credit_transactions t on t.id = g.id
        where g.user_id = $1 and g.live
        order by g.category = 'paid', g.expires_at nulls last, g.created_at, g.id`,
      [userId],
    );
    return rows.map((row) => ({
      id: row.id,
      type: row.type,
      category: row.category,
      description: row.description,
      amount: money(row.amount_micros),
      remaining: money(row.remaining_micros),
      held: money(row.held_micros),
      expiresAt: row.expires_at,
      createdAt: row.created_at,
    }));
  }

  async openHolds(userId: UserId): Promise<readonly CreditHold[]> {
    const rows = await this.database.reader.query<HoldRow[]>(
      `select id, request_id, amount_micros, parts, description, placed_at, expires_at
         from credit_holds
        where user_id = $1 and state = 'open'
        order by expires_at, id`,
      [userId],
    );
    return rows.map((row) => {
      const parts = row.parts.map(({ grant, micros }) => ({ grant, micros: BigInt(micros) }));
      const { id, request_id, description, placed_at, expires_at } = row;
      const amount = money(row.amount_micros);
      return new CreditHold(
        id,
        userId,
        request_id,
        amount,
        parts,
        description,
        'open',
        null,
        placed_at,
        expires_at,
        null,
      );
    });
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

  async totals(
    userId: UserId,
    { from, to }: { readonly from: Date | null; readonly to: Date | null },
  ): Promise<readonly TypeTotal[]> {
    const rows = await this.database.reader.query<TotalRow[]>(
      `select type, count(*) as entries, sum(amount_micros) as amount_micros
         from credit_transactions
        where ${WANTED}
        group by type
        order by type`,
      [userId, null, null, from, to],
    );
    return rows.map(({ type, entries, amount_micros }) => ({
      type,
      entries: Number(entries),
      amount: money(amount_micros),
    }));
  }
}

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

interface GrantRow {
  readonly id: CreditTransactionId;
  readonly type: CreditTransactionType;
  readonly category: CreditCategory;
  readonly description: string;
  readonly amount_micros: string;
  readonly remaining_micros: string;
  readonly held_micros: string;
  readonly expires_at: Date | null;
  readonly created_at: Date;
}

interface HoldRow {
  readonly id: CreditHoldId;
  readonly request_id: string;
  readonly amount_micros: string;
  readonly parts: readonly { readonly grant: CreditTransactionId; readonly micros: number }[];
  readonly description: string;
  readonly placed_at: Date;
  readonly expires_at: Date;
}

interface TotalRow {
  readonly type: CreditTransactionType;
  readonly entries: string;
  readonly amount_micros: string;
}

const money = (micros: string): Money => Money.ofMicros(BigInt(micros));
