import { injectable } from 'inversify';
import type { UserId } from '#domain/accounts/user';
import { CreditAccount, type CreditCharge, InsufficientCredits, type Occasion } from '#domain/credits/credit-account';
import type { CreditAccountRepository } from '#domain/credits/credit-account-repository';
import { type CreditCategory, CreditGrant } from '#domain/credits/credit-grant';
import { CreditHold, type CreditHoldId, type CreditHoldState } from '#domain/credits/credit-hold';
import type { CreditTransaction, CreditTransactionId, GrantPart, Metadata } from '#domain/credits/credit-transaction';
import { Money } from '#domain/shared/money';
import { money } from '../persistence/money.js';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { TRANSACTION_COLUMNS, type TransactionRow, transactionOf } from './credit-transaction.table.js';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNIQUE_VIOLATION = '23505';

@injectable()
export class SqlCreditAccountRepository implements CreditAccountRepository {
  constructor(private readonly database: TypeOrmTransaction) {}

  async open(userId: UserId, requestId: string | null, now: Date): Promise<CreditAccount> {
    void this.database.writer; // The lock lasts as long as the transaction that takes it.
    const { rows } = await this.database.prepared<AccountRow>(OPEN, [userId, requestId, now]);
    const row = rows[0]!;
    return CreditAccount.of(userId, {
      balance: money(row.balance_micros),
      held: money(row.held_micros),
      debt: money(row.debt_micros),
      sequence: Number(row.sequence),
      grants: (row.grants ?? []).map(grantOf),
      holds: (row.holds ?? []).map((hold) => holdOf(userId, hold)),
      nextHoldAt: row.next_hold_at,
    });
  }

  async save(account: CreditAccount): Promise<void> {
    void this.database.writer;
    const { userId, balance, held, debt, sequence, front, alarmAt, grants, holds, entries } = account;
    await this.database.prepared(SAVE, [
      userId,
      balance.micros,
      held.micros,
      debt.micros,
      sequence,
      front?.id ?? null,
      front?.free.micros ?? 0n,
      alarmAt ?? 'infinity',
      json(grants.map(grantRow)),
      json(holds.map(holdRow)),
      json(entries.map(entryRow)),
    ]);
  }

  async findTransaction(userId: UserId, key: string): Promise<CreditTransaction | null> {
    const { rows } = await this.database.prepared<TransactionRow>(FIND_TRANSACTION, [userId, key]);
    return rows[0] ? transactionOf(rows[0]) : null;
  }

  async listTransactions(userId: UserId, keysBegin: string): Promise<readonly CreditTransaction[]> {
    const { rows } = await this.database.prepared<TransactionRow>(LIST_TRANSACTIONS, [userId, keysBegin]);
    return rows.map(transactionOf);
  }

  async spendAtOnce(
    userId: UserId,
    charge: CreditCharge,
    { now, nextId }: Occasion,
  ): Promise<CreditTransaction | null> {
    const { type, amount, description, metadata, key, actor } = charge;
    const id = nextId();
    const values = [userId, amount.micros, now, id, type, description, metadata, key, actor];
    const row = await this.atOnce<AtOnceRow & { readonly sequence: string }>(SPEND, amount, values);
    if (!row) return null;
    const balanceAfter = money(row.balance);
    return {
      id,
      userId,
      sequence: Number(row.sequence),
      type,
      amount: amount.negated(),
      debt: Money.zero,
      balanceBefore: balanceAfter.plus(amount),
      balanceAfter,
      debtAfter: money(row.debt),
      description,
      metadata,
      sources: [{ grant: row.source!, micros: amount.micros }],
      key,
      actor,
      createdAt: now,
    };
  }

  async holdAtOnce(hold: CreditHold, durable: boolean): Promise<CreditHold | null> {
    const { id, userId, requestId, amount, description, placedAt, expiresAt, metadata } = hold;
    const values = [userId, amount.micros, placedAt, id, requestId, description, expiresAt, metadata, durable];
    const row = await this.atOnce<AtOnceRow>(HOLD, amount, values);
    if (!row) return null;
    return hold.reserving([{ grant: row.source!, micros: amount.micros }]);
  }

  async listDue(now: Date, limit: number): Promise<readonly UserId[]> {
    const rows = await this.database.reader.query<{ user_id: UserId }[]>(
      'select user_id from credit_accounts where alarm_at <= $1 order by alarm_at limit $2',
      [now, limit],
    );
    return rows.map(({ user_id }) => user_id);
  }

  /** One that comes second with the same key fails whole, and is then found by it: only alone can a statement fail so. */
  private async atOnce<Row extends AtOnceRow>(
    statement: PreparedStatement,
    required: Money,
    values: readonly unknown[],
  ): Promise<(Row & StandingRow) | null> {
    if (this.database.isRunning || !required.isPositive) return null;
    try {
      const { rows } = await this.database.prepared<Row>(statement, values);
      const row = rows[0]!;
      if (row.balance === null) return null;
      if (row.id !== null) return row as Row & StandingRow;
      const [balance, held, debt] = [money(row.balance), money(row.held!), money(row.debt!)];
      throw new InsufficientCredits({ balance, held, debt }, required);
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return null;
      throw error;
    }
  }
}

const OPEN: PreparedStatement = {
  name: 'open_credit_account',
  text: `
    select balance_micros, held_micros, debt_micros, sequence, grants, holds, next_hold_at
      from open_credit_account($1, $2, $3)`,
};

const FIND_TRANSACTION: PreparedStatement = {
  name: 'find_credit_transaction',
  text: `select ${TRANSACTION_COLUMNS} from credit_transactions where user_id = $1 and key = $2`,
};

const LIST_TRANSACTIONS: PreparedStatement = {
  name: 'list_credit_transactions_by_key',
  text: `select ${TRANSACTION_COLUMNS} from credit_transactions where user_id = $1 and starts_with(key, $2) order by sequence`,
};

/** Both answer nulls when the account must be opened, and a balance without an id when there is too little for sure. */
const SPEND: PreparedStatement = {
  name: 'spend_credit',
  text: 'select id, sequence, balance, held, debt, source from spend_credit($1, $2, $3, $4, $5, $6, $7, $8, $9)',
};

const HOLD: PreparedStatement = {
  name: 'hold_credit',
  text: 'select id, balance, held, debt, source from hold_credit($1, $2, $3, $4, $5, $6, $7, $8, $9)',
};

const SAVE: PreparedStatement = {
  name: 'save_credit_account',
  text: `
    with entries as (
      insert into credit_transactions (id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros,
                                       balance_after_micros, debt_after_micros, description, metadata, sources, key, actor, created_at)
      select id, $1, sequence, type, amount_micros, debt_micros, balance_before_micros, balance_after_micros, debt_after_micros,
             description, metadata, sources, key, actor, created_at
        from jsonb_to_recordset($11::jsonb) as row (id uuid, sequence bigint, type text, amount_micros bigint, debt_micros bigint,
                                                    balance_before_micros bigint, balance_after_micros bigint,
                                                    debt_after_micros bigint, description text, metadata jsonb, sources jsonb,
                                                    key text, actor text, created_at timestamptz)
       order by sequence
      returning sequence, hash
    ), account as (
      update credit_accounts
         set balance_micros = $2, held_micros = $3, debt_micros = $4, sequence = $5,
             hash = coalesce((select hash from entries order by sequence desc limit 1), hash),
             front_grant_id = $6, front_free_micros = $7, alarm_at = $8
       where user_id = $1
         and (balance_micros, held_micros, debt_micros, sequence, front_grant_id, front_free_micros, alarm_at)
             is distinct from ($2::bigint, $3::bigint, $4::bigint, $5::bigint, $6::uuid, $7::bigint, $8::timestamptz)
    ), grants as (
      insert into credit_grants as g (id, user_id, category, amount_micros, remaining_micros, held_micros, expires_at, created_at)
      select id, $1, category, amount_micros, remaining_micros, held_micros, expires_at, created_at
        from jsonb_to_recordset($9::jsonb) as row (id uuid, category text, amount_micros bigint, remaining_micros bigint,
                                                   held_micros bigint, expires_at timestamptz, created_at timestamptz)
      on conflict (id) do update set remaining_micros = excluded.remaining_micros, held_micros = excluded.held_micros,
                                     expires_at = excluded.expires_at
        where (g.remaining_micros, g.held_micros, g.expires_at)
              is distinct from (excluded.remaining_micros, excluded.held_micros, excluded.expires_at)
    ), holds as (
      insert into credit_holds as h (id, user_id, request_id, amount_micros, parts, description, state, settled_micros,
                                     placed_at, expires_at, closed_at, metadata)
      select id, $1, request_id, amount_micros, parts, description, state, settled_micros, placed_at, expires_at, closed_at, metadata
        from jsonb_to_recordset($10::jsonb) as row (id uuid, request_id text, amount_micros bigint, parts jsonb, description text,
                                                    state text, settled_micros bigint, placed_at timestamptz,
                                                    expires_at timestamptz, closed_at timestamptz, metadata jsonb)
      on conflict (id) do update
        set state = excluded.state, settled_micros = excluded.settled_micros, closed_at = excluded.closed_at
        where h.state <> excluded.state
    )
    select`,
};

interface AtOnceRow {
  readonly id: string | null;
  readonly balance: string | null;
  readonly held: string | null;
  readonly debt: string | null;
  readonly source: CreditTransactionId | null;
}

/** Of what was done. */
interface StandingRow extends AtOnceRow {
  readonly balance: string;
  readonly held: string;
  readonly debt: string;
}

interface AccountRow {
  readonly balance_micros: string;
  readonly held_micros: string;
  readonly debt_micros: string;
  readonly sequence: string;
  readonly grants: readonly GrantRow[] | null;
  readonly holds: readonly HoldRow[] | null;
  readonly next_hold_at: Date | null;
}

interface GrantRow {
  readonly id: CreditTransactionId;
  readonly category: CreditCategory;
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
  readonly parts: readonly PartRow[];
  readonly description: string;
  readonly state: CreditHoldState;
  readonly settled: string | null;
  readonly placed_at: string;
  readonly expires_at: string;
  readonly closed_at: string | null;
  readonly metadata: Metadata;
}

/** JSON numbers, exact to nine billion dollars. */
interface PartRow {
  readonly grant: CreditTransactionId;
  readonly micros: number;
}

const partOf = ({ grant, micros }: PartRow): GrantPart => ({ grant, micros: BigInt(micros) });
const date = (text: string | null): Date | null => (text === null ? null : new Date(text));

function grantOf(row: GrantRow): CreditGrant {
  return new CreditGrant(
    row.id,
    row.category,
    money(row.amount),
    money(row.remaining),
    money(row.held),
    date(row.expires_at),
    new Date(row.created_at),
  );
}

function holdOf(userId: UserId, row: HoldRow): CreditHold {
  return new CreditHold(
    row.id,
    userId,
    row.request_id,
    money(row.amount),
    row.parts.map(partOf),
    row.description,
    row.state,
    row.settled === null ? null : money(row.settled),
    new Date(row.placed_at),
    new Date(row.expires_at),
    date(row.closed_at),
    row.metadata,
  );
}

function grantRow({ id, category, amount, remaining, held, expiresAt, createdAt }: CreditGrant): object {
  return {
    id,
    category,
    amount_micros: amount.micros,
    remaining_micros: remaining.micros,
    held_micros: held.micros,
    expires_at: expiresAt,
    created_at: createdAt,
  };
}

function holdRow(hold: CreditHold): object {
  return {
    id: hold.id,
    request_id: hold.requestId,
    amount_micros: hold.amount.micros,
    parts: hold.parts.map(partRow),
    description: hold.description,
    state: hold.state,
    settled_micros: hold.settled?.micros ?? null,
    placed_at: hold.placedAt,
    expires_at: hold.expiresAt,
    closed_at: hold.closedAt,
    metadata: hold.metadata,
  };
}

function entryRow(entry: CreditTransaction): object {
  return {
    id: entry.id,
    sequence: entry.sequence,
    type: entry.type,
    amount_micros: entry.amount.micros,
    debt_micros: entry.debt.micros,
    balance_before_micros: entry.balanceBefore.micros,
    balance_after_micros: entry.balanceAfter.micros,
    debt_after_micros: entry.debtAfter.micros,
    description: entry.description,
    metadata: entry.metadata,
    sources: entry.sources.map(partRow),
    key: entry.key,
    actor: entry.actor,
    created_at: entry.createdAt,
  };
}

/** Sums are written as text, so that not a digit of them passes through a float. */
function json(rows: readonly object[]): string {
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

function partRow({ grant, micros }: GrantPart): PartRow {
  return { grant, micros: Money.ofMicros(micros).toNumber() };
}
