import type { UserId } from '#domain/accounts/user';
import { InvalidValue } from '#domain/shared/domain-exception';
import type { Money } from '#domain/shared/money';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { incomingCredit } from './admin-credit-grant.js';
import { AuditedCreditChange, type CreditChange, type ReasonedOperator } from './audited-credit-change.js';
import { CreditGrantApproval } from './credit-grant-approval.js';

/**
 * Corrects a balance by hand: what is added is promotional credit that never expires and counts towards the operator's
 * caps; what is taken must be free.
 */
@UseCase()
export class CreditAdjustment {
  constructor(
    private readonly approval: CreditGrantApproval,
    private readonly change: AuditedCreditChange,
    private readonly transaction: Transaction,
    private readonly ids: IdGenerator,
  ) {}

  /** By `amount`, above or below zero. Throws UserNotFound, InsufficientCredits, CreditGrantCapExceeded and InvalidValue. */
  execute(userId: UserId, amount: Money, operator: ReasonedOperator): Promise<CreditChange> {
    return this.transaction.run(async () => {
      if (amount.isZero) throw nothing();
      const key = `adjustment:${this.ids.next()}`;
      if (amount.isPositive) return this.add(userId, amount, key, operator);
      return this.take(userId, amount.negated(), key, operator);
    });
  }

  private async add(userId: UserId, amount: Money, key: string, operator: ReasonedOperator): Promise<CreditChange> {
    await this.approval.execute(operator.actor, amount);
    const given = { amount, type: 'admin_grant', category: 'promotional', expiresAt: null } as const;
    const credit = incomingCredit(given, key, operator);
    return this.change.execute(userId, 'credit.adjust', operator, (ledger) => ledger.grant(userId, credit));
  }

  private take(userId: UserId, amount: Money, key: string, operator: ReasonedOperator): Promise<CreditChange> {
    const description = 'Correction by the operator';
    const charge = { type: 'admin_debit', amount, key, description, metadata: {}, actor: operator.actor } as const;
    return this.change.execute(userId, 'credit.adjust', operator, (ledger) => ledger.spend(userId, charge));
  }
}

function nothing(): InvalidValue {
  return new InvalidValue('invalid_amount', 'An adjustment is above or below zero.', { amount_micros: 0 });
}
