import { injectable } from 'inversify';
import { BillingPeriodReset } from '#application/usage/billing-period-reset';
import { BillingPeriodResetUndo } from '#application/usage/billing-period-reset-undo';
import { UserNotFound } from '#domain/accounts/user-repository';
import { Controller, operation } from '../shared/operation.js';
import { idParam } from '../shared/params.js';
import { ResetPeriodRequest, UndoResetRequest } from './user-admin.request.js';
import { periodChangeResponse, PeriodChangeResponse } from './user-admin.response.js';

/** An operator starts a user's billing period anew, or takes that back. */
@injectable()
export class PeriodAdminController implements Controller {
  constructor(
    private readonly reset: BillingPeriodReset,
    private readonly undo: BillingPeriodResetUndo,
  ) {}

  readonly operations = [
    operation({
      method: 'post',
      path: '/api/v1/admin/users/:id/reset-period',
      tag: 'admin',
      summary: 'Start a new billing period for a user',
      description: 'What was used stays in the period that ends. The new start is the anchor of all that follow.',
      access: 'admin',
      body: ResetPeriodRequest,
      answer: PeriodChangeResponse,
      refusals: ['not_found', 'conflict', 'invalid'],
      handle: async (call) => {
        const { at, dry_run, reason } = call.body;
        return periodChangeResponse(
          await this.reset.execute({
            userId: idParam(call, UserNotFound),
            at: at ? new Date(at) : null,
            operator: { actor: call.caller.userId, reason },
            dryRun: dry_run,
          }),
        );
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/admin/users/:id/undo-reset-period',
      tag: 'admin',
      summary: 'Take the latest reset of a user back',
      description: 'Start and anchor are what they were, and what was used since counts in the period that had ended.',
      access: 'admin',
      body: UndoResetRequest,
      answer: PeriodChangeResponse,
      refusals: ['not_found', 'conflict'],
      handle: async (call) => {
        const { dry_run, reason } = call.body;
        const operator = { actor: call.caller.userId, reason };
        return periodChangeResponse(
          await this.undo.execute(idParam(call, UserNotFound), operator, { dryRun: dry_run }),
        );
      },
    }),
  ];
}
