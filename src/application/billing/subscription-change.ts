import type { UserId } from '#domain/accounts/user';
import { billingCycle, OLDEST_PREVIEW_SECONDS, planChange } from '#domain/billing/plan-change';
import {
  CancellationScheduled,
  mustBePaid,
  PreviewOutdated,
  type RunningSubscription,
} from '#domain/billing/running-subscription';
import { SubscriptionPrices } from '#domain/billing/subscription-prices';
import { planName } from '#domain/plans/plan-name';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { deedKey } from './deed-key.js';
import { type CurrentSubscription, GetSubscription } from './get-subscription.js';
import { SubscriptionCancellation } from './subscription-cancellation.js';
import { SubscriptionGateway } from './subscription-gateway.js';
import { SubscriptionRefresh } from './subscription-refresh.js';
import { wholeSecond } from './whole-second.js';

/** Clocks of several processes differ: an instant that one of them gave may lie ahead of another's. */
const SKEW_MS = 60 * 1000;

/** Another plan, or another cycle: more at once and for the difference, less at the end of what is paid for. */
@UseCase()
export class SubscriptionChange {
  constructor(
    private readonly refresh: SubscriptionRefresh,
    private readonly prices: SubscriptionPrices,
    private readonly gateway: SubscriptionGateway,
    private readonly cancellation: SubscriptionCancellation,
    private readonly synchronisation: CustomerSynchronisation,
    private readonly getSubscription: GetSubscription,
    private readonly clock: Clock,
  ) {}

  /**
   * What is true after it. To what one has already, it drops a change that was scheduled; repeated, it does nothing twice. `previewAt` is
   * the instant of the preview that was agreed to; null: whatever it costs now. Never inside a transaction. Throws
   * InvalidValue, PlanNotSold, NoSubscription, SubscriptionInReview, PaymentDue, CancellationScheduled, PreviewOutdated,
   * PaymentFailed and PaymentProviderUnavailable.
   */
  async execute(
    userId: UserId,
    planId: string,
    cycle: string,
    previewAt: Date | null,
    idempotencyKey: string | null,
  ): Promise<CurrentSubscription> {
    const to = { plan: planName(planId), cycle: billingCycle(cycle) };
    if (to.plan === 'free') return this.cancellation.execute(userId, 'period_end', idempotencyKey);
    const priceId = this.prices.idOf(to.plan, to.cycle);
    const subscription = await this.refresh.execute(userId);
    mustBePaid(subscription);
    if (subscription.cancelAtPeriodEnd) throw new CancellationScheduled(subscription);
    const key = deedKey(subscription, idempotencyKey, this.clock.now());
    const change = planChange(subscription.sold, to);
    if (change?.effective === 'now') {
      const at = this.instantOf(subscription, previewAt);
      // By another instant it is another deed: a provider refuses a key that comes back with other parameters.
      await this.gateway.changeNow(subscription, priceId, at, `${key}:${at.getTime() / 1000}`);
    } else if (change) {
      await this.gateway.changeAtPeriodEnd(subscription, priceId, key);
    } else if (subscription.pending) {
      await this.gateway.dropScheduledChange(subscription, key);
    }
    await this.synchronisation.execute(subscription.customerId);
    return this.getSubscription.execute(userId);
  }

  /** The instant that money is reckoned by. */
  private instantOf({ periodStart }: RunningSubscription, previewAt: Date | null): Date {
    const now = this.clock.now();
    if (previewAt === null) return wholeSecond(now);
    const at = wholeSecond(previewAt);
    const oldest = Math.max(now.getTime() - OLDEST_PREVIEW_SECONDS * 1000, periodStart.getTime());
    if (at.getTime() < oldest || at.getTime() > now.getTime() + SKEW_MS) throw new PreviewOutdated(previewAt, now);
    return at;
  }
}
