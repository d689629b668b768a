import type { PlanName } from '../plans/plan-name.js';
import type { BillingCycle } from './billing-cycle.js';
import type { DunningState } from './dunning.js';
import type { SubscriptionStatus } from './subscription.js';

/** Subscriptions that are alike, and what a cycle of all of them costs. */
export interface RevenueGroup {
  /** Null while in review. */
  readonly plan: PlanName | null;
  readonly cycle: BillingCycle | null;
  readonly status: SubscriptionStatus;
  readonly dunning: DunningState;
  readonly inReview: boolean;
  readonly currency: string;
  readonly subscriptions: number;
  /** The sum of what one cycle of each costs, in the currency's minor unit. */
  readonly amountMinor: bigint;
}

/** From when to when a subscription was paid for, or should have been. */
export interface PaidLife {
  /** The end of its trial, or its beginning when it had none. */
  readonly from: Date;
  /** When it gave no plan any more, since it ended or since its grace did; null: it gives one. */
  readonly until: Date | null;
}

/** Half-open: `from` is in it, `to` is not. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

export interface Churn extends Span {
  /** Those that were paid for at the start of the span. */
  readonly atStart: number;
  /** Of these, those that are over at its end. */
  readonly lost: number;
  /** Of a million; null when there was none to lose. */
  readonly ratePpm: number | null;
}

/** In one currency, in its minor unit. */
export interface CurrencyRevenue {
  readonly currency: string;
  /** What a month brings: what is paid by the year counts a twelfth. */
  readonly mrr: bigint;
  /** What a year brings, exactly: not twelve times a rounded month. */
  readonly arr: bigint;
  /** What a month brings of each that pays; null when nobody does. */
  readonly arpu: bigint | null;
  /** The part of `mrr` that is in grace: it was asked for, and did not come. */
  readonly atRisk: bigint;
  readonly paying: number;
}

export interface PlanCount {
  readonly plan: PlanName;
  readonly cycle: BillingCycle;
  readonly paying: number;
  readonly trialing: number;
}

export interface Revenue {
  readonly at: Date;
  /** By the name of the currency. */
  readonly currencies: readonly CurrencyRevenue[];
  readonly paying: number;
  readonly trialing: number;
  readonly inGrace: number;
  readonly inReview: number;
  /** Every status that anybody has, ended ones too. */
  readonly byStatus: Readonly<Partial<Record<SubscriptionStatus, number>>>;
  readonly byPlan: readonly PlanCount[];
  readonly churn: Churn;
}

const MONTHS = { month: 1n, year: 12n } as const;

/** What subscriptions bring, and how many there are. Who counts is said in the README. */
export function revenueOf(groups: readonly RevenueGroup[], churn: Churn, at: Date): Revenue {
  const paying = groups.filter(isPaying);
  const trialing = groups.filter(isTrialing);
  return {
    at,
    currencies: namesOf(paying).map((currency) => ofCurrency(currency, paying)),
    paying: countOf(paying),
    trialing: countOf(trialing),
    inGrace: countOf(paying.filter(({ dunning }) => dunning === 'grace')),
    inReview: countOf(groups.filter(({ inReview }) => inReview)),
    byStatus: statusCounts(groups),
    byPlan: planCounts(paying, trialing),
    churn,
  };
}

/** Of those that were paid for at the start of the span, how many are over at its end. */
export function churnOf({ from, to }: Span, lives: readonly PaidLife[]): Churn {
  const atStart = lives.filter((life) => life.from <= from && (life.until === null || life.until > from));
  const lost = atStart.filter(({ until }) => until !== null && until <= to).length;
  const rate = atStart.length === 0 ? null : Number(dividedHalfUp(BigInt(lost) * 1_000_000n, BigInt(atStart.length)));
  return { from, to, atStart: atStart.length, lost, ratePpm: rate };
}

/** The one rounding of these figures: to the nearest minor unit, and half of one up. Neither number is below zero. */
export function dividedHalfUp(amount: bigint, by: bigint): bigint {
  return (2n * amount + by) / (2n * by);
}

/** Paid for, or in grace: until grace is over, what did not come is expected still. */
function isPaying({ status, dunning, inReview, cycle }: RevenueGroup): boolean {
  return !inReview && cycle !== null && (status === 'active' || dunning === 'grace');
}

function isTrialing({ status, inReview }: RevenueGroup): boolean {
  return !inReview && status === 'trialing';
}

function ofCurrency(currency: string, paying: readonly RevenueGroup[]): CurrencyRevenue {
  const own = paying.filter((group) => group.currency === currency);
  const [yearly, users] = [yearlyOf(own), countOf(own)];
  return {
    currency,
    mrr: dividedHalfUp(yearly, 12n),
    arr: yearly,
    arpu: users === 0 ? null : dividedHalfUp(yearly, 12n * BigInt(users)),
    atRisk: dividedHalfUp(yearlyOf(own.filter(({ dunning }) => dunning === 'grace')), 12n),
    paying: users,
  };
}

/** Twelve months of each, or its year. */
function yearlyOf(groups: readonly RevenueGroup[]): bigint {
  return groups.reduce((sum, { amountMinor, cycle }) => sum + (amountMinor * 12n) / MONTHS[cycle!], 0n);
}

function namesOf(groups: readonly RevenueGroup[]): readonly string[] {
  return [...new Set(groups.map(({ currency }) => currency))].sort();
}

function countOf(groups: readonly RevenueGroup[]): number {
  return groups.reduce((sum, { subscriptions }) => sum + subscriptions, 0);
}

function statusCounts(groups: readonly RevenueGroup[]): Revenue['byStatus'] {
  const statuses = [...new Set(groups.map(({ status }) => status))].sort();
  return Object.fromEntries(
    statuses.map((status) => [status, countOf(groups.filter((group) => group.status === status))]),
  );
}

function planCounts(paying: readonly RevenueGroup[], trialing: readonly RevenueGroup[]): readonly PlanCount[] {
  const counted = [...paying, ...trialing].filter(({ plan, cycle }) => plan !== null && cycle !== null);
  const names = [...new Set(counted.map(({ plan, cycle }) => `${plan} ${cycle}`))].sort();
  return names.map((name) => {
    const [plan, cycle] = name.split(' ') as [PlanName, BillingCycle];
    const of = (groups: readonly RevenueGroup[]): number =>
      countOf(groups.filter((group) => group.plan === plan && group.cycle === cycle));
    return { plan, cycle, paying: of(paying), trialing: of(trialing) };
  });
}
