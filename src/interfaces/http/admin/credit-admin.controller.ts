import { injectable } from 'inversify';
import { AdminCreditGrant, type GivenCredit } from '#application/credits/admin-credit-grant';
import { BulkCreditGrant } from '#application/credits/bulk-credit-grant';
import { CreditAdjustment } from '#application/credits/credit-adjustment';
import { GetCreditBalance } from '#application/credits/get-credit-balance';
import { GetCreditSummary } from '#application/credits/get-credit-summary';
import { ListCreditTransactions } from '#application/credits/list-credit-transactions';
import type { UserId } from '#domain/accounts/user';
import { UserNotFound, UserRepository } from '#domain/accounts/user-repository';
import { moneyOfCredits } from '#domain/credits/credit';
import { findId } from '#domain/shared/id';
import { Controller, operation } from '../shared/operation.js';
import { idParam } from '../shared/params.js';
import { AdjustCreditsRequest, BulkGrantCreditsRequest, GrantCreditsRequest } from './credit-admin.request.js';
import {
  AdminCreditsResponse,
  adminCreditsResponse,
  BulkCreditGrantResponse,
  bulkCreditGrantResponse,
  CreditChangeResponse,
  creditChangeResponse,
} from './credit-admin.response.js';

const CAPPED =
  'Refused with `credit_grant_cap_exceeded` above what can be given at once, or by one operator on one day (UTC). ' +
  'Send an Idempotency-Key: without one, a repeat gives again.';

const EVERYTHING = { type: null, direction: null, from: null, to: null };
const NEWEST = { limit: 10, offset: 0 };

/** An operator's deeds on credit. Each leaves an audit entry with the operator's id and reason. */
@injectable()
export class CreditAdminController implements Controller {
  constructor(
    private readonly users: UserRepository,
    private readonly getBalance: GetCreditBalance,
    private readonly getSummary: GetCreditSummary,
    private readonly listTransactions: ListCreditTransactions,
    private readonly grant: AdminCreditGrant,
    private readonly adjustment: CreditAdjustment,
    private readonly bulkGrant: BulkCreditGrant,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/admin/users/:id/credits',
      tag: 'admin',
      summary: 'See the credit of a user: what is there, what it is made of, and the newest entries',
      access: 'admin',
      answer: AdminCreditsResponse,
      refusals: ['not_found'],
      handle: async (call) => {
        const { id } = await this.users.get(idParam(call, UserNotFound));
        const balance = await this.getBalance.execute(id);
        const summary = await this.getSummary.execute(id, EVERYTHING);
        const { items: newest } = await this.listTransactions.execute(id, EVERYTHING, NEWEST);
        return adminCreditsResponse(id, balance, summary, newest);
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/admin/users/:id/credits/grant',
      tag: 'admin',
      summary: 'Give credit to a user',
      description: CAPPED,
      access: 'admin',
      body: GrantCreditsRequest,
      answer: CreditChangeResponse,
      refusals: ['not_found', 'invalid', 'forbidden'],
      handle: async (call) => {
        const operator = { actor: call.caller.userId, reason: call.body.reason };
        return creditChangeResponse(
          await this.grant.execute(idParam(call, UserNotFound), givenCredit(call.body), operator),
        );
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/admin/users/:id/credits/adjust',
      tag: 'admin',
      summary: 'Correct the credit of a user, up or down',
      description: `Only what is free can be taken: 402 \`insufficient_credits\` otherwise. ${CAPPED}`,
      access: 'admin',
      body: AdjustCreditsRequest,
      answer: CreditChangeResponse,
      refusals: ['not_found', 'invalid', 'forbidden', 'payment_required'],
      handle: async (call) => {
        const { credits, reason } = call.body;
        const operator = { actor: call.caller.userId, reason };
        return creditChangeResponse(
          await this.adjustment.execute(idParam(call, UserNotFound), moneyOfCredits(credits), operator),
        );
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/admin/credits/bulk-grant',
      tag: 'admin',
      summary: 'Give the same credit to each of many users, to all of them or to none',
      description: `The sum is what the caps compare. ${CAPPED}`,
      access: 'admin',
      body: BulkGrantCreditsRequest,
      answer: BulkCreditGrantResponse,
      refusals: ['not_found', 'invalid', 'forbidden'],
      handle: async ({ caller, body }) => {
        const operator = { actor: caller.userId, reason: body.reason };
        return bulkCreditGrantResponse(
          await this.bulkGrant.execute(body.user_ids.map(userIdOf), givenCredit(body), operator),
        );
      },
    }),
  ];
}

function givenCredit({ credits, type, category, expires_at: expiresAt }: GrantCreditsRequest): GivenCredit {
  return { amount: moneyOfCredits(credits), type, category, expiresAt: expiresAt ? new Date(expiresAt) : null };
}

function userIdOf(text: string): UserId {
  const id = findId<'User'>(text);
  if (id === null) throw new UserNotFound(text);
  return id;
}
