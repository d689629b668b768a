import type { UserId } from '#domain/accounts/user';
import type { SoldPlan } from '#domain/billing/billing-cycle';
import { billingCycle, type PlanChange, planChange } from '#domain/billing/plan-change';
import { CancellationScheduled, mustBePaid, NothingToChange } from '#domain/billing/running-subscription';
import { SubscriptionPrices } from '#domain/billing/subscription-prices';
import { type PlanName, planName } from '#domain/plans/plan-name';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { GetLimitChanges, type LimitChange } from './get-limit-changes.js';
import { type ChangePreview, SubscriptionGateway } from './subscription-gateway.js';
import { SubscriptionRefresh } from './subscription-refresh.js';
import { wholeSecond } from './whole-second.js';

/** What a change would do. */
export interface PlanChangePreview extends PlanChange {
  readonly from: SoldPlan<PlanName>;
  readonly to: SoldPlan<PlanName>;
  /** When it would happen. A change at once that names this instant costs what is shown here. */
  readonly at: Date;
  /** Null when nothing is charged or given back by the change itself. */
  readonly money: ChangePreview | null;
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
    const change = planChange(from, to);
    if (change === null) throw new NothingToChange(to);
    const isNow = change.effective === 'now';
    const at = isNow ? wholeSecond(this.clock.now()) : subscription.periodEnd;
    const money = isNow && priceId !== null ? await this.gateway.previewChange(subscription, priceId, at) : null;
    return { from, to, ...change, at, money, limits: await this.limits.execute(userId, to.plan) };
  }
}
