import { injectable } from 'inversify';
import type { AiHolds, HeldRequest } from '#application/gateway/ai-holds';
import { padded, USUAL_BUFFER } from '#domain/budgets/affordability';
import type { AlertLevel } from '#domain/budgets/alert-level';
import type { BudgetDemand } from '#domain/budgets/budget-ledger';
import { BudgetRules } from '#domain/budgets/budget-rules';
import { InsufficientCredits } from '#domain/credits/credit-account';
import type { CreditHold, CreditHoldId } from '#domain/credits/credit-hold';
import type { CreditTransactionId } from '#domain/credits/credit-transaction';
import { type BudgetHoldRow, HOLD_COLUMNS, mustBeHeld, ruleValues } from '../budgets/budget-values.js';
import { MicroBatches } from '../persistence/micro-batches.js';
import { money } from '../persistence/money.js';
import { type PreparedStatement, TypeOrmTransaction } from '../persistence/typeorm-transaction.js';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNIQUE_VIOLATION = '23505';

@injectable()
export class SqlAiHolds implements AiHolds {
  private readonly batches = new MicroBatches<Asked, HeldRequest | null>(
    (one) => this.placeAlone(one),
    (several) => this.placeTogether(several),
  );

  constructor(
    private readonly database: TypeOrmTransaction,
    private readonly rules: BudgetRules,
  ) {}

  async placeAtOnce(hold: CreditHold, durable: boolean, demand: BudgetDemand): Promise<HeldRequest | null> {
    if (this.database.isRunning || !hold.amount.isPositive) return null;
    const asked = { hold, durable, demand };
    return durable ? this.placeAlone(asked) : this.batches.add(hold.userId, asked);
  }

  /** Those that fit without a second look. What a crash of the database forgets of it, the settlement is given again. */
  private async placeTogether(asked: readonly Asked[]): Promise<ReadonlyMap<Asked, HeldRequest>> {
    const users = asked.map(({ hold }) => hold.userId);
    const values = [users, JSON.stringify(asked.map(requestToHold)), this.rules.version];
    const { rows } = await this.database.prepared<PlacedRow>(PLACE_TOGETHER, values);
    const byHold = new Map(asked.map((one) => [one.hold.id, one]));
    return new Map(
      rows.map(({ hold_id: id, source, level }) => {
        const one = byHold.get(id)!;
        return [one, { hold: paidBy(source, one.hold), level }];
      }),
    );
  }

  private async placeAlone(asked: Asked): Promise<HeldRequest | null> {
    const { hold, demand } = asked;
    const row = await this.place(asked);
    if (!row) return null;
    const level = mustBeHeld(row, demand.cost);
    if (row.balance === null) return null;
    if (row.id === null) {
      const [balance, held, debt] = [money(row.balance), money(row.held!), money(row.debt!)];
      throw new InsufficientCredits({ balance, held, debt }, hold.amount);
    }
    return { hold: paidBy(row.source!, hold), level };
  }

  /** Null when another request has this one's id, or there is no account yet. */
  private async place(asked: Asked): Promise<HoldRow | null> {
    try {
      const values = [JSON.stringify(requestToHold(asked)), asked.durable, ...ruleValues(this.rules)];
      const { rows } = await this.database.prepared<HoldRow>(PLACE_ALONE, values);
      const row = rows[0]!;
      return row.level === null ? null : row;
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return null;
      throw error;
    }
  }
}

interface Asked {
  readonly hold: CreditHold;
  readonly durable: boolean;
  readonly demand: BudgetDemand;
}

/** As the type of this name in migration 1764547200015. */
function requestToHold({ hold, demand: { cost, at } }: Asked): object {
  const { id, userId, requestId, amount, description, placedAt, expiresAt, metadata } = hold;
  return {
    user_id: userId,
    request_id: requestId,
    hold_id: id,
    amount: amount.micros.toString(),
    description,
    metadata,
    now: placedAt,
    expires_at: expiresAt,
    provider_amount: cost.micros.toString(),
    provider_padded: padded(cost, USUAL_BUFFER).micros.toString(),
    began: at,
  };
}

interface PlacedRow {
  readonly hold_id: CreditHoldId;
  readonly source: CreditTransactionId;
  readonly level: AlertLevel;
}

interface HoldRow extends BudgetHoldRow {
  readonly id: string | null;
  /** Null when the account must be opened. Without an id there is too little for sure. */
  readonly balance: string | null;
  readonly held: string | null;
  readonly debt: string | null;
  readonly source: CreditTransactionId | null;
}

function paidBy(grant: CreditTransactionId, hold: CreditHold): CreditHold {
  return hold.reserving([{ grant, micros: hold.amount.micros }]);
}

const PLACE_TOGETHER: PreparedStatement = {
  name: 'hold_together',
  text: 'select hold_id, source, level from hold_together($1, $2, $3)',
};

const PLACE_ALONE: PreparedStatement = {
  name: 'hold_credit_within_budget',
  text: `
    select h.id, h.balance, h.held, h.debt, h.source, ${HOLD_COLUMNS}
      from json_populate_record(null::request_to_hold, $1) r,
           hold_credit_within_budget(r.user_id, r.amount, r.now, r.hold_id, r.request_id, r.description, r.expires_at, r.metadata, $2,
                                     r.provider_amount, r.provider_padded, r.began, $3, $4) h`,
};
