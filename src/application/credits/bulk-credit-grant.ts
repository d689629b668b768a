import type { UserId } from '#domain/accounts/user';
import { UserNotFound } from '#domain/accounts/user-repository';
import type { IncomingCredit } from '#domain/credits/credit-account';
import { DomainException, InvalidValue } from '#domain/shared/domain-exception';
import { Money } from '#domain/shared/money';
import { IdGenerator } from '../ports/id-generator.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { type GivenCredit, incomingCredit } from './admin-credit-grant.js';
import { AuditedCreditChange, type CreditChange, type ReasonedOperator } from './audited-credit-change.js';
import { CreditGrantApproval } from './credit-grant-approval.js';

/** More at once would hold too many accounts for too long. */
export const MOST_USERS = 500;

/** Gives the same credit to each of many users: to all of them or to none. The caps compare the sum. */
@UseCase()
export class BulkCreditGrant {
  constructor(
    private readonly approval: CreditGrantApproval,
    private readonly change: AuditedCreditChange,
    private readonly transaction: Transaction,
    private readonly ids: IdGenerator,
  ) {}

  /** `credit` is what each of them gets. Throws UsersNotFound, CreditGrantCapExceeded and InvalidValue. */
  execute(
    userIds: readonly UserId[],
    credit: GivenCredit,
    operator: ReasonedOperator,
  ): Promise<readonly CreditChange[]> {
    return this.transaction.run(async () => {
      mustBeDistinct(userIds);
      const incoming = incomingCredit(credit, `bulk_grant:${this.ids.next()}`, operator);
      await this.approval.execute(operator.actor, Money.sum(userIds.map(() => credit.amount)));
      const changes: CreditChange[] = [];
      const unknown: UserId[] = [];
      // Whoever takes many accounts takes them in one order, so that no two wait for each other.
      for (const userId of [...userIds].sort()) {
        const change = await this.granted(userId, incoming, operator);
        if (change === null) unknown.push(userId);
        else changes.push(change);
      }
      if (unknown.length > 0) throw new UsersNotFound(unknown);
      return changes;
    });
  }

  /** Null when there is no such user: the others are still looked for, so that all who are missing are named at once. */
  private async granted(
    userId: UserId,
    incoming: IncomingCredit,
    operator: ReasonedOperator,
  ): Promise<CreditChange | null> {
    try {
      return await this.change.execute(userId, 'credit.bulk_grant', operator, (ledger) =>
        ledger.grant(userId, incoming),
      );
    } catch (error) {
      if (error instanceof UserNotFound) return null;
      throw error;
    }
  }
}

/** Nobody of those who were named got anything. */
export class UsersNotFound extends DomainException {
  constructor(users: readonly UserId[]) {
    const which = users.length === 1 ? 'There is no user' : 'There are no users';
    super('users_not_found', `${which} ${users.join(', ')}. Nobody got anything.`, { users }, 'not_found');
  }
}

function mustBeDistinct(userIds: readonly UserId[]): void {
  const repeated = userIds.filter((id, index) => userIds.indexOf(id) !== index);
  if (repeated.length > 0) {
    throw new InvalidValue('users_repeated', 'Each user is named once.', { users: repeated });
  }
  if (userIds.length === 0 || userIds.length > MOST_USERS) {
    throw new InvalidValue('invalid_users', `From 1 to ${MOST_USERS} users are named, not ${userIds.length}.`, {
      users: userIds.length,
      maximum: MOST_USERS,
    });
  }
}
