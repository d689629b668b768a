import type { UserId } from '#domain/accounts/user';
import type { SoldPlan } from '#domain/billing/billing-cycle';
import { billingCycle, OLDEST_PREVIEW_SECONDS, planChange } from '#domain/billing/plan-change';
import {
  CancellationScheduled,
  mustBePaid,
  PreviewOutdated,
  type RunningSubscription,
} from '#domain/billing/running-subscription';
import { SubscriptionPrices } from '#domain/billing/subscription-prices';
import { instantWithin, wholeSecond } from '#domain/billing/whole-second';
import { type PlanName, planName } from '#domain/plans/plan-name';
import { Clock } from '../ports/clock.js';
import { UseCase } from '../use-case.js';
import { CustomerSynchronisation } from './customer-synchronisation.js';
import { deedKey } from './deed-key.js';
import { type CurrentSubscription, GetSubscription } from './get-subscription.js';
import { SubscriptionCancellation } from './subscription-cancellation.js';
import { SubscriptionGateway } from './subscription-gateway.js';
import { SubscriptionTurn } from './subscription-turn.js';

/** Clocks of several processes differ: an instant that one of them gave may lie ahead of another's. It is taken for now. */
const SKEW_MS = 60 * 1000;

/**
 * Another plan, or another cycle: more at once and for the difference, less at the end of what is paid for. More than what is tried ends
 * the trial, and is paid for whole.
 */
@UseCase()
export class SubscriptionChange {
  constructor(
    private readonly turn: SubscriptionTurn,
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
   * InvalidValue, PlanNotSold, NoSubscription, SubscriptionInReview, PaymentDue, SubscriptionPaused, CancellationScheduled,
   * PreviewOutdated, PaymentFailed, SubscriptionBusy and PaymentProviderUnavailable.
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
    await this.turn.withRunning(userId, (subscription) =>
      this.changed(subscription, to, priceId, previewAt, idempotencyKey),
    );
    return this.getSubscription.execute(userId);
  }

  private async changed(
    subscription: RunningSubscription,
    to: SoldPlan<PlanName>,
    priceId: string,
    previewAt: Date | null,
    idempotencyKey: string | null,
  ): Promise<void> {
    mustBePaid(subscription);
    if (subscription.cancelAtPeriodEnd) throw new CancellationScheduled(subscription);
    const key = deedKey(subscription, idempotencyKey, this.clock.now());
    const change = planChange(subscription.sold, to, subscription.status === 'trialing');
    if (change?.effective === 'now') {
      const at = this.instantOf(subscription, previewAt);
      // By another instant it is another deed: a provider refuses a key that comes back with other parameters.
      await this.gateway.changeNow(
        subscription,
        { priceId, at, endsTrial: change.endsTrial },
        `${key}:${at.getTime() / 1000}`,
      );
    } else if (change) {
      await this.gateway.changeAtPeriodEnd(subscription, priceId, key);
    } else if (subscription.pending) {
      await this.gateway.dropScheduledChange(subscription, key);
    } else return;
    await this.synchronisation.execute(subscription.customerId);
  }

  /** The instant that money is reckoned by. */
  private instantOf({ periodStart }: RunningSubscription, previewAt: Date | null): Date {
    const now = this.clock.now();
    const latest = instantWithin(periodStart, now);
    if (previewAt === null) return latest;
    const at = wholeSecond(previewAt);
    const oldest = Math.max(now.getTime() - OLDEST_PREVIEW_SECONDS * 1000, periodStart.getTime());
    if (at.getTime() < oldest || at.getTime() > latest.getTime() + SKEW_MS) throw new PreviewOutdated(previewAt, now);
    return at < latest ? at : latest;
  }
}
