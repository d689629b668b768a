import { injectable } from 'inversify';
import type {
  CreditFinding,
  CreditFindingKind,
  CreditReconciliation,
} from '#application/credits/credit-reconciliation';
import type { UserId } from '#domain/accounts/user';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { CREDIT_FINDINGS } from './credit-findings.js';

@injectable()
export class SqlCreditReconciliation implements CreditReconciliation {
  constructor(private readonly database: TypeOrmTransaction) {}

  async size(userId: UserId | null): Promise<{ readonly accounts: number; readonly entries: number }> {
    const [row] = await this.database.reader.query<[{ accounts: string; entries: string }]>(
      `select (select count(*) from credit_accounts where $1::uuid is null or user_id = $1) as accounts,
              (select count(*) from credit_transactions where $1::uuid is null or user_id = $1) as entries`,
      [userId],
    );
    return { accounts: Number(row.accounts), entries: Number(row.entries) };
  }

  async findings(kind: CreditFindingKind, userId: UserId | null, limit: number): Promise<readonly CreditFinding[]> {
    const rows = await this.database.reader.query<FindingRow[]>(CREDIT_FINDINGS[kind], [userId, limit]);
    return rows.map(({ user_id, id, stored, recomputed }) => ({ kind, userId: user_id, id, stored, recomputed }));
  }
}

interface FindingRow {
  readonly user_id: UserId;
  readonly id: string | null;
  readonly stored: CreditFinding['stored'];
  readonly recomputed: CreditFinding['recomputed'];
}
