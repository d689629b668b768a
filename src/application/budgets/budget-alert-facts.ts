import { GLOBAL_BUDGET } from '#domain/budgets/budget';
import { type BudgetAlert, percent } from '#domain/budgets/budget-alert';
import type { UserId } from '#domain/accounts/user';
import type { Fact } from '#domain/shared/domain-exception';
import { Money } from '#domain/shared/money';

/** Whose budget an alert is of: null for the global one. */
export function userOf({ budgetId }: BudgetAlert): UserId | null {
  return budgetId === GLOBAL_BUDGET ? null : (budgetId as string as UserId);
}

/** All figures of an alert, as the outside reads them. */
export function alertFacts(alert: BudgetAlert): Readonly<Record<string, Fact>> {
  const { id, period, cadence, kind, severity, actionRequired, limit, used, projected, at } = alert;
  const userId = userOf(alert);
  const left = limit.minus(used);
  return {
    alert_id: id,
    budget: userId === null ? 'global' : 'user',
    user_id: userId,
    kind,
    severity,
    action_required: actionRequired,
    limit_micros: limit.toNumber(),
    used_micros: used.toNumber(),
    remaining_micros: (left.isPositive ? left : Money.zero).toNumber(),
    projected_micros: projected.toNumber(),
    percentage_used: Number(percent(used, limit)),
    budget_period: cadence,
    period_start: period.start.toISOString(),
    resets_at: period.end.toISOString(),
    at: at.toISOString(),
  };
}
