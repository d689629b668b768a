import { IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import type { Affordability } from '#application/budgets/get-affordability';
import type { BudgetAdvice } from '#application/budgets/get-budget-strategy';
import type { Role } from '#domain/accounts/role';
import { USUAL_BUFFER, type Unaffordable } from '#domain/budgets/affordability';
import { ALERT_LEVELS, type AlertLevel } from '#domain/budgets/alert-level';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import { BUDGET_STRATEGIES, type BudgetStrategy } from '#domain/budgets/budget-strategy';
import type { CostEstimate } from '#domain/budgets/cost-rates';
import { IsInstant } from '../shared/shapes.js';
import { BUDGET_SCOPES, type BudgetScope } from './budget.request.js';

export class BudgetStrategyResponse {
  @JSONSchema({
    description:
      'How providers are chosen now: `quality_first` at green and yellow, `balanced` at orange, `cheapest_first` at red, `emergency_only` at critical.',
  })
  @IsIn(BUDGET_STRATEGIES)
  strategy!: BudgetStrategy;
  @JSONSchema({ description: 'The worse of the levels of two budgets, the user’s and the global one.' })
  @IsIn(ALERT_LEVELS)
  alert_level!: AlertLevel;
  @JSONSchema({ description: 'Which of them decides. When both are at one level it is the user’s.' })
  @IsIn(BUDGET_SCOPES)
  decided_by!: BudgetScope;
  @JSONSchema({ description: 'Null when the question is about the global budget.' })
  @IsOptional()
  @IsIn(ALERT_LEVELS)
  user_alert_level!: AlertLevel | null;
  @JSONSchema({ description: 'For admins; null for everybody else.' })
  @IsOptional()
  @IsIn(ALERT_LEVELS)
  global_alert_level!: AlertLevel | null;
}

export function budgetStrategyResponse(advice: BudgetAdvice, role: Role): BudgetStrategyResponse {
  const { strategy, level, decidedBy, user, global } = advice;
  return {
    strategy,
    alert_level: level,
    decided_by: decidedBy,
    user_alert_level: user.level,
    global_alert_level: role === 'admin' ? global.level : null,
  };
}

export function globalStrategyResponse({ strategy, level }: BudgetStatus): BudgetStrategyResponse {
  return { strategy, alert_level: level, decided_by: 'global', user_alert_level: null, global_alert_level: level };
}

const ESTIMATE_BASES = [
  'model_price',
  'rate',
  'fallback',
  'minimal',
] as const satisfies readonly CostEstimate['basis'][];
const REASONS = ['budget_spent', 'too_dear_at_red', 'too_dear_at_critical'] as const satisfies readonly Unaffordable[];

export class CostEstimateResponse {
  @IsInt() estimated_cost_micros!: number;
  @IsString() provider!: string;
  @IsString() model!: string;
  @IsString() service_type!: string;
  @JSONSchema({ description: 'In and out; zero for what is not counted in tokens.' })
  @IsInt()
  tokens_estimated!: number;
  @JSONSchema({
    description:
      'How sure it is: 0.9 for tokens of a known model, 0.85 for its minutes or characters, 0.5 for a guess, 0.1 for less.',
  })
  @IsNumber()
  confidence!: number;
  @JSONSchema({
    description:
      'By what: the price at which this service serves the model, a rate of the model, the default of its kind of service, or nothing at all.',
  })
  @IsIn(ESTIMATE_BASES)
  basis!: CostEstimate['basis'];
  @JSONSchema({ description: 'Where the price was read.' }) @IsOptional() @IsString() rate_source!: string | null;
  @IsOptional() @IsInstant() rate_effective_from!: string | null;
  @JSONSchema({ description: 'Whether it fits your budget and that of this service as they are now. Nothing is held.' })
  @IsBoolean()
  affordable!: boolean;
  @JSONSchema({ description: 'Why it is not; null when it is.' })
  @IsOptional()
  @IsIn(REASONS)
  unaffordable_reason!: Unaffordable | null;
  @JSONSchema({ description: 'Whose budget it does not fit.' })
  @IsOptional()
  @IsIn(BUDGET_SCOPES)
  refused_by!: BudgetScope | null;
  @JSONSchema({
    description: `What is compared with the budget: the cost and \`buffer_basis_points\` of it, ${USUAL_BUFFER} unless given.`,
  })
  @IsInt()
  cost_with_buffer_micros!: number;
  @JSONSchema({ description: 'Of your budget; null, like the next two, when it is not shown to you.' })
  @IsOptional()
  @IsIn(ALERT_LEVELS)
  alert_level!: AlertLevel | null;
  @IsOptional() @IsInt() remaining_budget_micros!: number | null;
  @IsOptional() @IsInt() available_micros!: number | null;
}

/** The figures of the global budget are the operator's, and those of a hidden one nobody's. */
export function costEstimateResponse(
  { cost, provider, model, service, tokens, confidence, basis, rate }: CostEstimate,
  { affordable, reason, refusedBy, padded, user }: Affordability,
  role: Role,
): CostEstimateResponse {
  const shown = role === 'admin' || user.budget.permissions.visible ? user : null;
  return {
    estimated_cost_micros: cost.toNumber(),
    provider,
    model,
    service_type: service,
    tokens_estimated: tokens,
    confidence,
    basis,
    rate_source: rate?.source ?? null,
    rate_effective_from: rate?.effectiveFrom.toISOString() ?? null,
    affordable,
    unaffordable_reason: reason,
    refused_by: refusedBy,
    cost_with_buffer_micros: padded.toNumber(),
    alert_level: shown?.level ?? null,
    remaining_budget_micros: shown?.remaining.toNumber() ?? null,
    available_micros: shown?.available.toNumber() ?? null,
  };
}
