import type { Facts } from '../shared/domain-exception.js';
import type { Money } from '../shared/money.js';
import { budgetName, dollars, percent } from './budget-alert.js';
import type { BudgetStatus } from './budget-status.js';
import type { CheaperTarget } from './cheaper-target.js';

/** In the order in which they are given. */
export const RECOMMENDATION_TYPES = ['urgent', 'optimization', 'warning'] as const;
export type RecommendationType = (typeof RECOMMENDATION_TYPES)[number];

/** Advice that says what it rests on. */
export interface BudgetRecommendation {
  readonly type: RecommendationType;
  readonly title: string;
  readonly description: string;
  readonly action: string;
  readonly evidence: Facts;
  /** What the usage of this period so far would have cost less, by the prices in force. Null: there is no figure for it. */
  readonly savings: Money | null;
}

/** What one provider's model took of a period. */
export interface ModelShare {
  readonly provider: string;
  readonly model: string;
  readonly cost: Money;
  readonly requests: number;
  readonly tokens: number;
  /** Who serves the same for less; null for nobody. */
  readonly cheaper: CheaperTarget | null;
}

/** `dearest` is the model that took the largest share; null when nothing was spent. */
export function budgetRecommendations(
  status: BudgetStatus,
  dearest: ModelShare | null,
): readonly BudgetRecommendation[] {
  return [urgent(status), dearest && optimization(status, dearest), warning(status)].filter((one) => one !== null);
}

function urgent(status: BudgetStatus): BudgetRecommendation | null {
  const { budget, level, limit, spend, period } = status;
  if (level !== 'red' && level !== 'critical') return null;
  return {
    type: 'urgent',
    title: 'Budget Alert',
    description: `You've used ${percent(spend.used, limit)}% of your ${budgetName(budget.schedule.cadence)}`,
    action: 'Consider using cheaper models or reducing API calls',
    evidence: {
      alert_level: level,
      used_micros: spend.used.toNumber(),
      limit_micros: limit.toNumber(),
      resets_at: period.end.toISOString(),
    },
    savings: null,
  };
}

function optimization({ spend, period }: BudgetStatus, dearest: ModelShare): BudgetRecommendation | null {
  const { provider, model, cost, requests, tokens, cheaper } = dearest;
  if (cheaper === null) return null;
  const { current, target, route, mostCost } = cheaper;
  const savings = cost.minus(mostCost);
  if (!savings.isPositive) return null;
  const share = percent(cost, spend.used);
  return {
    type: 'optimization',
    title: 'Provider Optimization',
    description: `${provider} ${model} is your most expensive model: ${share}% of what was spent since ${period.start.toISOString()}`,
    action: `Use ${target.provider} ${target.model}, which serves ${route} too: the same would have cost at most $${dollars(mostCost)} instead of $${dollars(cost)}`,
    evidence: {
      provider,
      model,
      route,
      cost_micros: cost.toNumber(),
      used_micros: spend.used.toNumber(),
      requests,
      tokens,
      price_source: current.source,
      alternative_provider: target.provider,
      alternative_model: target.model,
      alternative_cost_micros: mostCost.toNumber(),
      alternative_price_source: target.source,
      alternative_price_since: target.effectiveFrom.toISOString(),
    },
    savings,
  };
}

function warning(status: BudgetStatus): BudgetRecommendation | null {
  const { limit, spend, period, projected, asOf } = status;
  if (projected.micros * 10n <= limit.micros * 11n) return null;
  return {
    type: 'warning',
    title: 'Budget Projection',
    description: `Projected ${costName(status)}: $${dollars(projected)}`,
    action: 'Reduce usage or switch to cheaper models',
    evidence: {
      projected_micros: projected.toNumber(),
      limit_micros: limit.toNumber(),
      used_micros: spend.used.toNumber(),
      days_elapsed: period.daysElapsedAt(asOf),
      days: period.days,
    },
    savings: null,
  };
}

function costName({ budget }: BudgetStatus): string {
  const { cadence } = budget.schedule;
  return cadence === 'custom' ? 'cost of the period' : `${cadence} cost`;
}
