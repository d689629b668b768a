import type { UserId } from '#domain/accounts/user';
import { type CreditTransactionType, USAGE_TYPES } from '#domain/credits/credit-transaction';
import { Money } from '#domain/shared/money';
import { UseCase } from '../use-case.js';
import { CreditReport, type TransactionSpan, type TypeTotal } from './credit-report.js';
import { GetCreditStanding } from './get-credit-standing.js';

const BONUS_TYPES: readonly CreditTransactionType[] = ['bonus', 'referral_bonus', 'admin_grant'];

export interface CreditSummary {
  /** What use cost, as a sum above zero. */
  readonly spent: Money;
  readonly purchased: Money;
  /** What was given: bonuses and grants by an operator. */
  readonly bonus: Money;
  /** What is there now, whatever the span. */
  readonly netBalance: Money;
  readonly byType: readonly TypeTotal[];
}

/** What came in, what was spent, and what is there. */
@UseCase()
export class GetCreditSummary {
  constructor(
    private readonly standing: GetCreditStanding,
    private readonly report: CreditReport,
  ) {}

  async execute(userId: UserId, span: TransactionSpan): Promise<CreditSummary> {
    await this.standing.execute(userId); // What ran out has its entry before anything is summed up.
    const { balance, byType } = await this.report.totals(userId, span);
    const total = (types: readonly CreditTransactionType[]): Money =>
      Money.sum(byType.filter(({ type }) => types.includes(type)).map(({ amount }) => amount));
    return {
      spent: total(USAGE_TYPES).negated(),
      purchased: total(['purchase']),
      bonus: total(BONUS_TYPES),
      netBalance: balance,
      byType,
    };
  }
}
