import type { UserId } from '#domain/accounts/user';
import type { BudgetId } from '#domain/budgets/budget';
import type { ServiceType } from '#domain/budgets/budget-ledger';
import type { BudgetPeriod } from '#domain/budgets/budget-period';
import type { Money } from '#domain/shared/money';

/** A part of what was spent. */
export interface BudgetSlice {
  readonly cost: Money;
  /** The part of it that no provider reported. */
  readonly estimated: Money;
  readonly requests: number;
  /** In and out; zero for what is not counted in tokens. */
  readonly tokens: number;
}

export interface NamedSlice extends BudgetSlice {
  readonly name: string;
}

/** One day, UTC: YYYY-MM-DD. */
export interface DaySlice extends BudgetSlice {
  readonly date: string;
}

/** One operation that provider money was spent on. */
export interface SpendEntry {
  readonly id: string;
  readonly at: Date;
  /** Null when it is nobody's. */
  readonly userId: UserId | null;
  readonly service: ServiceType;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly cost: Money;
  readonly isEstimate: boolean;
  readonly tokens: number;
  /** Which log it stands in: of the gateway, of sessions, or of reports from outside. */
  readonly source: 'ai' | 'session' | 'report';
}

/** Where the money of one period went. Every division adds up to the total. */
export interface SpendShares {
  readonly total: BudgetSlice;
  /** The dearest first, like the next two. */
  readonly byProvider: readonly NamedSlice[];
  readonly byService: readonly NamedSlice[];
  /** By `provider/model`; a provider has no slash in its name. */
  readonly byModel: readonly NamedSlice[];
  /** Days on which something was asked for, oldest first. */
  readonly byDay: readonly DaySlice[];
  /** The ten dearest operations, the dearest first. */
  readonly dearest: readonly SpendEntry[];
}

/** Provider money read for people. Reads only, nothing is ever decided by it, and its cost does not grow with the logs. */
export abstract class BudgetReport {
  /** All of it as of one instant. */
  abstract sharesOf(id: BudgetId, period: BudgetPeriod): Promise<SpendShares>;
}
