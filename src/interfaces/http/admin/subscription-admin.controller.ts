import { injectable } from 'inversify';
import { GetSubscriptionTimeline } from '#application/billing/get-subscription-timeline';
import { UserNotFound } from '#domain/accounts/user-repository';
import { Controller, operation } from '../shared/operation.js';
import { PageQuery } from '../shared/page.js';
import { idParam } from '../shared/params.js';
import { SubscriptionTimelineResponse, subscriptionTimelineResponse } from './subscription-admin.response.js';

/** What an operator sees of a user's subscriptions. */
@injectable()
export class SubscriptionAdminController implements Controller {
  constructor(private readonly timeline: GetSubscriptionTimeline) {}

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
  ];
}
