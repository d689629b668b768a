import type { UserId } from '#domain/accounts/user';
import type { Page, PageOf } from '#domain/shared/page';
import { UseCase } from '../use-case.js';
import { CreditReport, type CreditTransactionRecord, type TransactionFilter } from './credit-report.js';
import { GetCreditStanding } from './get-credit-standing.js';

/** A user's entries of the ledger, newest first. */
@UseCase()
export class ListCreditTransactions {
  constructor(
    private readonly standing: GetCreditStanding,
    private readonly report: CreditReport,
  ) {}

  async execute(userId: UserId, filter: TransactionFilter, page: Page): Promise<PageOf<CreditTransactionRecord>> {
    await this.standing.execute(userId); // What ran out has its entry before the list is read.
    return this.report.transactions(userId, filter, page);
  }
}
