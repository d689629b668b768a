import { injectable } from 'inversify';
import type { TransactionSpan } from '#application/credits/credit-report';
import { GetCreditBalance } from '#application/credits/get-credit-balance';
import { GetCreditSummary } from '#application/credits/get-credit-summary';
import { ListCreditTransactions } from '#application/credits/list-credit-transactions';
import { Controller, operation } from '../shared/operation.js';
import { pageResponse } from '../shared/page.js';
import { CreditBalanceResponse, creditBalanceResponse } from './credit-balance.response.js';
import { CreditSummaryQuery, CreditTransactionsQuery } from './credit.request.js';
import {
  CreditSummaryResponse,
  creditSummaryResponse,
  CreditTransactionListResponse,
  creditTransactionResponse,
} from './credit.response.js';

/** A user's own credit. */
@injectable()
export class CreditController implements Controller {
  constructor(
    private readonly getBalance: GetCreditBalance,
    private readonly listTransactions: ListCreditTransactions,
    private readonly getSummary: GetCreditSummary,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/user/balance',
      tag: 'credits',
      summary: 'See how much credit you have, what it is made of, and what of it expires first',
      access: 'user',
      page: true,
      answer: CreditBalanceResponse,
      handle: async ({ caller }) => creditBalanceResponse(await this.getBalance.execute(caller.userId)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/credits/transactions',
      tag: 'credits',
      summary: 'List what came in and what went out, newest first',
      access: 'user',
      page: true,
      query: CreditTransactionsQuery,
      answer: CreditTransactionListResponse,
      handle: async ({ caller, query }) => {
        const { type = null, direction = null } = query;
        const filter = { type, direction, ...spanOf(query) };
        const page = await this.listTransactions.execute(caller.userId, filter, query);
        return pageResponse(page, query, creditTransactionResponse);
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/credits/summary',
      tag: 'credits',
      summary: 'Sum up what was bought, given and spent',
      access: 'user',
      query: CreditSummaryQuery,
      answer: CreditSummaryResponse,
      handle: async ({ caller, query }) =>
        creditSummaryResponse(await this.getSummary.execute(caller.userId, spanOf(query))),
    }),
  ];
}

function spanOf({ from, to }: CreditSummaryQuery): TransactionSpan {
  return { from: from === undefined ? null : new Date(from), to: to === undefined ? null : new Date(to) };
}
