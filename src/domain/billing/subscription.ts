import type { UserId } from '../accounts/user.js';
import type { PlanName } from '../plans/plan-name.js';
import type { Id } from '../shared/id.js';
import { BillingPeriod } from '../usage/billing-period.js';
import type { BillingCycle, SoldPlan } from './billing-cycle.js';
import { Dunning } from './dunning.js';

export type SubscriptionId = Id<'Subscription'>;

/** As Stripe has them (https://docs.stripe.com/api/subscriptions/object#subscription_object-status). */
export const SUBSCRIPTION_STATUSES = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'canceled',
  'paused',
] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

const ENDED: readonly SubscriptionStatus[] = ['canceled', 'incomplete_expired'];

export interface CardOnFile {
  readonly brand: string;
  readonly last4: string;
}

/** What a subscription will become at the end of its period. */
export interface PendingChange extends SoldPlan<PlanName> {
  readonly at: Date;
}

/** A subscription as its provider has it at one moment, in our words; instants are whole seconds. */
export interface SubscriptionSnapshot {
  readonly externalId: string;
  readonly customerId: string;
  /** The one thing in it that is sold. Null when it has none, or several: such a subscription is not ours. */
  readonly item: {
    readonly id: string;
    readonly priceId: string;
    readonly periodStart: Date;
    readonly periodEnd: Date;
  } | null;
  readonly status: SubscriptionStatus;
  /** What a cycle costs, in the currency's minor unit. */
  readonly amountMinor: number;
  readonly currency: string;
  /** The original boundary that all others are computed from. While a trial runs, its end. */
  readonly anchor: Date;
  readonly startedAt: Date;
  readonly trialEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancelAt: Date | null;
  readonly endedAt: Date | null;
  /** When the oldest invoice that is tried and not paid was made; null when nothing is owed. */
  readonly unpaidSince: Date | null;
  readonly card: CardOnFile | null;
  /** What the provider says of it that this version of the service does not know; null when there is nothing. It gives no plan then. */
  readonly unknown: string | null;
  /** The price that a schedule sets next. */
  readonly scheduled: { readonly priceId: string; readonly at: Date } | null;
}

/** What a snapshot is read by. */
export interface SubscriptionContext {
  /** What a price id stands for in our catalogue; null when it does not know it. */
  readonly planOf: (priceId: string) => SoldPlan<PlanName> | null;
  /** An older one of the same user that runs: somebody pays twice, and an operator must look. Null: none does. */
  readonly besides: string | null;
  readonly now: Date;
}

/** Runs, whatever is owed: as many as one of them may a user have. */
export function isLive(status: SubscriptionStatus): boolean {
  return !ENDED.includes(status) && status !== 'incomplete';
}

/** One subscription of a user: a copy of what its provider says, and what follows from it for the plan. Truth is this row. */
export class Subscription {
  constructor(
    readonly id: SubscriptionId,
    readonly userId: UserId,
    readonly gateway: string,
    readonly externalId: string,
    readonly customerId: string,
    /** Null while it is in review. */
    readonly sold: SoldPlan<PlanName> | null,
    readonly itemId: string | null,
    readonly priceId: string | null,
    readonly status: SubscriptionStatus,
    readonly amountMinor: number,
    readonly currency: string,
    readonly anchor: Date,
    readonly periodStart: Date,
    readonly periodEnd: Date,
    readonly startedAt: Date,
    readonly trialEnd: Date | null,
    readonly cancelAtPeriodEnd: boolean,
    readonly cancelAt: Date | null,
    readonly endedAt: Date | null,
    readonly card: CardOnFile | null,
    readonly pending: PendingChange | null,
    readonly dunning: Dunning,
    /** Why an operator must look: an unknown price, or a second subscription of the same user. It gives no plan meanwhile. */
    readonly review: string | null,
    /** Grows with every change. Whoever brings a snapshot says which version it was asked after. */
    readonly version: number,
    readonly updatedAt: Date,
  ) {}

  /** The first time that a subscription is heard of. */
  static of(
    id: SubscriptionId,
    userId: UserId,
    gateway: string,
    snapshot: SubscriptionSnapshot,
    told: SubscriptionContext,
  ): Subscription {
    const { externalId, customerId, startedAt } = snapshot;
    const blank = { id, userId, gateway, externalId, customerId, dunning: Dunning.clear, review: null, version: 0 };
    const first = Object.assign(Object.create(Subscription.prototype) as Subscription, blank, { updatedAt: startedAt });
    return first.followed(snapshot, told);
  }

  /** As the provider has it now. Itself when that is nothing new. What the price means, the catalogue says: never a guess. */
  followed(snapshot: SubscriptionSnapshot, { planOf, besides, now }: SubscriptionContext): Subscription {
    const { item, status, scheduled } = snapshot;
    const sold = item && planOf(item.priceId);
    const next = scheduled && planOf(scheduled.priceId);
    const changes = {
      sold,
      itemId: item?.id ?? null,
      priceId: item?.priceId ?? null,
      status,
      amountMinor: snapshot.amountMinor,
      currency: snapshot.currency,
      anchor: snapshot.anchor,
      periodStart: item?.periodStart ?? snapshot.startedAt,
      periodEnd: item?.periodEnd ?? snapshot.startedAt,
      startedAt: snapshot.startedAt,
      trialEnd: snapshot.trialEnd,
      cancelAtPeriodEnd: snapshot.cancelAtPeriodEnd,
      cancelAt: snapshot.cancelAt,
      endedAt: ENDED.includes(status) ? (snapshot.endedAt ?? now) : null,
      card: snapshot.card,
      pending: scheduled && next ? { ...next, at: scheduled.at } : null,
      dunning: this.dunning.followed(status, snapshot.unpaidSince ?? now),
      review: reviewOf(snapshot, sold, besides),
    };
    const isSame = Object.entries(changes).every(([name, value]) => isEqual(value, this[name as keyof Subscription]));
    return isSame ? this : this.with(changes, now);
  }

  /** Grace that is over by now has ended. Itself when it has not. */
  graceEndedAt(now: Date): Subscription {
    const dunning = this.dunning.graceEndedAt(now);
    return dunning === this.dunning ? this : this.with({ dunning }, now);
  }

  get isEnded(): boolean {
    return ENDED.includes(this.status);
  }

  get isLive(): boolean {
    return isLive(this.status);
  }

  /** The plan that it gives: none before the first payment, after the end, in review, when paused, and once grace is over. */
  get plan(): PlanName | null {
    if (this.sold === null || this.review !== null) return null;
    if (this.status === 'trialing' || this.status === 'active') return this.sold.plan;
    return this.dunning.state === 'grace' ? this.sold.plan : null;
  }

  get cycle(): BillingCycle | null {
    return this.sold?.cycle ?? null;
  }

  /** From which the user's usage periods are counted: months, also where it is paid by the year. A trial has its own. */
  get usageAnchor(): Date {
    return this.status === 'trialing' ? this.startedAt : this.anchor;
  }

  /** The month of use that contains `now`: the first one, where the clock of the provider, who began it, is ahead of ours. */
  usageMonthAt(now: Date): { readonly start: Date; readonly end: Date } {
    const anchor = this.usageAnchor;
    return BillingPeriod.containing(now < anchor ? anchor : now, anchor) as { start: Date; end: Date };
  }

  private with(changes: Partial<Subscription>, now: Date): Subscription {
    const next = { ...changes, version: this.version + 1, updatedAt: now };
    return Object.assign(Object.create(Subscription.prototype) as Subscription, this, next);
  }
}

function reviewOf(
  { item, unknown }: SubscriptionSnapshot,
  sold: SoldPlan | null,
  besides: string | null,
): string | null {
  if (unknown !== null) return unknown;
  if (besides !== null) return `The user has another subscription that runs: ${besides}. Cancel one, and refund it.`;
  if (item === null) return 'The subscription does not have exactly one item, so it is not one of ours.';
  return sold === null ? `Price ${item.priceId} is in no plan of the catalogue.` : null;
}

/** Values of a row: dates, plain records and scalars. */
function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
