import type { User } from '#domain/accounts/user';
import type { BudgetStatus } from '#domain/budgets/budget-status';
import type { DunningState } from '#domain/billing/dunning';
import type { SubscriptionStatus } from '#domain/billing/subscription';
import type { Plan } from '#domain/plans/plan-catalog';
import type { Money } from '#domain/shared/money';
import type { Page, PageOf } from '#domain/shared/page';
import type { BillingPeriod } from '#domain/usage/billing-period';
import type { PeriodUsage } from '#domain/usage/period-usage';

/** `newest`: the last registered first. `spend`: who spent most provider money in the running period first. `email`: A to Z. */
export const OVERVIEW_ORDERS = ['newest', 'spend', 'email'] as const;
export type OverviewOrder = (typeof OVERVIEW_ORDERS)[number];

/** The subscription that counts for a user, as far as a list tells of it. */
export interface SubscriptionGlance {
  readonly status: SubscriptionStatus;
  readonly dunning: DunningState;
  readonly plan: string | null;
  readonly periodEnd: Date;
  readonly endsWithPeriod: boolean;
  /** Why an operator must look; null when nothing is wrong. */
  readonly review: string | null;
}

/** One user as a line of the operators' list. */
export interface UserOverview {
  readonly user: User;
  /** Null when the catalogue does not have the user's plan: then nothing has a limit that could be shown. */
  readonly plan: Plan | null;
  readonly period: BillingPeriod;
  readonly usage: PeriodUsage;
  /** As it stands in the account: what ran out and was not swept up yet is still in it. */
  readonly credit: { readonly balance: Money; readonly held: Money; readonly debt: Money };
  /** Null when nobody ever subscribed. */
  readonly subscription: SubscriptionGlance | null;
  /** Null without a plan whose limit would count. */
  readonly budget: BudgetStatus | null;
  /** When a device, a session, a transcription or an AI request of the user was last seen; null when none ever was. */
  readonly lastActiveAt: Date | null;
}

export interface OverviewFilter {
  /** A part of the e-mail address or the name; null is everybody. */
  readonly search: string | null;
  readonly order: OverviewOrder;
}

/** All users with how they stand, for the operators' list. */
export abstract class UserOverviews {
  /** As of `now`, in a fixed number of round trips however long the page is, and in an order that has no ties. */
  abstract list(filter: OverviewFilter, page: Page, now: Date): Promise<PageOf<UserOverview>>;
}
