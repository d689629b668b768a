import type { UserId } from '../accounts/user.js';
import type { Id } from '../shared/id.js';
import type { Money } from '../shared/money.js';
import type { AlertLevel } from './alert-level.js';
import { type BudgetId, userOfBudget } from './budget.js';
import type { BudgetPeriod, Cadence } from './budget-period.js';

export type BudgetAlertId = Id<'BudgetAlert'>;

/** What set it off: a level that was reached, or a pace that will not last to the end of the period. */
export const ALERT_KINDS = ['orange', 'red', 'critical', 'forecast'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number] & (AlertLevel | 'forecast');

export type AlertSeverity = 'info' | 'warning' | 'critical';

const TOLD: Readonly<
  Record<AlertKind, { readonly severity: AlertSeverity; readonly title: string; readonly actionRequired: boolean }>
> = {
  orange: { severity: 'info', title: 'Budget Watch', actionRequired: false },
  red: { severity: 'warning', title: 'Budget Almost Exhausted', actionRequired: true },
  critical: { severity: 'critical', title: 'Budget Exceeded', actionRequired: true },
  forecast: { severity: 'warning', title: 'Budget Forecast', actionRequired: false },
};

/** Told once for a budget, a period and a kind, in the transaction of the spend that set it off. */
export class BudgetAlert {
  constructor(
    readonly id: BudgetAlertId,
    readonly budgetId: BudgetId,
    readonly period: BudgetPeriod,
    readonly cadence: Cadence,
    readonly kind: AlertKind,
    /** As they were when it was set off. */
    readonly limit: Money,
    readonly used: Money,
    readonly projected: Money,
    readonly at: Date,
  ) {}

  /** Whose budget it is of: null for the global one. */
  get userId(): UserId | null {
    return userOfBudget(this.budgetId);
  }

  get severity(): AlertSeverity {
    return TOLD[this.kind].severity;
  }

  get title(): string {
    return TOLD[this.kind].title;
  }

  get actionRequired(): boolean {
    return TOLD[this.kind].actionRequired;
  }

  get message(): string {
    const { kind, limit, used, projected, period, cadence } = this;
    const budget = budgetName(cadence);
    if (kind === 'critical') return `You've exceeded your ${budget} by $${dollars(used.minus(limit))}`;
    if (kind === 'forecast') {
      return `At this pace you will have spent $${dollars(projected)} of $${dollars(limit)} by ${period.end.toISOString()}`;
    }
    return `You've used ${percent(used, limit)}% of your ${budget}`;
  }
}

/** As people are told of it. */
export function budgetName(cadence: Cadence): string {
  return cadence === 'custom' ? 'budget' : `${cadence} budget`;
}

/** To the cent, rounded half up. */
export function dollars(amount: Money): string {
  const cents = amount.timesRoundedHalfUp(1n, 10_000n).micros;
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}

/** To a tenth of a percent, rounded half up. */
export function percent(part: Money, whole: Money): string {
  const tenths = whole.isZero ? 1000n : part.timesRoundedHalfUp(1000n, whole.micros).micros;
  return `${tenths / 10n}.${tenths % 10n}`;
}
