import { type BudgetAlert, percent } from '#domain/budgets/budget-alert';
import type { Fact } from '#domain/shared/domain-exception';
import { Money } from '#domain/shared/money';

/** All figures of an alert, as the outside reads them. */
export function alertFacts(alert: BudgetAlert): Readonly<Record<string, Fact>> {
  const { id, userId, period, cadence, kind, severity, actionRequired, limit, used, projected, at } = alert;
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
