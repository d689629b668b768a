import type { UserId } from '#domain/accounts/user';
import { cycleBoundary, type SoldPlan } from '#domain/billing/billing-cycle';
import { billingCycle, type PlanChange, planChange } from '#domain/billing/plan-change';
import {
  CancellationScheduled,
  mustBePaid,
  NothingToChange,
  type RunningSubscription,
} from '#domain/billing/running-subscription';
import { SubscriptionPrices } from '#domain/billing/subscription-prices';
import { instantWithin } from '#domain/billing/whole-second';
import { PlanCatalog } from '#domain/plans/plan-catalog';
import { type PlanName, planName } from '#domain/plans/plan-name';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { GetLimitChanges, type LimitChange } from './get-limit-changes.js';
import { listPrice, type NextCharge } from './next-charge.js';
import { type ChangePreview, SubscriptionGateway } from './subscription-gateway.js';
import { SubscriptionRefresh } from './subscription-refresh.js';

/** What a change would do. */
export interface PlanChangePreview extends PlanChange {
  readonly from: SoldPlan<PlanName>;
  readonly to: SoldPlan<PlanName>;
  /** When it would happen. A change at once that names this instant costs what is shown here. */
  readonly at: Date;
  /** Null when nothing is charged or given back by the change itself. */
  readonly money: ChangePreview | null;
  /** What is charged after it: null when nothing is, or the catalogue does not know it. */
  readonly nextCharge: NextCharge | null;
  readonly limits: readonly LimitChange[];
}

/** What a change of plan would cost, and what it would do to limits and use. Nothing is changed. */
@UseCase()
export class GetChangePreview {
  constructor(
    private readonly refresh: SubscriptionRefresh,
    private readonly prices: SubscriptionPrices,
    private readonly gateway: SubscriptionGateway,
    private readonly limits: GetLimitChanges,
    private readonly plans: PlanCatalog,
    private readonly clock: Clock,
  ) {}

  /**
   * Never inside a transaction. Throws InvalidValue, PlanNotSold, NoSubscription, SubscriptionInReview, PaymentDue,
   * CancellationScheduled, NothingToChange and PaymentProviderUnavailable.
   */
  async execute(userId: UserId, planId: string, cycle: string): Promise<PlanChangePreview> {
    const to = { plan: planName(planId), cycle: billingCycle(cycle) };
    const priceId = to.plan === 'free' ? null : this.prices.idOf(to.plan, to.cycle);
    const subscription = await this.refresh.execute(userId);
    mustBePaid(subscription);
    if (subscription.cancelAtPeriodEnd) throw new CancellationScheduled(subscription);
    const from = subscription.sold;
    const change = planChange(from, to, subscription.status === 'trialing');
    if (change === null) throw new NothingToChange(to);
    const isNow = change.effective === 'now';
    const at = isNow ? instantWithin(subscription.periodStart, this.clock.now()) : subscription.periodEnd;
    const immediate = isNow && priceId !== null ? { priceId, at, endsTrial: change.endsTrial } : null;
    const money = immediate && (await this.gateway.previewChange(subscription, immediate));
    const nextCharge = this.nextChargeOf(subscription, to, at, change);
    return { from, to, ...change, at, money, nextCharge, limits: await this.limits.execute(userId, to.plan) };
  }

  /** At the end of the period that runs then: another cycle begins its own, unless a trial runs on. */
  private nextChargeOf(
    { status, currency, periodEnd, sold }: RunningSubscription,
    { plan, cycle }: SoldPlan<PlanName>,
    at: Date,
    { effective, endsTrial }: PlanChange,
  ): NextCharge | null {
    const amountMinor = plan === 'free' ? null : listPrice(this.plans, plan, cycle, currency);
    if (amountMinor === null) return null;
    const isNewCycle = endsTrial || (effective === 'now' && cycle !== sold.cycle && status !== 'trialing');
    return { amountMinor, currency, at: isNewCycle ? cycleBoundary(at, cycle, 1) : periodEnd };
  }
}
