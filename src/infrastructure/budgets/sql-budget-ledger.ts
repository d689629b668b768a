import { injectable } from 'inversify';
import { Clock } from '#application/ports/clock';
import { padded, USUAL_BUFFER } from '#domain/budgets/affordability';
import type { UserId } from '#domain/accounts/user';
import type { BudgetId } from '#domain/budgets/budget';
import type { AlertLevel } from '#domain/budgets/alert-level';
import type { BudgetDemand, BudgetLedger, ProviderSpend } from '#domain/budgets/budget-ledger';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { Money } from '#domain/shared/money';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { type BudgetHoldRow, HOLD_COLUMNS, mustBeHeld, ruleValues } from './budget-values.js';

@injectable()
export class SqlBudgetLedger implements BudgetLedger {
  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly clock: Clock,
    private readonly rules: BudgetRules,
  ) {}

  async hold(demand: BudgetDemand): Promise<AlertLevel> {
    void this.database.writer; // What is held here is held together with something else.
    const { userId, requestId, cost, at, expiresAt } = demand;
    const { rows } = await this.database.prepared<BudgetHoldRow>(HOLD, [
      userId,
      requestId,
      cost.micros,
      padded(cost, USUAL_BUFFER).micros,
      at,
      this.clock.now(),
      expiresAt,
      ...ruleValues(this.rules),
    ]);
    return mustBeHeld(rows[0]!, cost);
  }

  async settle(spend: ProviderSpend): Promise<void> {
    void this.database.writer;
    const { userId, requestId, at, cost, isEstimate, service, provider, model, tokens } = spend;
    await this.database.prepared(SETTLE, [
      userId,
      requestId,
      at,
      this.clock.now(),
      cost.micros,
      isEstimate,
      service,
      provider,
      model,
      tokens,
      ...ruleValues(this.rules),
    ]);
  }

  async reckon(id: BudgetId): Promise<void> {
    void this.database.writer;
    const [rules] = ruleValues(this.rules);
    await this.database.prepared(RECKON, [id, this.clock.now(), rules]);
  }

  async release(userId: UserId, requestId: string): Promise<void> {
    const nothing = {
      cost: Money.zero,
      isEstimate: false,
      service: 'other',
      provider: null,
      model: null,
      tokens: 0,
    } as const;
    await this.settle({ userId, requestId, at: this.clock.now(), ...nothing });
  }
}

const HOLD: PreparedStatement = {
  name: 'hold_budget',
  text: `select ${HOLD_COLUMNS} from hold_budget($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
};

/** Nothing is spent, given back or wanted. */
const RECKON: PreparedStatement = {
  name: 'reckon_budget',
  text: `select look_at_budget($1, '', 0::smallint, $2, $2, $3, 0, 0, 0, null, null, null)`,
};

const SETTLE: PreparedStatement = {
  name: 'settle_budget',
  text: 'select settle_budget($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
};
