import type { AlertLevel } from '#domain/budgets/alert-level';
import type { BudgetDemand } from '#domain/budgets/budget-ledger';
import type { CreditHold } from '#domain/credits/credit-hold';

/** What a request may cost its user, and what it may cost us, is held. */
export interface HeldRequest {
  readonly hold: CreditHold;
  /** The worse one of the two budgets. */
  readonly level: AlertLevel;
}

export abstract class AiHolds {
  /**
   * The common case of holding for a request in one round trip, in a transaction of its own or, unless it is durable, of several
   * users' requests that came together. Null when it is not so simple: nothing has happened then, and the account must be
   * opened. `durable` as CreditLedger.hold has it.
   * Throws InsufficientCredits and BudgetExceeded.
   */
  abstract placeAtOnce(hold: CreditHold, durable: boolean, demand: BudgetDemand): Promise<HeldRequest | null>;
}
