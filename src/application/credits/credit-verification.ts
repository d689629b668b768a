import type { UserId } from '#domain/accounts/user';
import { UseCase } from '../use-case.js';
import { CREDIT_FINDING_KINDS, type CreditFinding, CreditReconciliation } from './credit-reconciliation.js';

/** A broken book is told of by its first thousand findings of each kind. */
const MOST_FINDINGS = 1_000;

export interface CreditVerificationReport {
  /** How much was recomputed. */
  readonly accounts: number;
  readonly entries: number;
  /** Empty when the book is right. */
  readonly findings: readonly CreditFinding[];
  /** True when there are more findings than are listed. */
  readonly truncated: boolean;
}

/**
 * Recomputes the credit book from its entries, every hash included, and names each difference: of balances, debts, holds,
 * grants, what paid for what, what accounts keep in mind, and what was bought.
 */
@UseCase()
export class CreditVerification {
  constructor(private readonly books: CreditReconciliation) {}

  /** Of one user, or of everybody (null). */
  async execute(userId: UserId | null): Promise<CreditVerificationReport> {
    const lists: (readonly CreditFinding[])[] = [];
    for (const kind of CREDIT_FINDING_KINDS) lists.push(await this.books.findings(kind, userId, MOST_FINDINGS + 1));
    return {
      ...(await this.books.size(userId)),
      findings: lists.flatMap((list) => list.slice(0, MOST_FINDINGS)),
      truncated: lists.some((list) => list.length > MOST_FINDINGS),
    };
  }
}
