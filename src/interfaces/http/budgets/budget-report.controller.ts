import { injectable } from 'inversify';
import { GetBudgetBreakdown } from '#application/budgets/get-budget-breakdown';
import { GetBudgetRecommendations } from '#application/budgets/get-budget-recommendations';
import { GetBudgetStatus } from '#application/budgets/get-budget-status';
import { GetBudgetStrategy } from '#application/budgets/get-budget-strategy';
import { ListBudgetAlerts } from '#application/budgets/list-budget-alerts';
import { ListBudgetHistory } from '#application/budgets/list-budget-history';
import { Controller, operation } from '../shared/operation.js';
import { pageResponse } from '../shared/page.js';
import { chosenStatus } from './budget-access.js';
import { BudgetStrategyResponse, budgetStrategyResponse, globalStrategyResponse } from './budget-advice.response.js';
import { BudgetAlertListResponse, budgetAlertResponse } from './budget-alert.response.js';
import {
  BudgetBreakdownResponse,
  budgetBreakdownResponse,
  BudgetHistoryResponse,
  BudgetRecommendationListResponse,
  budgetRecommendationsResponse,
  pastBudgetPeriodResponse,
} from './budget-report.response.js';
import { BudgetPageQuery, BudgetQuery } from './budget.request.js';

/** What became of provider money, and what could be done about it. */
@injectable()
export class BudgetReportController implements Controller {
  constructor(
    private readonly getStatus: GetBudgetStatus,
    private readonly getBreakdown: GetBudgetBreakdown,
    private readonly getRecommendations: GetBudgetRecommendations,
    private readonly getStrategy: GetBudgetStrategy,
    private readonly listHistory: ListBudgetHistory,
    private readonly listAlerts: ListBudgetAlerts,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/budget/usage/breakdown',
      tag: 'budget',
      summary: 'See what provider money was spent on in this period',
      access: 'user',
      page: true,
      query: BudgetQuery,
      answer: BudgetBreakdownResponse,
      refusals: ['forbidden', 'not_found'],
      handle: async ({ caller, query }) => {
        const status = await chosenStatus(this.getStatus, caller, query);
        return budgetBreakdownResponse(status, await this.getBreakdown.execute(status.budget.id));
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/budget/history',
      tag: 'budget',
      summary: 'List the periods that are over, and who ended them early, newest first',
      access: 'user',
      query: BudgetPageQuery,
      answer: BudgetHistoryResponse,
      refusals: ['forbidden', 'not_found'],
      handle: async ({ caller, query }) => {
        const { budget } = await chosenStatus(this.getStatus, caller, query);
        return pageResponse(await this.listHistory.execute(budget.id, query), query, pastBudgetPeriodResponse);
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/budget/alerts',
      tag: 'budget',
      summary: 'List the alerts of a budget, newest first',
      description: 'Each level is told once for a period.',
      access: 'user',
      page: true,
      query: BudgetPageQuery,
      answer: BudgetAlertListResponse,
      refusals: ['forbidden', 'not_found'],
      handle: async ({ caller, query }) => {
        const { budget } = await chosenStatus(this.getStatus, caller, query);
        return pageResponse(await this.listAlerts.execute(budget.id, query), query, budgetAlertResponse);
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/budget/recommendations',
      tag: 'budget',
      summary: 'See how provider money could be saved, with the figures that say so',
      access: 'user',
      page: true,
      query: BudgetQuery,
      answer: BudgetRecommendationListResponse,
      refusals: ['forbidden', 'not_found'],
      handle: async ({ caller, query }) => {
        const { budget } = await chosenStatus(this.getStatus, caller, query);
        return budgetRecommendationsResponse(await this.getRecommendations.execute(budget.id));
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/budget/strategy',
      tag: 'budget',
      summary: 'See how providers are chosen now, and which budget says so',
      access: 'user',
      query: BudgetQuery,
      answer: BudgetStrategyResponse,
      refusals: ['forbidden', 'not_found'],
      handle: async ({ caller, query }) => {
        const status = await chosenStatus(this.getStatus, caller, query);
        const { userId } = status.budget;
        if (userId === null) return globalStrategyResponse(status);
        return budgetStrategyResponse(await this.getStrategy.execute(userId), caller.role);
      },
    }),
  ];
}
