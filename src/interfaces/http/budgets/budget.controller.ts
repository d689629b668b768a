import { injectable } from 'inversify';
import { BudgetConfiguration } from '#application/budgets/budget-configuration';
import { BudgetRestart } from '#application/budgets/budget-restart';
import { GetAffordability } from '#application/budgets/get-affordability';
import { GetBudgetStatus } from '#application/budgets/get-budget-status';
import { GetCostEstimate } from '#application/budgets/get-cost-estimate';
import { budgetOf } from '#domain/budgets/budget';
import { mustBeOfSomething } from '#domain/budgets/cost-rates';
import { Controller, operation } from '../shared/operation.js';
import { chosenStatus, mustAllow } from './budget-access.js';
import { CostEstimateResponse, costEstimateResponse } from './budget-advice.response.js';
import {
  BudgetQuery,
  BudgetResetRequest,
  BudgetSettingsRequest,
  CostEstimateRequest,
  settingsChanges,
} from './budget.request.js';
import {
  BudgetResetResponse,
  budgetResetResponse,
  BudgetSettingsResponse,
  budgetSettingsResponse,
  BudgetStatusResponse,
  budgetStatusResponse,
} from './budget.response.js';

/** Provider money that a user may spend: how it stands, and what the user may do about it. */
@injectable()
export class BudgetController implements Controller {
  constructor(
    private readonly getStatus: GetBudgetStatus,
    private readonly configuration: BudgetConfiguration,
    private readonly restart: BudgetRestart,
    private readonly getEstimate: GetCostEstimate,
    private readonly getAffordability: GetAffordability,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/budget/status',
      tag: 'budget',
      summary: 'See how much provider money is spent in this period, and how much is left',
      access: 'user',
      page: true,
      query: BudgetQuery,
      answer: BudgetStatusResponse,
      refusals: ['forbidden', 'not_found'],
      handle: async ({ caller, query }) => budgetStatusResponse(await chosenStatus(this.getStatus, caller, query)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/budget/settings',
      tag: 'budget',
      summary: 'See how a budget is configured',
      access: 'user',
      page: true,
      query: BudgetQuery,
      answer: BudgetSettingsResponse,
      refusals: ['forbidden', 'not_found'],
      handle: async ({ caller, query }) =>
        budgetSettingsResponse(await chosenStatus(this.getStatus, caller, query), caller.role),
    }),
    operation({
      method: 'put',
      path: '/api/v1/budget/settings',
      tag: 'budget',
      summary: 'Configure your own budget, if you may',
      description:
        'Only what is given changes, and it counts at once: valid as a whole, or not at all. 403 `budget_modify_forbidden` ' +
        'unless an admin allowed it.',
      access: 'user',
      page: true,
      body: BudgetSettingsRequest,
      answer: BudgetSettingsResponse,
      refusals: ['forbidden', 'invalid'],
      handle: async ({ caller: { userId, role }, body }) => {
        const id = budgetOf(userId);
        const { budget } = await this.getStatus.execute(id);
        // The answer has the figures.
        mustAllow('view', budget, role);
        mustAllow('modify', budget, role);
        const by = { actor: userId, reason: null };
        return budgetSettingsResponse(await this.configuration.execute(id, settingsChanges(body), by), role);
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/budget/reset',
      tag: 'budget',
      summary: 'Start a new period of your own budget now, if you may',
      description:
        'Nothing is removed: what was spent stays in the period that ends. 403 `budget_reset_forbidden` unless an admin allowed it.',
      access: 'user',
      page: true,
      body: BudgetResetRequest,
      answer: BudgetResetResponse,
      refusals: ['forbidden', 'invalid'],
      handle: async ({ caller: { userId, role }, body }) => {
        const id = budgetOf(userId);
        const { budget } = await this.getStatus.execute(id);
        // The answer has the figures.
        mustAllow('view', budget, role);
        mustAllow('reset', budget, role);
        const by = { actor: userId, reason: body.reason ?? 'Manual reset by user' };
        return budgetResetResponse(await this.restart.execute(id, by), 'Budget reset successfully');
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/budget/estimate',
      tag: 'budget',
      summary: 'Ask what work would cost, and whether that may be spent now',
      description:
        'Nothing is held and nothing recorded: until the work begins, others may spend what is left. 422 `no_quantity` without ' +
        'what the `service_type` is counted in: tokens for `llm`, minutes for `stt`, characters for `tts`. `confidence` is 0.9 or 0.85 by a ' +
        'price of the model, 0.5 by the default of the service, and 0.1 where not even that has a price.',
      access: 'user',
      body: CostEstimateRequest,
      answer: CostEstimateResponse,
      refusals: ['invalid'],
      handle: async ({ caller: { userId, role }, body }) => {
        const { provider, model, service_type: service, minutes, characters } = body;
        const question = {
          provider,
          model,
          service,
          inputTokens: body.input_tokens,
          outputTokens: body.output_tokens,
          minutes,
          characters,
        };
        mustBeOfSomething(question);
        const estimate = await this.getEstimate.execute(question);
        const fits = await this.getAffordability.execute(userId, estimate.cost, body.buffer_basis_points);
        return costEstimateResponse(estimate, fits, role);
      },
    }),
  ];
}
