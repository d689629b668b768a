import type { UserId } from '../accounts/user.js';
import { DomainException, InvalidValue } from '../shared/domain-exception.js';
import type { Id } from '../shared/id.js';
import { Money } from '../shared/money.js';
import { Thresholds } from './alert-level.js';
import { BudgetPeriod, type BudgetSchedule, type Cadence } from './budget-period.js';

/** A user's budget has the user's id. */
export type BudgetId = Id<'Budget'>;

/** The operator's own budget, that all provider money counts in. */
export const GLOBAL_BUDGET = '00000000-0000-0000-0000-000000000000' as BudgetId;

export const budgetOf = (userId: UserId): BudgetId => userId as string as BudgetId;

/** Null for the global one. */
export const userOfBudget = (id: BudgetId): UserId | null => (id === GLOBAL_BUDGET ? null : (id as string as UserId));

/** `alert_only` tells and lets pass; `block` refuses; `fallback` tries the cheapest provider that fits, and refuses when none does. */
export const BUDGET_MODES = ['alert_only', 'block', 'fallback'] as const;
export type BudgetMode = (typeof BUDGET_MODES)[number];

/** What its user may do with a budget; admins may do all of it. */
export interface BudgetPermissions {
  readonly visible: boolean;
  readonly canModify: boolean;
  readonly canReset: boolean;
}

export const MOST_USD = 10_000;
const MOST = Money.ofMicros(BigInt(MOST_USD) * 1_000_000n);

/** What stands in a budget before anybody configures it. */
const UNCONFIGURED = {
  limit: null,
  schedule: { cadence: 'monthly', customDays: null, anchor: null },
  thresholds: Thresholds.usual,
  mode: 'block',
  permissions: { visible: true, canModify: false, canReset: false },
  notes: null,
  configuredBy: null,
} as const;

/** What a change may name; what is absent stays as it is. */
export interface BudgetChanges {
  /** Null takes the configured limit away, so that the plan's, or the operator's setting, counts again. */
  readonly limit?: Money | null;
  readonly cadence?: Cadence;
  readonly customDays?: number;
  readonly yellow?: number;
  readonly orange?: number;
  readonly red?: number;
  readonly mode?: BudgetMode;
  readonly visible?: boolean;
  readonly canModify?: boolean;
  readonly canReset?: boolean;
  readonly notes?: string | null;
}

/** How much provider money may be spent in a period, what happens near the end of it, and who may change that. */
export class Budget {
  constructor(
    readonly id: BudgetId,
    /** Null: the plan's monthly budget of a user, and the operator's setting for the global one. */
    readonly limit: Money | null,
    readonly schedule: BudgetSchedule,
    readonly thresholds: Thresholds,
    readonly mode: BudgetMode,
    readonly permissions: BudgetPermissions,
    readonly notes: string | null,
    readonly configuredBy: string | null,
  ) {}

  static unconfigured(id: BudgetId): Budget {
    const { limit, schedule, thresholds, mode, permissions, notes, configuredBy } = UNCONFIGURED;
    return new Budget(id, limit, schedule, thresholds, mode, permissions, notes, configuredBy);
  }

  get isGlobal(): boolean {
    return this.id === GLOBAL_BUDGET;
  }

  /** Null for the global one. */
  get userId(): UserId | null {
    return userOfBudget(this.id);
  }

  periodAt(at: Date): BudgetPeriod {
    return BudgetPeriod.containing(at, this.schedule);
  }

  /**
   * With the changes, valid as a whole, or not at all. Another cadence begins a period at `now`: what was spent before does
   * not count in it. Throws InvalidValue.
   */
  changed(changes: BudgetChanges, by: string, now: Date): Budget {
    const cadence = changes.cadence ?? this.schedule.cadence;
    const customDays = cadence === 'custom' ? (changes.customDays ?? this.schedule.customDays) : null;
    if (cadence !== 'custom' && changes.customDays !== undefined) {
      throw new InvalidValue('invalid_budget_period', 'custom_period_days goes with budget_period "custom" alone.', {
        budget_period: cadence,
      });
    }
    if (cadence === 'custom' && !isDays(customDays)) {
      throw new InvalidValue('invalid_budget_period', 'A custom period has 1 to 365 whole custom_period_days.', {
        custom_period_days: customDays,
      });
    }
    const limit = changes.limit === undefined ? this.limit : changes.limit;
    if (limit !== null && (limit.isLessThan(Money.zero) || MOST.isLessThan(limit))) {
      throw new InvalidValue('invalid_budget_limit', `A budget is 0 to ${MOST_USD} USD.`, {
        limit_micros: limit.micros.toString(),
      });
    }
    if (limit === null && cadence !== 'monthly') {
      throw new InvalidValue(
        'budget_limit_required',
        'Plans have a monthly budget: give a limit for any other period.',
        { budget_period: cadence },
      );
    }
    const { thresholds: before, permissions } = this;
    const thresholds = Thresholds.of(
      changes.yellow ?? before.yellow,
      changes.orange ?? before.orange,
      changes.red ?? before.red,
    );
    const isSameSchedule = cadence === this.schedule.cadence && customDays === this.schedule.customDays;
    return new Budget(
      this.id,
      limit,
      isSameSchedule ? this.schedule : { cadence, customDays, anchor: now },
      thresholds,
      changes.mode ?? this.mode,
      {
        visible: changes.visible ?? permissions.visible,
        canModify: changes.canModify ?? permissions.canModify,
        canReset: changes.canReset ?? permissions.canReset,
      },
      changes.notes === undefined ? this.notes : changes.notes,
      by,
    );
  }

  /** A period that begins at `now`. Nothing that was spent is forgotten: it counts in the period before. */
  reset(now: Date): Budget {
    const { id, limit, schedule, thresholds, mode, permissions, notes, configuredBy } = this;
    return new Budget(id, limit, { ...schedule, anchor: now }, thresholds, mode, permissions, notes, configuredBy);
  }
}

function isDays(days: number | null): boolean {
  return days !== null && Number.isInteger(days) && days >= 1 && days <= 365;
}

/** A user whom an operator did not allow it. */
export class BudgetForbidden extends DomainException {
  constructor(deed: 'view' | 'modify' | 'reset') {
    const messages = {
      view: 'Budget visibility is disabled for your account. Contact an administrator.',
      modify: 'You may not change this budget. Contact an administrator.',
      reset: 'You may not reset this budget. Contact an administrator.',
    };
    super(`budget_${deed}_forbidden`, messages[deed]);
  }
}
