import type { BudgetId } from '#domain/budgets/budget';
import { dollars } from '#domain/budgets/budget-alert';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import type { Money } from '#domain/shared/money';
import { type Answer, type Facts, changes, difference, fields } from '../shared/answer.js';

/** A budget, and what to call it. */
export interface NamedBudget {
  readonly id: BudgetId;
  /** Null of the global one. */
  readonly email: string | null;
}

export function budgetShown(named: NamedBudget, status: BudgetStatus): Answer {
  const { budget, limit, spend, period } = status;
  const { thresholds, permissions } = budget;
  const allowed = [
    permissions.visible ? 'see it' : '',
    permissions.canModify ? 'configure it' : '',
    permissions.canReset ? 'reset it' : '',
  ].filter(Boolean);
  return {
    json: { ...ownerJson(named), ...standingJson(status), ...settingsJson(status) },
    text: fields([
      ['budget', nameOf(named)],
      ['limit', `${usd(limit)} ${cadenceOf(status)}${budget.limit === null ? `, ${unconfigured(status)}` : ''}`],
      ['used', `${usd(spend.used)} (${percentUsed(status).toFixed(2)} %), of it estimated ${usd(spend.estimated)}`],
      ['held', usd(spend.held)],
      ['remaining', `${usd(status.remaining)}, not held ${usd(status.available)}`],
      ['level', `${status.level}${status.isOver ? ', over budget' : ''}`],
      ['strategy', status.strategy],
      ['projected', usd(status.projected)],
      ['period', `${period.start.toISOString()} to ${period.end.toISOString()}, ${status.daysRemaining} days left`],
      ['mode', budget.mode],
      ['thresholds', `yellow ${thresholds.yellow} %, orange ${thresholds.orange} %, red ${thresholds.red} %`],
      ...(budget.isGlobal ? [] : ([['its user may', allowed.join(', ') || 'do nothing with it']] as const)),
      ['notes', budget.notes ?? 'none'],
      ['configured by', budget.configuredBy ?? 'nobody'],
    ]),
  };
}

export function budgetConfigured(
  named: NamedBudget,
  before: BudgetStatus,
  after: BudgetStatus,
  dryRun: boolean,
): Answer {
  const [was, is] = [changeable(before), changeable(after)];
  const lines = difference(readable(before), readable(after));
  const changed = Object.keys(changes(was, is)).length > 0;
  const name = nameOf(named);
  return {
    json: {
      dry_run: dryRun,
      changed,
      ...ownerJson(named),
      changes: changes(was, is),
      budget: changeable(dryRun ? before : after),
    },
    text: changed
      ? `${dryRun ? 'Would configure' : 'Configured'} ${name}:\n${lines}`
      : `${name} is so already: nothing to change.`,
    note: dryRun && changed ? 'Nothing was changed.' : undefined,
  };
}

export function budgetReset(named: NamedBudget, before: BudgetStatus, after: BudgetStatus, dryRun: boolean): Answer {
  return {
    json: {
      dry_run: dryRun,
      changed: true,
      ...ownerJson(named),
      before: standingJson(before),
      after: standingJson(after),
    },
    text: `${dryRun ? 'Would reset' : 'Reset'} ${nameOf(named)}:\n${difference(standingText(before), standingText(after))}`,
    note: dryRun ? 'Nothing was changed.' : undefined,
  };
}

function ownerJson({ id, email }: NamedBudget): Facts {
  return email === null ? { scope: 'global', user_id: null, email } : { scope: 'user', user_id: id, email };
}

function nameOf({ email }: NamedBudget): string {
  return email === null ? 'the global budget' : `the budget of ${email}`;
}

/** The figures, by the names of the HTTP answers. */
function standingJson(status: BudgetStatus): Facts {
  const { limit, spend, asOf } = status;
  return {
    total_budget_micros: limit.toNumber(),
    used_budget_micros: spend.used.toNumber(),
    estimated_micros: spend.estimated.toNumber(),
    held_micros: spend.held.toNumber(),
    remaining_budget_micros: status.remaining.toNumber(),
    available_micros: status.available.toNumber(),
    percentage_used: percentUsed(status),
    alert_level: status.level,
    strategy: status.strategy,
    days_remaining: status.daysRemaining,
    projected_cost_micros: status.projected.toNumber(),
    is_over_budget: status.isOver,
    ...periodJson(status),
    as_of: asOf.toISOString(),
  };
}

function settingsJson(status: BudgetStatus): Facts {
  const { limit, configuredBy } = status.budget;
  return { limit_micros: limit?.toNumber() ?? null, ...rulesJson(status), configured_by: configuredBy };
}

function rulesJson({ budget }: BudgetStatus): Facts {
  const { schedule, thresholds, mode, permissions, notes } = budget;
  return {
    budget_period: schedule.cadence,
    custom_period_days: schedule.customDays,
    mode,
    alert_threshold_yellow: thresholds.yellow,
    alert_threshold_orange: thresholds.orange,
    alert_threshold_red: thresholds.red,
    visible: permissions.visible,
    can_modify: permissions.canModify,
    can_reset: permissions.canReset,
    admin_notes: notes,
  };
}

/** What an operator configures, and what follows from it at once. Who did it is no change of its own. */
function changeable(status: BudgetStatus): Facts {
  const { limit, level, budget } = status;
  return {
    limit_micros: budget.limit?.toNumber() ?? null,
    total_budget_micros: limit.toNumber(),
    ...rulesJson(status),
    alert_level: level,
    ...periodJson(status),
  };
}

/** The same for people: money in dollars. */
function readable(status: BudgetStatus): Facts {
  const { limit, level, budget } = status;
  return {
    limit: budget.limit === null ? `${usd(limit)} (${unconfigured(status)})` : usd(limit),
    ...rulesJson(status),
    alert_level: level,
    ...periodJson(status),
  };
}

function periodJson({ period }: BudgetStatus): Facts {
  return { period_start: period.start.toISOString(), period_end: period.end.toISOString() };
}

function standingText(status: BudgetStatus): Facts {
  const { limit, spend, level } = status;
  return {
    limit: usd(limit),
    used: usd(spend.used),
    held: usd(spend.held),
    level,
    ...periodJson(status),
  };
}

function percentUsed({ basisPointsUsed }: BudgetStatus): number {
  return Number(basisPointsUsed) / 100;
}

function unconfigured({ budget }: BudgetStatus): string {
  return budget.isGlobal ? 'as the server is set' : 'as the plan says';
}

function cadenceOf({ budget: { schedule } }: BudgetStatus): string {
  const { cadence, customDays } = schedule;
  return cadence === 'custom' ? `every ${customDays} days` : cadence;
}

function usd(amount: Money): string {
  return `${dollars(amount)} USD`;
}
