import type { BudgetStanding, Unaffordable } from '#domain/budgets/affordability';
import type { AlertLevel } from '#domain/budgets/alert-level';
import { type BudgetMode, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetExceeded } from '#domain/budgets/budget-ledger';
import { BudgetPeriod } from '#domain/budgets/budget-period';
import type { BudgetRules } from '#domain/budgets/budget-rules';
import type { Money } from '#domain/shared/money';
import { money } from '../persistence/money.js';

/** How the functions of migration 1764547200006 are called, and what they answer. */

/** The last two parameters of all of them. */
export function ruleValues({
  globalLimit,
  planLimits,
  microAllowance,
  version,
}: BudgetRules): readonly [object, string] {
  const plans = Object.fromEntries(Object.entries(planLimits).map(([plan, limit]) => [plan, limit.toNumber()]));
  const rules = { version, plans, global: globalLimit.toNumber(), micro_allowance: microAllowance.toNumber() };
  return [rules, version];
}

/** What hold_budget answers, beside others: the view only where somebody had to look. */
export interface BudgetHoldRow {
  readonly level: AlertLevel | null;
  readonly refused_by: string | null;
  readonly reason: Unaffordable | null;
  readonly limit_micros: string | null;
  readonly used_micros: string | null;
  readonly held_micros: string | null;
  readonly mode: BudgetMode | null;
  readonly visible: boolean | null;
  readonly period_start: Date | null;
  readonly period_end: Date | null;
}

/** The columns of a BudgetHoldRow. */
export const HOLD_COLUMNS = `level, refused_by, (view).reason, (view).limit_micros, (view).used_micros, (view).held_micros, (view).mode, (view).visible,
           (view).period_start, (view).period_end`;

/** Throws BudgetExceeded when a budget refused. */
export function mustBeHeld(row: BudgetHoldRow, cost: Money): AlertLevel {
  if (row.refused_by === null) return row.level!;
  const standing: BudgetStanding = {
    limit: money(row.limit_micros!),
    used: money(row.used_micros!),
    held: money(row.held_micros!),
    level: row.level!,
    mode: row.mode!,
  };
  const period = BudgetPeriod.of(row.period_start!, row.period_end!);
  const scope = row.refused_by === GLOBAL_BUDGET ? 'global' : 'user';
  const isTold = scope === 'user' && row.visible === true;
  throw new BudgetExceeded(scope, row.reason!, standing, period, cost, isTold);
}
