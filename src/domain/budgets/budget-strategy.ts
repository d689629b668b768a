import type { AlertLevel } from './alert-level.js';

/** In which order those who could serve a request are asked. */
export const BUDGET_STRATEGIES = ['quality_first', 'balanced', 'cheapest_first', 'emergency_only'] as const;
export type BudgetStrategy = (typeof BUDGET_STRATEGIES)[number];

const STRATEGY_AT: Readonly<Record<AlertLevel, BudgetStrategy>> = {
  green: 'quality_first',
  yellow: 'quality_first',
  orange: 'balanced',
  red: 'cheapest_first',
  critical: 'emergency_only',
};

/** The nearer a budget is to its end, the more the price decides. */
export function strategyAt(level: AlertLevel): BudgetStrategy {
  return STRATEGY_AT[level];
}
