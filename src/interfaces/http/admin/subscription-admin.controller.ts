import { injectable } from 'inversify';
import { GetSubscriptionTimeline } from '#application/billing/get-subscription-timeline';
import { OperatorCancellation } from '#application/billing/operator-cancellation';
import { UserNotFound } from '#domain/accounts/user-repository';
import { orWhenToRetry } from '../billing/busy.js';
import { SubscriptionResponse, subscriptionResponse } from '../billing/billing.response.js';
import { Controller, operation } from '../shared/operation.js';
import { PageQuery } from '../shared/page.js';
import { idParam } from '../shared/params.js';
import { CancelUserSubscriptionBody } from './user-admin.request.js';
import { SubscriptionTimelineResponse, subscriptionTimelineResponse } from './subscription-admin.response.js';

/** What an operator sees of a user's subscriptions. */
@injectable()
export class SubscriptionAdminController implements Controller {
  constructor(
    private readonly timeline: GetSubscriptionTimeline,
    private readonly cancellation: OperatorCancellation,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/admin/users/:id/subscription',
      tag: 'admin',
      summary: "Get a user's subscriptions, what happened to them, and their invoices",
      description: '`limit` and `offset` are those of the steps, and of the invoices.',
      access: 'admin',
      query: PageQuery,
      answer: SubscriptionTimelineResponse,
      refusals: ['not_found'],
      handle: async (call) =>
        subscriptionTimelineResponse(await this.timeline.execute(idParam(call, UserNotFound), call.query), call.query),
    }),
    operation({
      method: 'post',
      path: '/api/v1/admin/users/:id/subscription/cancel',
      tag: 'admin',
      summary: "End a user's subscription, with its period or at once",
      access: 'admin',
      body: CancelUserSubscriptionBody,
      answer: SubscriptionResponse,
      refusals: ['not_found', 'conflict', 'unavailable'],
      prepare: (call) =>
        orWhenToRetry(
          this.cancellation.execute(
            idParam(call, UserNotFound),
            call.body.when,
            { actor: call.caller.userId, reason: call.body.reason },
            call.request.get('Idempotency-Key') ?? null,
          ),
        ),
      handle: async ({ prepared }) => subscriptionResponse(prepared),
    }),
  ];
}
