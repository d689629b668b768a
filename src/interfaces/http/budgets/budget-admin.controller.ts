import { injectable } from 'inversify';
import { BudgetConfiguration } from '#application/budgets/budget-configuration';
import { BudgetRestart } from '#application/budgets/budget-restart';
import { ListUserBudgets } from '#application/budgets/list-user-budgets';
import { ProviderUsageRecord } from '#application/budgets/provider-usage-record';
import { Clock } from '#application/ports/clock';
import { GLOBAL_BUDGET } from '#domain/budgets/budget';
import { Controller, operation } from '../shared/operation.js';
import { PageQuery, pageResponse } from '../shared/page.js';
import { budgetOfUser } from './budget-access.js';
import {
  configurationChanges,
  configuredBudget,
  ConfigureBudgetRequest,
  reportedUsage,
  ReportUsageRequest,
} from './budget-admin.request.js';
import { ReportedUsageResponse, UserBudgetListResponse, userBudgetResponse } from './budget-admin.response.js';
import { BudgetResetRequest } from './budget.request.js';
import {
  BudgetResetResponse,
  budgetResetResponse,
  BudgetSettingsResponse,
  budgetSettingsResponse,
} from './budget.response.js';

const KEPT = 'Nothing is removed: what was spent stays in the period that ends.';

/** An operator's deeds on budgets. Each is kept with the operator's id, and the reason where one is given. */
@injectable()
export class BudgetAdminController implements Controller {
  constructor(
    private readonly listUserBudgets: ListUserBudgets,
    private readonly configuration: BudgetConfiguration,
    private readonly restart: BudgetRestart,
    private readonly usageRecord: ProviderUsageRecord,
    private readonly clock: Clock,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/budget/admin/users',
      tag: 'budget',
      summary: 'List the budgets of all users and how they stand, the newest user first',
      description: 'Of one user: `GET /api/v1/budget/status?user_id=…`; the global budget: `…?scope=global`.',
      access: 'admin',
      query: PageQuery,
      answer: UserBudgetListResponse,
      handle: async ({ query }) => pageResponse(await this.listUserBudgets.execute(query), query, userBudgetResponse),
    }),
    operation({
      method: 'put',
      path: '/api/v1/budget/admin/configure',
      tag: 'budget',
      summary: 'Configure the budget of a user, or the global one',
      description: 'Only what is given changes, and it counts at once: valid as a whole, or not at all.',
      access: 'admin',
      body: ConfigureBudgetRequest,
      answer: BudgetSettingsResponse,
      refusals: ['not_found', 'invalid'],
      handle: async ({ caller, body }) => {
        const by = { actor: caller.userId, reason: body.reason ?? null };
        const changes = configurationChanges(body);
        return budgetSettingsResponse(
          await this.configuration.execute(configuredBudget(body), changes, by),
          caller.role,
        );
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/budget/admin/reset/global',
      tag: 'budget',
      summary: 'Start a new period of the global budget now',
      description: KEPT,
      access: 'admin',
      body: BudgetResetRequest,
      answer: BudgetResetResponse,
      refusals: ['invalid'],
      handle: async ({ caller: { userId }, body }) => {
        const reset = await this.restart.execute(GLOBAL_BUDGET, byAdmin(userId, body));
        return budgetResetResponse(reset, 'Global budget reset successfully');
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/budget/admin/reset/:user_id',
      tag: 'budget',
      summary: 'Start a new period of a user’s budget now',
      description: KEPT,
      access: 'admin',
      body: BudgetResetRequest,
      answer: BudgetResetResponse,
      refusals: ['not_found', 'invalid'],
      handle: async ({ caller: { userId }, body, params }) => {
        const id = budgetOfUser(params.user_id ?? '');
        const reset = await this.restart.execute(id, byAdmin(userId, body));
        return budgetResetResponse(reset, `Budget of user ${id} reset successfully`);
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/budget/admin/usage',
      tag: 'budget',
      summary: 'Report provider money that was spent outside of this service',
      description:
        'It counts in the budget of its user and in the global one, and is never refused for what it costs: it is spent. ' +
        'Reported again with the same `request_id` for the same user, it changes nothing.',
      access: 'admin',
      body: ReportUsageRequest,
      answer: ReportedUsageResponse,
      refusals: ['not_found', 'invalid'],
      handle: async ({ caller, body }) => {
        const usage = reportedUsage(body, this.clock.now());
        const result = await this.usageRecord.execute(usage, caller.userId);
        return { result, user_id: usage.userId, request_id: usage.requestId };
      },
    }),
  ];
}

function byAdmin(userId: string, { reason }: BudgetResetRequest): { actor: string; reason: string } {
  return { actor: userId, reason: reason ?? `Manual reset by admin ${userId}` };
}
