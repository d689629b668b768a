import type { UserId } from '#domain/accounts/user';
import type { AlertLevel } from '#domain/budgets/alert-level';
import type { Budget, BudgetId } from '#domain/budgets/budget';
import type { AlertKind } from '#domain/budgets/budget-alert';
import type { BudgetDemand, ProviderSpend } from '#domain/budgets/budget-ledger';
import type { BudgetRules } from '#domain/budgets/budget-rules';
import type { ManualClock } from '#test/support/fakes/manual-clock';

/** Where a budget stands in the period of now, in micro-USD. */
export interface KeptState {
  readonly id: BudgetId;
  readonly used: bigint;
  readonly estimated: bigint;
  readonly held: bigint;
  readonly alerts: readonly string[];
}

/** A budget ledger, and what a test must do to it and see of it beside. Each deed is a transaction of its own. */
export interface BudgetBooks {
  readonly clock: ManualClock;
  hold(demand: BudgetDemand): Promise<AlertLevel>;
  /** With the entry of the log that the spend is counted from. */
  settle(spend: ProviderSpend): Promise<void>;
  release(userId: UserId, requestId: string): Promise<void>;
  configure(budget: Budget): Promise<void>;
  givePlan(userId: UserId, plan: string): Promise<void>;
  /** As after a restart with other settings. */
  obey(rules: BudgetRules): void;
  /** As it stands now; alerts of the periods that begin from a moment on, in a lasting order: "start kind". */
  stateOf(ids: readonly BudgetId[], from: Date): Promise<readonly KeptState[]>;
}

export const alertText = (start: Date, kind: AlertKind): string => `${start.toISOString()} ${kind}`;
