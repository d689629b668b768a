import { injectable } from 'inversify';
import type { AiHolds, HeldRequest } from '#application/gateway/ai-holds';
import type { BudgetDemand } from '#domain/budgets/budget-ledger';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { InsufficientCredits } from '#domain/credits/credit-account';
import { CreditHold } from '#domain/credits/credit-hold';
import type { CreditTransactionId } from '#domain/credits/credit-transaction';
import { Money } from '#domain/shared/money';
import { type BudgetHoldRow, demandValues, HOLD_COLUMNS, mustBeHeld, ruleValues } from '../budgets/budget-values.js';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNIQUE_VIOLATION = '23505';

@injectable()
export class SqlAiHolds implements AiHolds {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly rules: BudgetRules,
  ) {}

  async placeAtOnce(hold: CreditHold, durable: boolean, demand: BudgetDemand): Promise<HeldRequest | null> {
    if (this.database.isRunning || !hold.amount.isPositive) return null;
    const row = await this.place(hold, durable, demand);
    if (!row) return null;
    const level = mustBeHeld(row, demand.cost);
    if (row.balance === null) return null;
    if (row.id === null) {
      const [balance, held, debt] = [money(row.balance), money(row.held!), money(row.debt!)];
      throw new InsufficientCredits({ balance, held, debt }, hold.amount);
    }
    const parts = [{ grant: row.source!, micros: hold.amount.micros }];
    return { hold: Object.assign(Object.create(CreditHold.prototype) as CreditHold, hold, { parts }), level };
  }

  /** Null when another request has this one's id, or there is no account yet. */
  private async place(hold: CreditHold, durable: boolean, demand: BudgetDemand): Promise<HoldRow | null> {
    const { id, userId, requestId, amount, description, placedAt, expiresAt, metadata } = hold;
    try {
      const { rows } = await this.database.prepared<HoldRow>(PLACE, [
        userId,
        amount.micros,
        placedAt,
        id,
        requestId,
        description,
        expiresAt,
        metadata,
        durable,
        ...demandValues(demand),
        ...ruleValues(this.rules),
      ]);
      const row = rows[0]!;
      return row.level === null ? null : row;
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return null;
      throw error;
    }
  }
}

interface HoldRow extends BudgetHoldRow {
  readonly id: string | null;
  /** Null when the account must be opened. Without an id there is too little for sure. */
  readonly balance: string | null;
  readonly held: string | null;
  readonly debt: string | null;
  readonly source: CreditTransactionId | null;
}

const money = (micros: string): Money => Money.ofMicros(BigInt(micros));

const PLACE: PreparedStatement = {
  name: 'hold_credit_within_budget',
  text: `
    select id, balance, held, debt, source, ${HOLD_COLUMNS}
      from hold_credit_within_budget($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
};
