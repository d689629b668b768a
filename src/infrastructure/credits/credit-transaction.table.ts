import type { UserId } from '#domain/accounts/user';
import type {
  CreditTransaction,
  CreditTransactionId,
  CreditTransactionType,
  Metadata,
} from '#domain/credits/credit-transaction';
import { money } from '../persistence/money.js';

/** Every column by its name, as prepared statements need them. */
export const TRANSACTION_COLUMNS = `
  id, user_id, sequence, type, amount_micros, debt_micros, balance_before_micros, balance_after_micros, debt_after_micros,
  description, metadata, sources, key, actor, created_at, hash`;

export interface TransactionRow {
  readonly id: CreditTransactionId;
  readonly user_id: UserId;
  readonly sequence: string;
  readonly type: CreditTransactionType;
  readonly amount_micros: string;
  readonly debt_micros: string;
  readonly balance_before_micros: string;
  readonly balance_after_micros: string;
  readonly debt_after_micros: string;
  readonly description: string;
  readonly metadata: Metadata;
  readonly sources: readonly { readonly grant: CreditTransactionId; readonly micros: number }[];
  readonly key: string;
  readonly actor: string;
  readonly created_at: Date;
  readonly hash: Buffer;
}

export function transactionOf(row: TransactionRow): CreditTransaction {
  return {
    id: row.id,
    userId: row.user_id,
    sequence: Number(row.sequence),
    type: row.type,
    amount: money(row.amount_micros),
    debt: money(row.debt_micros),
    balanceBefore: money(row.balance_before_micros),
    balanceAfter: money(row.balance_after_micros),
    debtAfter: money(row.debt_after_micros),
    description: row.description,
    metadata: row.metadata,
    sources: row.sources.map(({ grant, micros }) => ({ grant, micros: BigInt(micros) })),
    key: row.key,
    actor: row.actor,
    createdAt: row.created_at,
  };
}
