import { injectable } from 'inversify';
import { GetHealthReport } from '#application/operations/get-health-report';
import { GetUserTimeline } from '#application/operations/get-user-timeline';
import { ListUserOverviews } from '#application/operations/list-user-overviews';
import { ListVerificationRuns } from '#application/operations/list-verification-runs';
import { VerificationRequest } from '#application/operations/verification-request';
import type { UserId } from '#domain/accounts/user';
import { UserNotFound } from '#domain/accounts/user-repository';
import { Controller, operation } from '../shared/operation.js';
import { PageQuery, pageResponse } from '../shared/page.js';
import { idParam } from '../shared/params.js';
import {
  HealthReportResponse,
  healthReportResponse,
  VerificationBegunResponse,
  VerificationRunListResponse,
  verificationRunResponse,
} from './operations.response.js';
import { UserOverviewQuery } from './user-overview.request.js';
import { UserOverviewListResponse, userOverviewResponse } from './user-overview.response.js';
import { timelineFilter, UserTimelineQuery } from './user-timeline.request.js';
import { UserTimelineResponse, userTimelineResponse } from './user-timeline.response.js';

/** What an operator looks at: all users, one user's line of time, the installation, and its books. */
@injectable()
export class OperationsController implements Controller {
  constructor(
    private readonly overviews: ListUserOverviews,
    private readonly timeline: GetUserTimeline,
    private readonly health: GetHealthReport,
    private readonly runs: ListVerificationRuns,
    private readonly verification: VerificationRequest,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/admin/overview/users',
      tag: 'admin',
      summary: 'List users with plan, subscription, usage, credit and budget',
      access: 'admin',
      page: true,
      query: UserOverviewQuery,
      answer: UserOverviewListResponse,
      handle: async ({ query }) => {
        const { search = null, order } = query;
        return pageResponse(await this.overviews.execute({ search, order }, query), query, userOverviewResponse);
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/admin/users/:id/timeline',
      tag: 'admin',
      summary: 'Get everything that happened to one user in one line of time, newest first',
      description: 'Entries of one instant are in the order of kind and id, so that each is on one page.',
      access: 'admin',
      page: true,
      query: UserTimelineQuery,
      answer: UserTimelineResponse,
      refusals: ['not_found', 'invalid'],
      handle: async (call) => {
        const userId: UserId = idParam(call, UserNotFound);
        return userTimelineResponse(userId, await this.timeline.execute(userId, timelineFilter(call.query)));
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/admin/doctor',
      tag: 'admin',
      summary: 'Look over the installation, as "minutebook doctor" does',
      access: 'admin',
      page: true,
      answer: HealthReportResponse,
      handle: async () => healthReportResponse(await this.health.execute()),
    }),
    operation({
      method: 'get',
      path: '/api/v1/admin/verification',
      tag: 'admin',
      summary: 'List the verifications of the books, newest first, with what they found',
      access: 'admin',
      page: true,
      query: PageQuery,
      answer: VerificationRunListResponse,
      handle: async ({ query }) => pageResponse(await this.runs.execute(query), query, verificationRunResponse),
    }),
    operation({
      method: 'post',
      path: '/api/v1/admin/verification',
      tag: 'admin',
      summary: 'Have a worker verify all books',
      description:
        'One runs at a time: 409 `verification_running` says since when. What it finds is in GET /api/v1/admin/verification.',
      access: 'admin',
      page: true,
      status: 202,
      answer: VerificationBegunResponse,
      refusals: ['conflict'],
      handle: async ({ caller }) => ({ id: await this.verification.execute(caller.userId) }),
    }),
  ];
}
