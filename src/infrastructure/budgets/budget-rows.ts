import { Thresholds } from '#domain/budgets/alert-level';
import { Budget, type BudgetId, type BudgetMode } from '#domain/budgets/budget';
import { BudgetPeriod, type Cadence } from '#domain/budgets/budget-period';
import type { PastBudgetPeriod } from '#domain/budgets/budget-reset';
import type { BudgetSpend } from '#domain/budgets/budget-status';
import { money } from '../persistence/money.js';

/** A row of budgets. */
export interface BudgetRow {
  readonly id: BudgetId;
  readonly limit_micros: string | null;
  readonly cadence: Cadence;
  readonly custom_days: number | null;
  readonly anchor_at: Date | null;
  readonly yellow: number;
  readonly orange: number;
  readonly red: number;
  readonly mode: BudgetMode;
  readonly visible: boolean;
  readonly can_modify: boolean;
  readonly can_reset: boolean;
  readonly notes: string | null;
  readonly configured_by: string | null;
}

export const BUDGET_COLUMNS = [
  'id',
  'limit_micros',
  'cadence',
  'custom_days',
  'anchor_at',
  'yellow',
  'orange',
  'red',
  'mode',
  'visible',
  'can_modify',
  'can_reset',
  'notes',
  'configured_by',
] as const satisfies readonly (keyof BudgetRow)[];

export function budgetOfRow(row: BudgetRow): Budget {
  return new Budget(
    row.id,
    row.limit_micros === null ? null : money(row.limit_micros),
    { cadence: row.cadence, customDays: row.custom_days, anchor: row.anchor_at },
    Thresholds.of(row.yellow, row.orange, row.red),
    row.mode,
    { visible: row.visible, canModify: row.can_modify, canReset: row.can_reset },
    row.notes,
    row.configured_by,
  );
}

/** In the order of BUDGET_COLUMNS. */
export function valuesOfBudget(budget: Budget): readonly unknown[] {
  const { id, limit, schedule, thresholds, mode, permissions, notes, configuredBy } = budget;
  return [
    id,
    limit?.micros ?? null,
    schedule.cadence,
    schedule.customDays,
    schedule.anchor,
    thresholds.yellow,
    thresholds.orange,
    thresholds.red,
    mode,
    permissions.visible,
    permissions.canModify,
    permissions.canReset,
    notes,
    configuredBy,
  ];
}

/** How a budget stands: a row of budgets where somebody configured one, and what the current period came to. */
export interface StatusRow extends Omit<BudgetRow, 'id'> {
  readonly asked: BudgetId;
  readonly id: BudgetId | null;
  readonly plan: string | null;
  readonly period_start: Date;
  readonly period_end: Date;
  readonly used_micros: string;
  readonly estimated_micros: string;
  readonly held_micros: string;
}

export function budgetOfStatus({ asked, id, ...row }: StatusRow): Budget {
  return id === null ? Budget.unconfigured(asked) : budgetOfRow({ ...row, id });
}

export function spendOfStatus({ used_micros, estimated_micros, held_micros }: StatusRow): BudgetSpend {
  return { used: money(used_micros), estimated: money(estimated_micros), held: money(held_micros) };
}

export interface PastRow {
  readonly cause: PastBudgetPeriod['cause'];
  readonly period_start: Date;
  readonly period_end: Date;
  readonly limit_micros: string | null;
  readonly used_micros: string;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly new_end: Date | null;
}

export function pastOf(row: PastRow): PastBudgetPeriod {
  const { cause, period_start, period_end, limit_micros, used_micros, actor, reason, new_end } = row;
  return {
    cause,
    period: BudgetPeriod.of(period_start, period_end),
    limit: limit_micros === null ? null : money(limit_micros),
    used: money(used_micros),
    actor,
    reason,
    at: period_end,
    next: new_end === null ? null : BudgetPeriod.of(period_end, new_end),
  };
}
