import { injectable } from 'inversify';
import { GetCurrentPlan } from '#application/plans/get-current-plan';
import { GetPlanComparison } from '#application/plans/get-plan-comparison';
import { LimitCheck } from '#application/plans/limit-check';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { Controller, operation } from '../shared/operation.js';
import { LimitCheckResponse, limitCheckResponse } from './limit-check.response.js';
import { LimitCheckRequest, limitedAction } from './plan.request.js';
import {
  CurrentPlanResponse,
  currentPlanResponse,
  PlanComparisonResponse,
  planComparisonResponse,
  PlanListResponse,
  planListResponse,
} from './plan.response.js';

/** What can be bought, what a user has, and whether it is enough. */
@injectable()
export class PlanController implements Controller {
  constructor(
    private readonly catalog: PlanCatalog,
    private readonly currentPlan: GetCurrentPlan,
    private readonly comparison: GetPlanComparison,
    private readonly limitCheck: LimitCheck,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/plans',
      tag: 'plans',
      summary: 'All plans, from the smallest to the largest',
      access: 'user',
      page: true,
      answer: PlanListResponse,
      handle: async () => planListResponse(this.catalog),
    }),
    operation({
      method: 'get',
      path: '/api/v1/plans/current',
      tag: 'plans',
      summary: 'The plan of the caller, and the period that its limits count in',
      access: 'user',
      page: true,
      answer: CurrentPlanResponse,
      refusals: ['unavailable'],
      handle: async ({ caller }) => currentPlanResponse(await this.currentPlan.execute(caller.userId)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/plans/compare',
      tag: 'plans',
      summary: 'Every plan against what the caller has really used',
      access: 'user',
      page: true,
      answer: PlanComparisonResponse,
      refusals: ['unavailable'],
      handle: async ({ caller }) => planComparisonResponse(await this.comparison.execute(caller.userId)),
    }),
    operation({
      method: 'post',
      path: '/api/v1/plans/validate-action',
      tag: 'plans',
      summary: 'Ask whether an action would be allowed now',
      description: 'Decided by the same rules and numbers as the action itself. Nothing is reserved by asking.',
      access: 'user',
      body: LimitCheckRequest,
      answer: LimitCheckResponse,
      refusals: ['invalid', 'unavailable'],
      handle: async ({ caller, body }) =>
        limitCheckResponse(await this.limitCheck.execute(caller.userId, limitedAction(body))),
    }),
  ];
}
