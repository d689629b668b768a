import type { UserId } from '#domain/accounts/user';
import type { IncomingCredit } from '#domain/credits/credit-account';
import type { CreditCategory } from '#domain/credits/credit-grant';
import type { Money } from '#domain/shared/money';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { AuditedCreditChange, type CreditChange, type ReasonedOperator } from './audited-credit-change.js';
import { CreditGrantApproval } from './credit-grant-approval.js';

/** What an operator can call credit that is given. */
export const GIVEN_TYPES = ['admin_grant', 'bonus', 'referral_bonus'] as const;
export type GivenType = (typeof GIVEN_TYPES)[number];

/** Credit that an operator gives to somebody. */
export interface GivenCredit {
  readonly amount: Money;
  readonly type: GivenType;
  readonly category: CreditCategory;
  /** Null never. */
  readonly expiresAt: Date | null;
}

/** Gives credit to one user, within the operator's caps. */
@UseCase()
export class AdminCreditGrant {
  constructor(
    private readonly approval: CreditGrantApproval,
    private readonly change: AuditedCreditChange,
    private readonly transaction: Transaction,
    private readonly ids: IdGenerator,
  ) {}

  /** Throws UserNotFound, CreditGrantCapExceeded and InvalidValue. */
  execute(userId: UserId, credit: GivenCredit, operator: ReasonedOperator): Promise<CreditChange> {
    return this.transaction.run(async () => {
      await this.approval.execute(operator.actor, credit.amount);
      const incoming = incomingCredit(credit, `admin_grant:${this.ids.next()}`, operator);
      return this.change.execute(userId, 'credit.grant', operator, (ledger) => ledger.grant(userId, incoming));
    });
  }
}

/** The entry of it, as its owner reads it: the operator's reason is for the audit log alone. */
export function incomingCredit(credit: GivenCredit, key: string, { actor }: ReasonedOperator): IncomingCredit {
  return { ...credit, key, description: DESCRIPTIONS[credit.type], metadata: {}, actor };
}

const DESCRIPTIONS: Readonly<Record<GivenType, string>> = {
  admin_grant: 'Credit from the operator',
  bonus: 'Bonus',
  referral_bonus: 'Referral bonus',
};
