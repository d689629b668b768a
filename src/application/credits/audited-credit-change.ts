import { AuditLog } from '#domain/accounts/audit-log';
import type { User, UserId } from '#domain/accounts/user';
import { UserRepository } from '#domain/accounts/user-repository';
import { creditsOf } from '#domain/credits/credit';
import type { CreditTransaction } from '#domain/credits/credit-transaction';
import type { Operator } from '../accounts/user-change.js';
import { UseCase } from '../use-case.js';
import { CreditLedger } from './credit-ledger.js';
import { type AccountStanding, CreditReport } from './credit-report.js';

/** An operator, who always says why. */
export interface ReasonedOperator extends Operator {
  readonly reason: string;
}

/** What an operator's deed changed of a user's credit. */
export interface CreditChange {
  readonly user: User;
  readonly entry: CreditTransaction;
  readonly before: AccountStanding;
  /** After what was owed is paid of it. */
  readonly after: AccountStanding;
}

/** Moves credit of one user for an operator, and leaves an audit entry of it: one deed like the other. */
@UseCase()
export class AuditedCreditChange {
  constructor(
    private readonly users: UserRepository,
    private readonly ledger: CreditLedger,
    private readonly report: CreditReport,
    private readonly audit: AuditLog,
  ) {}

  /** In the running transaction. Throws UserNotFound and what `move` throws. */
  async execute(
    userId: UserId,
    action: string,
    operator: ReasonedOperator,
    move: (ledger: CreditLedger) => Promise<CreditTransaction>,
  ): Promise<CreditChange> {
    const user = await this.users.get(userId);
    // From here on the account is held, so that nothing comes between what is read and what is done.
    await this.ledger.tidy(userId);
    const before = await this.report.standingOf(userId);
    const entry = await move(this.ledger);
    const after = await this.report.standingOf(userId);
    await this.audit.append({
      actor: operator.actor,
      action,
      userId,
      reason: operator.reason,
      before: factsOf(before),
      after: { ...factsOf(after), transaction_id: entry.id, type: entry.type, amount: creditsOf(entry.amount) },
    });
    return { user, entry, before, after };
  }
}

function factsOf({ balance, held, debt }: AccountStanding): Readonly<Record<string, unknown>> {
  return { balance: creditsOf(balance), held: creditsOf(held), debt: creditsOf(debt) };
}
