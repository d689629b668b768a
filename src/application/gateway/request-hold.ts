import type { UserId } from '#domain/accounts/user';
import { BudgetLedger } from '#domain/budgets/budget-ledger';
import type { AlertLevel } from '#domain/budgets/alert-level';
import type { Money } from '#domain/shared/money';
import { CreditLedger, type HoldRequest } from '../credits/credit-ledger.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { AiHolds, type HeldRequest } from './ai-holds.js';

/** What a request may cost us at most, and when it began. */
export interface ProviderCost {
  readonly most: Money;
  readonly at: Date;
}

/** Holds for a request before it is sent: its user's credit, and provider money of both budgets. All of it, or nothing. */
@UseCase()
export class RequestHold {
  constructor(
    private readonly holds: AiHolds,
    private readonly ledger: CreditLedger,
    private readonly budgets: BudgetLedger,
    private readonly transaction: Transaction,
  ) {}

  /** Throws BudgetExceeded, and what CreditLedger.hold throws. */
  async execute(userId: UserId, request: HoldRequest, { most: cost, at }: ProviderCost): Promise<HeldRequest> {
    const { requestId, durable } = request;
    const wanted = this.ledger.wanted(userId, request);
    const demand = { userId, requestId, cost, at, expiresAt: wanted.expiresAt };
    const atOnce = await this.holds.placeAtOnce(wanted, durable, demand);
    if (atOnce) return atOnce;
    return this.transaction.run(async () => {
      const hold = await this.ledger.hold(userId, request);
      // Of a request that is known already nothing new is held.
      const level = await this.budgets.hold({ ...demand, expiresAt: hold.expiresAt });
      return { hold, level };
    });
  }

  /** For a request that costs its user nothing, whatever it costs us. Throws BudgetExceeded. */
  async free(
    userId: UserId,
    requestId: string,
    { most: cost, at }: ProviderCost,
    expiresAt: Date,
  ): Promise<AlertLevel> {
    return this.transaction.run(() => this.budgets.hold({ userId, requestId, cost, at, expiresAt }));
  }
}
